import { count, plural } from '../../design/format.ts';

export const privacy = {
  button: 'What its prompts carry',
  tab: (app: string) => `Privacy of ${app}`,
  title: (app: string, kinds: number, days: number) =>
    `${app} carried ${plural(kinds, 'kind', 'kinds')} of data in ${days} days`,
  titleNothing: (app: string, days: number) => `${app} carried no known kind of data in ${days} days`,
  titleNone: (app: string, days: number) => `Nothing of ${app} crossed in ${days} days`,
  lead: 'What was found in its crossings, and what became of it. A number counts crossings; one that carried two kinds counts for both. In observe mode only secrets are treated: what else crossed counts as passed.',
  back: (app: string) => `Back to ${app}`,
  noApp: 'There is no such app',
  range: 'Range',
  ranges: { '7': 'A week', '30': 'A month' } as const,
  kinds: 'Kinds of data, by day',
  kindsLead: 'Each bar is a day of UTC, in the colours of what became of the data. All rows have one scale.',
  scale: (most: number) => `the highest bar: ${plural(most, 'crossing', 'crossings')}`,
  kind: 'Kind of data',
  all: 'All',
  bar: (kind: string, day: string, parts: string) => `${kind}, ${day}: ${parts}`,
  part: (crossings: number, treatment: string) => `${count(crossings)} ${treatment}`,
  looked: 'Looked through',
  lookedStates: {
    none: 'nothing crossed',
    yes: 'free text was looked through',
    partly: 'looked through for a part of it',
    no: 'free text was not looked through',
    unread: 'all refused before they were looked through',
  },
  lookedLegend:
    'Looked through: a line where free text was, half a line where for a part, ? where it was not and nobody knows, – where all was refused unseen, also because it would have taken too long or failed; nothing where nothing crossed.',
  lookedDay: (day: string, state: string, crossings: number) =>
    crossings === 0 ? `${day}: ${state}` : `${day}, ${plural(crossings, 'crossing', 'crossings')}: ${state}`,
  unknown: (crossings: number, connections: string) =>
    `Free text of ${plural(crossings, 'crossing', 'crossings')} to ${connections} was not, or not all day, looked through: what it carried is not known. What stands here of them is what their fields are known to hold.`,
  unknownAct: 'Have it looked through:',
  contractOf: (name: string) => `the contract of ${name}`,
  table: 'The same as a table',
  day: 'Day',
  treatment: 'What became of it',
  crossings: 'Crossings',
  show: (crossings: number, kind: string, day: string) =>
    `${plural(crossings, 'crossing', 'crossings')} that carried ${kind} on ${day}`,
  nothingFound: 'Nothing was found in what was looked through',
  empty: 'Nothing crossed in this time',
  emptyLead:
    'Once the app sends requests with a key of its own, the kinds of data that its prompts carry stand here, day by day.',
  example:
    'E-mail addresses in 41 of 1,204 prompts on Tuesday, all of them tokenised before the vendor got them',
  seeKeys: 'See its keys',
} as const;
