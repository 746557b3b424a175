import { count, plural } from '../../design/format.ts';

interface Counts {
  new: number;
  changed: number;
  same: number;
}

/** Words of taking the register in and out. */
export const exchange = {
  import: 'Take vendors in',
  previewReason: 'Only looked at',
  file: 'The file',
  fileHint: 'At most 32 million characters and 20,000 vendors.',
  tooLarge: (size: string) => `It has ${size}, which is more than is taken at once. Hand it in in parts.`,
  given: (name: string, size: string) => `${name}, ${size}`,
  looking: (name: string) => `${name} is being read; nothing is changed yet…`,
  format: 'What it is',
  formats: { csv: 'A table (CSV)', json: 'An export of a register', probo: 'Probo’s list of vendors' },
  formatHints: {
    csv: 'Its first line names columns: name, and as many of domain, category, owner, purpose, criticality, tier, status, legal_name as there are',
    json: 'As “JSON” below saves it; it gives the same register',
    probo: 'An array of vendors; their certifications are left out',
  },
  source: 'Whose word it is',
  sourceHint: 'Where the file does not say it itself',
  asOf: 'As of',
  preview: 'Show what it would change',
  would: (name: string) => `What ${name} would change`,
  wouldDo: (counts: Counts) =>
    counts.new + counts.changed === 0
      ? `Nothing: ${plural(counts.same, 'vendor is', 'vendors are')} as the file has them.`
      : `Nothing is changed yet. ${count(counts.new)} new, ${count(counts.changed)} changed, ${count(counts.same)} as they are.`,
  done: (counts: Counts) =>
    `Done: ${count(counts.new)} new, ${count(counts.changed)} changed, ${count(counts.same)} as they were.`,
  take: (vendors: number) => `Take in ${plural(vendors, 'vendor', 'vendors')}`,
  taking: (vendors: number) => `${plural(vendors, 'vendor is', 'vendors are')} being taken in…`,
  back: 'Back to the file',
  close: 'Done',
  unread: (names: readonly string[]) => `Nothing is made of: ${names.join(', ')}.`,
  wrong: 'What is wrong in the file',
  inFile: 'the file',
  effects: 'Vendors of the file',
  vendor: 'Vendor',
  effect: 'It is',
  effectNames: { new: 'new', changed: 'changed', same: 'as it is' },
  changes: 'What changes',
  kept: (fields: readonly string[]) => `stays as it is: ${fields.join(', ')}`,
  more: (vendors: number) => `and ${plural(vendors, 'more', 'more')}.`,
  missing: (files: number) =>
    `${plural(files, 'file that it names is', 'files that it names are')} not here; hand them in by their hashes:`,
  exportLabel: 'Save the register as',
  exportHint:
    'Contacts stand in it in clear, and the export goes on record. CycloneDX is the chain of vendors.',
  exports: { csv: 'CSV', json: 'JSON', cdx: 'CycloneDX' },
  tiers: 'Tiers',
  due: 'Due',
  dueBy: { overdue: 'already', days30: 'within 30 days', days90: 'within 90 days' },
  nobody: '? nobody',
  noTier: '? none',
  notFound: 'No vendor fits these filters',
  notFoundLead: 'Take one of the filters away.',
} as const;
