import { count, plural } from '../../design/format.ts';

export const overview = {
  tab: 'Overview',
  titleEmpty: 'Nothing has crossed to a vendor yet',
  title: (vendors: number, people: number) =>
    people === 0
      ? `${plural(vendors, 'vendor holds', 'vendors hold')} no data about people`
      : `${plural(vendors, 'vendor holds', 'vendors hold')} data about ${plural(people, 'person', 'people')}`,
  lead: (crossed: number, refused: number) =>
    `In the last 24 hours ${plural(crossed, 'request', 'requests')} crossed${refused > 0 ? ` and ${count(refused)} were refused` : ''}.`,
  contradictions: (statements: number) =>
    `${plural(statements, 'statement of where data is kept is', 'statements of where data is kept are')} contradicted by where crossings went.`,
  attention: 'Needs a person now',
  approvalsWait: (count: number) =>
    count === 1
      ? 'A change that somebody asked for waits for you, as the second person.'
      : `${count} changes that others asked for wait for you, as the second person.`,
  picture: 'What each vendor got, by kind of data',
  pictureLead:
    'Each square is a kind of data with the most revealing treatment under which that vendor got it.',
  nothingThere: 'nothing observed',
  groups: {
    person: 'Person',
    device: 'Device',
    network: 'Network',
    geo: 'Place',
    org: 'Organisation',
    web: 'Pages',
    event: 'Events',
    content: 'Content',
    file: 'Files',
    model: 'Model',
    sdk: 'SDK',
    secret: 'Secrets',
    payment: 'Payment',
    business: 'Business secrets',
    custom: 'Patterns of ours',
  } as Record<string, string>,
  vendors: 'Vendors',
  seen: 'How Drawbridge stands',
  apps: 'Apps',
  connections: 'Connections',
  people: 'People in the ledger',
  crossings: 'Crossed, last 24 h',
  refused: 'Refused, last 24 h',
  gateways: 'Gateways',
  gatewayMissing: (id: string, ago: string) =>
    `Gateway ${id} was last seen ${ago}. It keeps serving from its last snapshot if it still runs; look at its host.`,
  gatewayNever: (id: string) =>
    `Gateway ${id} has never reported. Start it, or look at its host: it needs to reach the control plane.`,
  gatewayBehind: (id: string, has: number, wanted: number) =>
    `Gateway ${id} runs on snapshot ${has}; ${wanted} is current. Changes are not in force there yet.`,
  journalBehind: (id: string, records: number) =>
    `Gateway ${id} has ${plural(records, 'record', 'records')} that have not been shipped yet. What is shown here is older than that.`,
  noGateway: 'No gateway has reported yet.',
  gateway: 'Gateway',
  snapshot: (version: number | null) => (version === null ? 'snapshot unknown' : `snapshot ${version}`),
  shipped: (records: number | null) =>
    records === null ? 'records shipped unknown' : `${plural(records, 'record', 'records')} shipped`,
  steps: {
    title: 'First steps',
    done: 'done',
    todo: 'to do',
    connect: 'Connect a vendor: choose what may cross before anything does.',
    connection: 'Connect a vendor: choose what may cross before anything does.',
    app: 'Name the app that will call it.',
    key: 'Give the app a virtual key in place of the vendor’s credential.',
    crossing: 'Send a first request and see what crossed.',
    contract: 'Look at the data contract and fit it to what you need.',
    review: 'Decide about names that no rule knows.',
  } as Record<string, string>,
  teach:
    'Point an SDK at Drawbridge and it works as before, but the vendor gets only what the data contract allows, and each request is on record before it leaves.',
  exampleApp: 'The app sent',
  exampleVendor: 'The vendor got',
} as const;
