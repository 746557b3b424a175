import { plural } from '../../design/format.ts';

/** The side-by-side view on what really crossed of a connection. */
export const seen = {
  choice: 'What crossed here',
  example: 'The pack’s example',
  from: (crossings: number) =>
    `From the latest ${plural(crossings, 'forwarded crossing', 'forwarded crossings')},`,
  to: 'to',
  madeUp: 'The values are made up: of what crossed, only paths, kinds and shapes are on record.',
  again: 'Look again',
  nothing:
    'Nothing has crossed on this connection yet. The pack’s example shows the effect until something does.',
  unreadable: 'Something crossed here, but nothing of it can be read any more.',
  erased: (items: number) => `${plural(items, 'payload item was', 'payload items were')} erased.`,
  missing: (items: number) =>
    `${plural(items, 'payload item was', 'payload items were')} deleted at the gateway before ${items === 1 ? 'it was' : 'they were'} shipped.`,
  unread: (items: number) =>
    `${plural(items, 'payload item was', 'payload items were')} not read, as that would be too much at once.`,
  leftOff: (fields: number) => `${plural(fields, 'rarer field is', 'rarer fields are')} left off.`,
  lifted: (crossings: number) =>
    `${plural(crossings, 'of these crossings was', 'of these crossings were')} taken while the contract did not hold in full. On the right is what the vendor would get where it does.`,
  differs: (fields: number) =>
    fields === 0
      ? 'Under these rules it would cross as it did.'
      : `${plural(fields, 'field', 'fields')} would cross otherwise than ${fields === 1 ? 'it' : 'they'} did.`,
  onlyChanged: 'Only these',
  refused: (fields: string) => `Requests that carry ${fields} would be refused whole.`,
  table: (endpoint: string) => `What crossed through ${endpoint}, and what would`,
  endpoint: (crossings: number) => plural(crossings, 'crossing', 'crossings'),
  sent: 'Your app sends (made-up values)',
  gets: (vendor: string) => `${vendor} would get`,
  nothingSent: 'not sent',
  in: (crossings: number) => plural(crossings, 'crossing', 'crossings'),
  open: (crossings: number, path: string) =>
    `${plural(crossings, 'crossing', 'crossings')} with ${path}: show them`,
  unmapped: 'No rule maps it.',
  hidden: 'a hidden name',
  review: 'In the review queue',
  change: {
    treatment: (now: string, then: string) => `now ${now} → then ${then}`,
    form: (now: string) => `still ${now}, but otherwise than now`,
    value: (now: string) => `now ${now} → then it depends on the value`,
  },
  counts: 'Values seen',
} as const;
