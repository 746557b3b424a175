import { plural } from '../../design/format.ts';

export const review = {
  tab: 'Review queue',
  title: (names: number, more: boolean) =>
    `${more ? 'More than ' : ''}${plural(names, 'name', 'names')} that no rule knows`,
  none: 'No name waits for a decision',
  noneLead: 'Every property and event name that apps sent is known to the field maps and contracts.',
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
  decideTitle: (name: string | null, kind: string) =>
    name === null
      ? `A ${kind} whose name is hidden`
      : `“${name}”, ${kind === 'event name' ? 'an' : 'a'} ${kind}`,
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
  exampleName: 'plan_tier',
  exampleText: 'property, text, sent by 5 subjects or more',
} as const;
