import { count, plural } from '../../design/format.ts';

export const review = {
  tab: 'Review queue',
  title: (names: number, more: boolean) =>
    `${more ? 'More than ' : ''}${plural(names, 'name', 'names')} that no rule knows`,
  none: 'No name waits for a decision',
  noneLead: 'Every property and event name that apps sent is known to the field maps and contracts.',
  lead: 'Until you decide, the contract’s rule for the unknown holds. A name is shown once five subjects have sent it; before that it could be about one person.',
  name: 'Name',
  hidden: 'hidden, fewer than five subjects',
  kind: 'What',
  kinds: {
    property: 'property',
    event_name: 'event name',
    path_segment: 'path segment',
    parameter: 'parameter',
  } as Record<string, string>,
  shape: 'Shape',
  subjects: 'Subjects',
  count: 'Times',
  first: 'First seen',
  last: 'Last seen',
  connection: 'Connection',
  decide: 'Decide',
  decideTitle: (name: string | null, kind: string) =>
    name === null
      ? `A ${kind} whose name is hidden`
      : `“${name}”, ${kind === 'event name' ? 'an' : 'a'} ${kind}`,
  hash: 'Hash',
  seen: (subjects: number, times: number) =>
    `${plural(subjects, 'subject', 'subjects')} sent it, ${count(times)} ${times === 1 ? 'time' : 'times'} in all.`,
  decision: 'Decision',
  allow: { label: 'Allow it', hint: 'It crosses from the next contract version on, treated as you say.' },
  keep: {
    label: 'Keep it as it is',
    hint: 'The contract’s rule for the unknown stays; it leaves this queue.',
  },
  cannotAllow:
    'A hidden name can only be kept. If you know what your app sends, allow the name on the connection’s page.',
  class: 'Kind of data',
  treatment: 'Treatment',
  submit: 'Decide',
  reasonAllow: (name: string) => `Allow ${name}`,
  reasonKeep: 'Keep the rule for the unknown',
  exampleName: 'plan_tier',
  exampleText: 'property, text, 212 subjects',
} as const;
