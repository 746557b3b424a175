import { count, plural } from '../../design/format.ts';

export const vendors = {
  tab: 'Vendors',
  openIncident: 'Open an incident',
  listTitle: (vendors: number) => `${plural(vendors, 'vendor gets', 'vendors get')} data through Drawbridge`,
  listLead: 'Ordered by how many people each holds data about.',
  vendor: 'Vendor',
  kind: 'Kind',
  kinds: { ai: 'AI', analytics: 'Analytics' } as Record<string, string>,
  people: 'People',
  classes: 'Kinds of data it got',
  crossings: 'Crossings, 24 h',
  refused: 'Refused, 24 h',
  last: 'Last crossing',
  state: 'State',
  emptyTitle: 'No vendor is connected',
  empty:
    'Each vendor you connect gets a page that says what it holds, about how many people, and since when.',
  exampleTitle: 'Mixpanel holds 4 kinds of data about 1,204 people',

  sightings: {
    title: 'Asked for, not served',
    lead: 'What apps asked this vendor for with a key of ours, and the gateway refused because no pack describes it or because it is a WebSocket. :x stands for a part of the path that may be an id or a name. docs/gateway.md says what to do.',
    asked: 'Asked for',
    webSocket: 'WebSocket',
    times: 'Times',
    app: 'App',
  },

  holds: (vendor: string, classes: number, people: number) =>
    classes === 0
      ? `${vendor} has got no data through Drawbridge yet`
      : people === 0
        ? `${vendor} holds ${plural(classes, 'kind', 'kinds')} of data about no person we could tell`
        : `${vendor} holds ${plural(classes, 'kind', 'kinds')} of data about ${plural(people, 'person', 'people')}`,
  severedTitle: (vendor: string) => `${vendor} is severed: nothing crosses`,
  lead: 'in the crossings that Drawbridge recorded',
  leadAnd: ', and data about',
  organisations: (organisations: number) => plural(organisations, 'organisation', 'organisations'),
  leadPaths: 'Data that reached it on other paths is not counted.',
  evidence: 'Open the crossings it was counted from',
  heatTitle: 'When it got what, in the last 30 days',
  heatLead: 'A row is a kind of data, a square is a day; the stronger the colour, the more people.',
  heatNone: 'Nothing crossed in the last 30 days.',
  heatCell: (label: string, day: string, people: number, crossings: number) =>
    `${label}, ${day}: ${plural(people, 'person', 'people')}, ${plural(crossings, 'crossing', 'crossings')}`,
  heatScale: (max: number) => `1 to ${count(max)} people a day`,
  heatKeys: 'Arrow keys move through the days; Enter opens the crossings.',
  holdings: 'Holdings',
  holdingsNone: 'Of what was sent to it, nothing was left with it.',
  holdingsLead:
    'What crossed. What is proven deleted is not taken off here: the register below says what is.',
  field: 'Kind of data',
  treatment: 'Treatment',
  since: 'Since',
  lastSeen: 'Last',
  apps: 'From',
  quotable: 'quotable',
  quotableMeans: 'A stranger who holds this value could quote it to the person to be believed.',
  notGot: 'What it did not get',
  notGotLead: 'Dropped or refused by the data contract before anything left.',
  connections: 'Connections',
  connectionsLead: 'Our configured uses of this vendor.',
  connection: 'Connection',
  region: 'Region',
  credential: 'Credential',
  contract: 'Contract',
  missingCredential: 'not entered',
  version: (version: number) => `version ${version}`,

  exposures: {
    tab: 'Exposure',
    title: {
      held: (vendor: string) => `Whose data ${vendor} holds`,
      all: (vendor: string) => `Whose data crossed to ${vendor}, or was kept from it`,
      heldOf: (vendor: string, label: string) => `Whose ${label} ${vendor} holds`,
      keptOf: (vendor: string, label: string) => `Whose ${label} ${vendor} did not get`,
      allOf: (vendor: string, label: string) => `Whose ${label} crossed to ${vendor}, or was kept from it`,
    },
    lead: 'One row per subject, app, connection, kind of data and treatment. Subjects are known here only by a pseudonym under the ledger key.',
    counted: (people: number, organisations: number) =>
      `These rows are about ${[
        ...(people > 0 || organisations === 0 ? [plural(people, 'person', 'people')] : []),
        ...(organisations > 0 ? [plural(organisations, 'organisation', 'organisations')] : []),
      ].join(' and ')}; subjects that are linked are one person.`,
    held: 'Rows',
    heldOnly: 'only what it holds',
    about: 'About',
    abouts: { person: 'people', organisation: 'organisations' },
    exampleRow: 'known by user id: country, passed, in 12 crossings',
    subject: 'Subject',
    kind: 'Known by',
    kinds: { user: 'user id', email: 'e-mail', device: 'device', group: 'organisation' } as Record<
      string,
      string
    >,
    app: 'App',
    connection: 'Connection',
    crossings: 'Crossings',
    first: 'First seen',
    last: 'Last seen',
    back: (vendor: string) => `All that ${vendor} holds`,
    empty: 'Nobody’s data crossed like this',
    emptyLead: 'No record in the traffic that went through Drawbridge.',
    class: 'Kind of data',
    treatment: 'Treatment',
  },
} as const;
