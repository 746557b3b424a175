import { count, plural } from '../../design/format.ts';

export const vendors = {
  tab: 'Vendors',
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

  holds: (vendor: string, classes: number, people: number) =>
    classes === 0
      ? `${vendor} has got no data through Drawbridge yet`
      : people === 0
        ? `${vendor} holds ${plural(classes, 'kind', 'kinds')} of data about no person we could tell`
        : `${vendor} holds ${plural(classes, 'kind', 'kinds')} of data about ${plural(people, 'person', 'people')}`,
  severedTitle: (vendor: string) => `${vendor} is severed: nothing crosses`,
  lead: (organisations: number | undefined) =>
    organisations === undefined || organisations === 0
      ? 'in the crossings that Drawbridge recorded. Data that reached it on other paths is not counted.'
      : `in the crossings that Drawbridge recorded, and data about ${plural(organisations, 'organisation', 'organisations')}. Data that reached it on other paths is not counted.`,
  evidence: 'Open the crossings it was counted from',
  heatTitle: 'When it got what, in the last 30 days',
  heatLead: 'A row is a kind of data, a square is a day; the stronger the colour, the more people.',
  heatNone: 'Nothing crossed in the last 30 days.',
  heatCell: (label: string, day: string, people: number, crossings: number) =>
    `${label}, ${day}: ${plural(people, 'person', 'people')}, ${plural(crossings, 'crossing', 'crossings')}`,
  heatScale: (max: number) => `1 to ${count(max)} people a day`,
  heatKeys: 'Arrow keys move through the days; Enter opens the crossings.',
  holdings: 'Holdings',
  holdingsLead: 'A holding is what crossed, minus deletion that was proven. No deletion has been proven yet.',
  field: 'Kind of data',
  treatment: 'Form',
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
    title: (vendor: string, label: string | null, treatment: string | null) =>
      label === null
        ? `Whose data ${vendor} holds`
        : `Whose ${label.toLowerCase()} ${vendor} ${treatment === 'drop' || treatment === 'refuse' ? 'did not get' : 'holds'}`,
    lead: 'One row per subject, app, kind of data and form. Subjects are known here only by a pseudonym under the ledger key.',
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
    empty: 'Nobody’s data crossed in this form',
    emptyLead: 'No record in the traffic that went through Drawbridge.',
    class: 'Kind of data',
    form: 'Form',
  },
} as const;
