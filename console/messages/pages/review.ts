import { plural } from '../../design/format.ts';

export const review = {
  tab: 'Review queue',
  title: (names: number, more: boolean) =>
    `${more ? 'More than ' : ''}${plural(names, 'name', 'names')} that no rule knows`,
  none: 'No name waits for a decision',
  noneLead:
    'Every property and event name that apps sent is known to the field maps and contracts, or was decided about.',
  noneFits: 'No name that waits fits these filters',
  noneFitsLead: 'Others may wait: widen the filters to see them.',
  lead: 'Until you decide, the contract’s rule for the unknown holds. A name is shown once five subjects have sent it; before that it could be about one person.',
  name: 'Name',
  hidden: 'hidden',
  hiddenMeans: 'Fewer than five subjects have sent it: the name could be about one person.',
  kind: 'What',
  kinds: {
    property: 'property',
    event_name: 'event name',
    path_segment: 'path segment',
    parameter: 'parameter',
  } as Record<string, string>,
  shape: 'Shape',
  subjects: 'Subjects',
  fiveOrMore: '5 or more',
  count: 'Crossings',
  first: 'First seen',
  last: 'Last seen',
  connection: 'Connection',
  decideTitle: (kind: string) => `A ${kind} whose name is hidden`,
  hash: 'Hash',
  seen: (subjects: number, times: number) =>
    `${subjects >= 5 ? 'Five subjects or more' : plural(subjects, 'subject', 'subjects')} sent it, in ${plural(times, 'crossing', 'crossings')}.`,
  decision: 'Decision',
  allow: { label: 'Allow it', hint: 'It crosses from the next contract version on, treated as you say.' },
  keep: {
    label: 'Keep it as it is',
    hint: 'The contract’s rule for the unknown stays; it leaves this queue.',
  },
  typeName: 'The name',
  typeNameHint:
    'It is hidden until five subjects have sent it. If you know what your app sends, type it: it is compared by its hash.',
  class: 'Kind of data',
  treatment: 'Treatment',
  submit: 'Decide',
  reasonAllow: (name: string) => `Allow ${name}`,
  reasonKeep: 'Keep the rule for the unknown',
  vendor: 'Vendor',
  app: 'App',
  apps: 'Sent by',
  pick: (name: string) => `Choose ${name}`,
  pickHead: 'Choose',
  chosen: (names: number) => `Decide about ${plural(names, 'name', 'names')}`,
  chosenNone: 'Choose names to decide about several at once',
  bulkTitle: (names: number, first: string) =>
    names === 1 ? `“${first}”, wherever it stands` : `${plural(names, 'name', 'names')} at once`,
  bulkHidden:
    'Some of them are hidden: they can be kept as they are together, or allowed one by one by who knows them.',
  everywhere: 'On every connection of the vendor, not only where they were seen',
  covers: 'What it covers',
  coversNames: (names: string) => `Event names and path segments pass as they are: ${names}.`,
  coversPaths: (paths: string) => `Wherever no field map knows it, such as ${paths}.`,
  vendorGets: (connection: string, treatment: string, names: string) =>
    `On ${connection} the vendor gets ${names} ${treatment}, from the next contract version on.`,
  vendorGetsNot: (connection: string, names: string) => `On ${connection} the vendor does not get ${names}.`,
  keeps: 'The rules for the unknown stay as they are, and the names leave this queue.',
  exampleName: 'plan_tier',
  exampleText: 'property, text, sent by 5 subjects or more',
} as const;
