import { count, plural } from '../../design/format.ts';

export const modes = {
  title: 'Mode',
  lead: 'How far the data contract and policies hold for this connection. What a key may do, the vendor’s credential, and secrets that the contract keeps back are treated alike in every mode.',
  choose: 'What happens to a request',
  names: {
    observe: 'Observe',
    minimise: 'Minimise',
    enforce: 'Enforce',
    break_glass: 'Break-glass',
  } as Record<string, string>,
  hints: {
    observe:
      'It crosses as the app sent it, and is recorded with what the contract and policies would have done.',
    minimise: 'Data is minimised. Nothing is refused for what it is: what would be, is dropped.',
    enforce: 'The data contract and policies hold.',
  } as Record<string, string>,
  put: (mode: string) => `Put “${mode}” in force`,
  saved: 'Saved. In force within a second.',
  reportTitle: 'What enforcing it would change',
  differenceTitle: (mode: string) => `What “${mode}” would change`,
  rests: (crossings: number) => `Over the latest ${plural(crossings, 'crossing', 'crossings')}, since`,
  nothing: 'No crossing to go by yet: what it would change is unknown. It can be put in force all the same.',
  same: 'Over these crossings, it would change nothing.',
  otherContracts: (crossings: number) =>
    `${plural(crossings, 'crossing was', 'crossings were')} taken under another version of the contract than is in force now.`,
  refusedUnread: (crossings: number) =>
    `${plural(crossings, 'crossing was', 'crossings were')} refused: of what else ${crossings === 1 ? 'it' : 'they'} held, nothing is known.`,
  refusedAfter: (crossings: number) => `${plural(crossings, 'crossing', 'crossings')} would be refused.`,
  refusedNone: 'None of them would be refused.',
  freed: (crossings: number) =>
    `${plural(crossings, 'crossing that is', 'crossings that are')} refused now would cross.`,
  class: 'Kind of data',
  now: 'Now',
  after: 'Then',
  crossings: 'Crossings',
  values: 'Values',
  why: 'Why it would be refused',
  whyNow: 'Why it is refused now',
  unchanged: (kinds: number) => `${plural(kinds, 'kind', 'kinds')} of data would be treated as now.`,
  open: (crossings: number, name: string) =>
    `${plural(crossings, 'crossing', 'crossings')} with ${name}: show them`,
  examples: (shown: number, crossings: number) =>
    shown === crossings ? 'These are they' : `The latest ${count(shown)} of ${count(crossings)}`,
  allOfClass: 'All that carried it',
  state: 'Mode',
  listed: (names: readonly string[]) => `Mode: ${names.map((name) => name.toLowerCase()).join(', ')}`,

  crossing: {
    title: 'What would have been done',
    lead: {
      observe: 'Taken in “observe”: it crossed as the app sent it, but for the credential.',
      minimise: 'Taken in “minimise”: nothing is refused for what it is.',
      break_glass: 'Taken while the glass was broken: the contract and policies were lifted.',
    } as Record<string, string>,
    same: 'The contract and policies would have done the same.',
    refused: 'It would have been refused',
    wouldBe: 'would have been',
  },

  glass: {
    title: 'Break-glass',
    lead: 'In an emergency: lifts the data contract and policies of this connection for a time, as in “observe”. Secrets stay blocked. It ends by itself, at the gateway too.',
    begin: 'Break the glass',
    beginTitle: (name: string) => `Lift the contract of ${name}`,
    beginLead: (name: string) =>
      `Within a second, what apps send to ${name} crosses as it is. What crosses meanwhile stays with the vendor: ending this does not bring it back. Everyone who looks at the console sees it.`,
    minutes: 'For how long',
    lengths: [
      ['15', '15 minutes'],
      ['60', '1 hour'],
      ['240', '4 hours'],
      ['720', '12 hours'],
      ['1440', '24 hours'],
    ],
    there: 'One is asked for or in force: it stands at the top of every page.',
    severed: 'The connection is severed: nothing crosses, and this would not change it.',
    banner: 'Broken glass',
    inForce: 'Contract and policies are lifted for',
    asked: 'Somebody has to agree before contract and policies are lifted for',
    by: (who: string, approvedBy: string | null) =>
      approvedBy === null ? `By ${who}` : `By ${who}, approved by ${approvedBy}`,
    alone: 'One person did it: there is nobody else who could approve it.',
    past: 'Earlier ones',
    neverInForce: 'It was never in force.',
    expired: 'Its time was over at',
    endedBy: (who: string, why: string) => `Ended by ${who} (${why}) at`,
    ends: (left: string) => `Ends ${left},`,
    approve: 'Approve it',
    end: 'End it',
    endTitle: (name: string) => `End the break-glass of ${name}`,
    endLead: 'Within a second the contract and policies hold again, in the mode that the connection has.',
    approveTitle: (name: string) => `Approve the break-glass of ${name}`,
    attention: (name: string, who: string, left: string) =>
      `The glass is broken for ${name}, by ${who}: contract and policies are lifted. It ends ${left}.`,
    attentionAsked: (name: string, who: string) =>
      `${who} asks to lift contract and policies of ${name}. Somebody else has to approve it.`,
  },
} as const;
