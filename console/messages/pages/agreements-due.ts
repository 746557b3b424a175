/** Apart from the register's other words: the overview loads them first of all. */
export const agreementsDue = {
  title: 'Agreements running out',
  lead: 'Signed, with a last day within 90 days or past it, and not ended.',
  ends: (day: string, over: boolean) => (over ? `ran out on ${day}` : `until ${day}`),
  kinds: {
    dpa: 'DPA',
    scc: 'SCC',
    baa: 'BAA',
    nda: 'NDA',
    msa: 'MSA',
    dpf: 'DPF',
    bcr: 'BCR',
    sla: 'SLA',
    other: 'Other',
  },
} as const;
