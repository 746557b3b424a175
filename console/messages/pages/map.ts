import { count, plural } from '../../design/format.ts';

export const map = {
  tab: 'Map',
  us: 'us',
  title: (used: number, behind: number) =>
    behind === 0
      ? `We use ${plural(used, 'vendor', 'vendors')}; nobody behind them is known`
      : `${plural(behind, 'vendor stands', 'vendors stand')} behind the ${count(used)} that we use`,
  titleThen: (day: string, used: number, behind: number) =>
    `On ${day} we used ${plural(used, 'vendor', 'vendors')}, and ${plural(behind, 'stood', 'stood')} behind them`,
  most: (name: string, dependents: number) =>
    `${plural(dependents, 'vendor needs', 'vendors need')} ${name}, which is the most that hang on one.`,
  lead: 'What is declared and what was observed stand beside each other and are never mixed.',
  emptyTitle: 'No vendor is known yet',
  empty:
    'Vendors that you connect stand here by themselves. Who is behind them comes from the lists that they publish, and from what was seen.',
  example: 'We use OpenAI; OpenAI’s own console sends account data to Mixpanel. Observed, and on no list.',
  pictureTitle: 'The picture',
  picture: (nodes: number, edges: number) =>
    `The chain with ${plural(nodes, 'vendor', 'vendors')} and ${plural(edges, 'link', 'links')}; the table below has all of it`,
  closer: 'Larger',
  further: 'Smaller',
  layers: { observed: 'Observed', declared: 'Declared', inferred: 'Inferred' },
  layersLabel: 'Links shown',
  key: 'Square: several vendors use it. Size: people about whom it got data. Thick edge: critical or important.',
  time: 'As it was',
  now: 'Now',
  changed: (began: number, ended: number) => `${plural(began, 'link', 'links')} began, ${count(ended)} ended`,
  lose: 'Lose',
  loseNone: 'nobody',
  loseOne: (name: string) => `Lose ${name}`,
  lost: (name: string, dark: number, direct: number) =>
    dark === 0
      ? `Without ${name} nothing else goes dark, as far as links are known`
      : `Without ${name} ${plural(dark, 'more vendor goes', 'more vendors go')} dark, ${count(direct)} of them our own`,
  lostLead: 'Whoever needs it, directly or through others. Unknown links are not counted: it may be more.',
  restore: 'Put it back',
  show: 'Table shows',
  views: {
    vendors: 'Vendors',
    links: 'Links',
    observed_only: 'Observed but not declared',
    declared_only: 'Declared but never seen',
  },
  onlyObserved: (links: number) => `${plural(links, 'link was', 'links were')} observed but not declared`,
  onlyDeclared: (links: number) =>
    `${plural(links, 'link is', 'links are')} declared but were never seen`.replace(
      'is declared but were',
      'is declared but was',
    ),
  vendor: 'Vendor',
  depth: 'Links from us',
  unreached: 'not reached',
  people: 'People',
  peopleUnknown: '? unknown',
  criticality: 'Criticality',
  criticalities: {
    critical: 'critical',
    important: 'important',
    supporting: 'supporting',
    unknown: '? unknown',
  },
  dependents: 'Need it',
  onlyThrough: 'Only through it',
  act: 'Lose',
  from: 'From',
  to: 'To',
  layer: 'Layer',
  marks: { observed: '● observed', declared: '○ declared', inferred: '◐ inferred' },
  scopes: 'What goes over it',
  scopeNames: {
    content: 'content',
    account_metadata: 'account metadata',
    telemetry: 'telemetry',
    support: 'support',
    billing: 'billing',
  },
  scopesUnknown: '? unknown',
  source: 'Shown by',
  since: 'Since',
  noLinks: 'No link is like that.',
  reviews: (open: number) =>
    `${plural(open, 'new sub-processor waits', 'new sub-processors wait')} for a look`,
  reviewsLead: 'A vendor’s list names them since the last version.',
  newOnes: 'New sub-processors',
  newOne: 'New',
  of: 'Behind',
  objectUntil: 'Object until',
  objectUnknown: '? nobody said',
  opened: 'Found',
  decide: 'Decide',
  decideOne: (name: string) => `Decide about ${name}`,
  decision: 'What you decided',
  choices: {
    accepted: { label: 'Accepted', hint: 'It may stand behind this vendor.' },
    objected: {
      label: 'Objected',
      hint: 'You objected with the vendor. This only keeps that; it sends nothing.',
    },
  },
  save: 'Save',
  takeList: 'Take in a list',
  list: {
    title: 'Take in a list of sub-processors',
    confirm: 'It is right: take it in',
    vendor: 'Whose list',
    vendorHint: 'The vendor’s id, such as mixpanel',
    content: 'The list',
    contentHint: 'Paste the page’s table, its HTML, Markdown or CSV',
    source: 'Where it is from',
    sourceHint: 'An address, or a file’s name',
    days: 'Days to object',
    daysHint: 'As your agreement says; leave it out if nobody knows',
    submit: 'Take it in',
    done: (rows: number, unmatched: number, reviews: number) =>
      `${plural(rows, 'row', 'rows')} taken in; ${count(unmatched)} match no known vendor; ${plural(reviews, 'is new', 'are new')}.`,
    same: 'It says what the last version says; nothing was kept.',
  },
  exports: { cdx: 'CycloneDX', csv: 'CSV', json: 'JSON' },
  exportLabel: 'Save the chain as',
  behind: {
    title: 'Behind this vendor',
    lead: 'Who it hands data on to, as declared and as observed.',
    table: 'Vendors behind it',
    none: 'Nobody behind it is known. That is not the same as nobody: take in the list that it publishes.',
    map: 'On the map',
  },
} as const;
