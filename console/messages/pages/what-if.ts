import { plural } from '../../design/format.ts';

/** Words of the pages that say what a breach at a vendor would touch. */
export const whatIf = {
  tab: 'What if',
  titleEmpty: 'No vendor is known yet whose breach could touch you',
  title: (name: string, reachable: number | null) =>
    reachable === null
      ? 'What a breach at your vendors would bring is unknown: nothing was seen to cross'
      : reachable === 0
        ? `With what ${name} got, nobody could be written to; it is still the weakest link`
        : `A breach at ${name} would bring most: ${plural(reachable, 'person', 'people')} could be written to`,
  lead: 'All vendors, by what a breach at each would bring. It rests on what was seen to cross, on accounts that were imported, and on the register. A vendor without a record comes last: that says nothing of how safe it is.',
  empty: 'Nothing crossed yet, and no vendor is in the register',
  teach: 'Connect a vendor and send something: what a breach there would touch shows here at once.',
  example:
    'Mixpanel: 1,204 people, 1,180 of them reachable by e-mail; 1 credential, 2 apps. Phishability 72 of 100.',
  connect: 'Connect a vendor',
  table: 'Vendors by what a breach would bring',
  heads: {
    vendor: 'Vendor',
    reachable: 'Can be written to',
    people: 'People',
    accounts: 'Our accounts',
    phishability: 'Phishability',
    credentials: 'Credentials',
    apps: 'Apps',
    unknown: 'Unknown',
  },
  measure:
    'Phishability, of 100: how convincing a message could be with what lies there in clear. Our own measure for comparing, no chance of anything.',
  search: 'Find a vendor',

  blastTab: (name: string) => `What if ${name}`,
  blastTitle: (name: string, people: number, accounts: number) =>
    people === 0 && accounts === 0
      ? `If ${name} is breached: no record in the traffic that we saw`
      : `If ${name} is breached, ${plural(people, 'person', 'people')} in its data${accounts === 0 ? '' : ` and ${plural(accounts, 'account', 'accounts')} of our people`} may be touched`,
  openIncident: 'Open an incident',
  window: 'When it was breached',
  from: 'From',
  to: 'To',
  windowHint: 'Days in UTC. What was sent before counts, too, unless its deletion is proven.',
  ask: 'Show',
  asOf: 'Journals came in up to',
  noJournal: 'No journal came in yet.',
  backwards: 'is later than the other day',
  facts: {
    held: 'Held of',
    window: 'Crossed in that time',
    declared: 'If it kept to its declared retention',
    organisations: 'Organisations',
    credentials: 'Credentials it knows',
    apps: 'Apps that stop without it',
  },
  heldMeans: 'all that crossed and is not proven deleted',
  people: 'Who is touched, and what can be quoted to them',
  peopleLead:
    'Each person is in one group. In clear is what a thief could quote; pseudonyms and tokens say nothing to anyone.',
  groupsTable: 'Groups of people',
  groupHeads: {
    people: 'People',
    quotes: 'In clear',
    other: 'Held in another form',
    phishability: 'Phishability',
  },
  nothingQuotable: 'nothing',
  coarse: 'coarse',
  parts: (reach: number, name: number, facts: number) =>
    `${Math.round(reach)} for being reachable, ${Math.round(name)} for the name, ${Math.round(facts)} for facts`,
  moreGroups: (more: number) => `${plural(more, 'smaller group is', 'smaller groups are')} not shown.`,
  nobody: 'Nobody that journals name.',
  places: 'Where they are, and what they read',
  placesLead:
    'By your lists of people, each person once. Unknown are those whom no list has, and those of whom it does not say it.',
  placesTable: 'People by country and language',
  noPlaces: 'No list of people says it of anybody: hand in columns “country” and “language” with it.',
  place: {
    country: 'Country',
    language: 'Reads',
    people: 'People',
    rest: (groups: number, people: number) =>
      `${plural(people, 'person', 'people')} more, in ${plural(groups, 'smaller group', 'smaller groups')}.`,
  },
  data: 'What it may hold',
  dataLead:
    'By kind and treatment. What was seen to cross is observed; what lies behind a link of the chain is only as sure as the link.',
  dataTable: 'Data it may hold',
  dataHeads: {
    class: 'Kind',
    treatment: 'Treatment',
    layer: 'Basis',
    by: 'Sent to',
    people: 'People',
    span: 'Seen',
    retention: 'Kept',
    places: 'Where',
  },
  placed: (place: string, jurisdiction: string | null) =>
    jurisdiction === null || jurisdiction === place ? place : `${place}, law of ${jurisdiction}`,
  noData: 'Nothing was seen to cross, and nothing is declared.',
  retention: (days: number | null) => (days === null ? 'without an end' : plural(days, 'day', 'days')),
  noRetention: 'unknown',
  noRetentionMeans: 'Nobody stated how long it is kept: it counts as held.',
  deleted: (on: string, proven: boolean) =>
    proven ? `deleted up to ${on}, proven` : `said to be deleted on ${on}, no proof`,
  accounts: 'Accounts of our people',
  accountsLead: 'What a vendor holds of people who sign in at its console never crosses the gateway.',
  accountsTable: 'Accounts by vendor',
  accountHeads: { vendor: 'At', people: 'People', accounts: 'Accounts', layer: 'Basis', fields: 'Fields' },
  noAccounts: 'None were imported or seen. That is unknown, and not none.',
  credentials: 'Credentials',
  credentialsTable: 'Keys and grants',
  credentialHeads: { name: 'What', used: 'Last used', act: 'What to do' },
  noCredentials: 'No credential of ours is known to it, and no grant was seen.',
  dependents: 'What stops without it',
  dependentsTable: 'Apps that use it',
  dependentHeads: {
    app: 'App',
    vendor: 'Vendor',
    connections: 'Connections',
    last: 'Last',
    crossings: 'Crossings',
  },
  noDependents: 'No app was seen to use it.',
  workflowsTable: 'Workflows that name it',
  workflowHeads: { name: 'What runs', kind: 'Kind', basis: 'Basis', last: 'Last' },
  workflowKinds: {
    workload: 'workload',
    pipeline: 'pipeline',
    deployment: 'deployment',
    workflow: 'workflow',
    agent: 'agent',
    around: 'through the egress proxy',
  },
  noWorkflows:
    'No workload, pipeline, deployment, workflow or agent that uses it is in the records. That is unknown, and not none.',
  substitutes: 'Named as substitutes',
  noSubstitutes: 'No substitute is named in the register.',
  days: (days: number | null) => (days === null ? '' : ` (${plural(days, 'day', 'days')})`),
  chain: 'Around it',
  ways: 'How data gets there',
  direct: 'we send to it, or deal with it',
  noWay: 'No way from us to it is known.',
  behind: 'It hands data on to',
  noBehind: 'Nobody is known behind it. That is unknown, and not nobody.',
  notAffected: 'What is not among it',
  notAffectedLead: 'Said as far as it may be said.',
  unknown: 'What is not known',
  layers: { observed: '● observed', declared: '○ declared', inferred: '◐ inferred', unknown: '? unknown' },
  none: 'All that this answer rests on is known.',
} as const;
