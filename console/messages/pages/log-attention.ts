/** Apart from the other words on logs: the overview loads them first of all. */
export const logAttention = {
  names: { control: 'Changes of this deployment', root: 'All logs together' } as Record<string, string>,
  attention: (name: string, text: string) => `Log “${name}”: ${text}`,
  attentionWrong: (name: string) => `Log “${name}” did not verify in this browser.`,
  open: 'Audit',
};
