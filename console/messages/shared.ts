/** What the console says on every page: around it, in its tables, in its palette. */

export const common = {
  loading: 'Loading',
  tryAgain: 'Try again',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Select and copy by hand',
  terminal: 'Terminal',
  never: 'never',
  none: 'none',
  unknown: 'unknown',
  example: 'An example, made up:',
  reason: 'Why',
  reasonHint: 'Goes on record beside the change. 3 to 500 characters.',
  all: 'All',
  open: 'Open',
  severed: 'Severed',
} as const;

export const treatment = {
  legend: 'What the colours and shapes mean',
  pass: { got: 'passed', act: 'Pass', means: 'The vendor got the value as the app sent it.' },
  generalise: { got: 'generalised', act: 'Generalise', means: 'The vendor got a coarser value.' },
  pseudonymise: {
    got: 'pseudonymised',
    act: 'Pseudonymise',
    means: 'The vendor got a pseudonym that is made for it alone and joins with no other vendor.',
  },
  tokenise: {
    got: 'tokenised',
    act: 'Tokenise',
    means: 'The vendor got a token; answers are turned back here.',
  },
  drop: { got: 'dropped', act: 'Drop', means: 'The vendor did not get it.' },
  refuse: { got: 'refused', act: 'Refuse', means: 'The whole crossing was refused because of it.' },
} as const;

export const provenance = {
  declared: 'declared',
  declaredTitle: '○ Declared',
  declaredMeans: 'Somebody stated it. Nothing proves it beyond what stands here.',
  observed: 'observed',
  observedTitle: '● Observed',
  observedMeans:
    'Counted from crossings that a gateway recorded before it sent them on. It covers the traffic that goes through Drawbridge and says nothing about other paths to the vendor.',
} as const;

export const table = {
  columns: 'Columns',
  columnsOf: (table: string) => `Columns of ${table.replaceAll('-', ' ')}`,
  csv: (rows: string) => `CSV of these ${rows}`,
  allRows: (rows: number) => (rows === 1 ? '1 row.' : `${rows.toLocaleString('en-GB')} rows.`),
  someRows: (rows: string) => `First ${rows} rows; more are read as you scroll.`,
} as const;

export const problem = {
  unreachable: {
    title: 'The control plane did not answer.',
    detail:
      'Look in the terminal where it runs; start it again with "npm start". Gateways keep serving meanwhile, and what you typed is kept.',
  },
  missing: 'There is nothing at this address.',
  notPermitted: 'Your roles do not permit this.',
  whoCan: 'An owner or administrator of this deployment can give you a role that does.',
  secondPerson: 'This waits for a second person now.',
  secondPersonLink: 'See what waits',
  unexpected: {
    title: 'This page failed.',
    detail: 'Try again. If it fails again, the terminal where Drawbridge runs has the details.',
  },
} as const;

export const rail = {
  label: 'Pages',
  skip: 'Skip to the page',
  overview: 'Overview',
  vendors: 'Vendors',
  map: 'Map',
  world: 'World',
  incidents: 'Incidents',
  whatIf: 'What if',
  crossings: 'Crossings',
  egress: 'Egress',
  apps: 'Apps and keys',
  accounts: 'Accounts',
  keysEverywhere: 'Keys everywhere',
  leaks: 'Leaks',
  discover: 'Discover',
  policies: 'Policies',
  messages: 'Messages',
  detectors: 'Detectors',
  review: 'Review queue',
  replay: 'Replay',
  audit: 'Audit',
  people: 'People',
  approvals: 'Approvals',
  waitForYou: (count: number) => (count === 1 ? '1 waits for you' : `${count} wait for you`),
  vault: 'Vault',
  issuers: 'Issuers',
  myKeys: 'Your keys',
  profile: 'Your profile',
  settings: 'Settings',
  connect: 'Connect a vendor',
  palette: 'Go anywhere',
  search: 'Go anywhere',
  keys: 'Keys',
  more: 'More',
} as const;

export const pulse = {
  live: 'Live',
  connecting: 'Connecting',
  lost: (since: string) => (since === 'now' ? 'Not live' : `Not live for ${since.replace(' ago', '')}`),
  gateway: (name: string, ago: string) => `Gateway ${name}, last seen ${ago}`,
  gatewayNever: (name: string) => `Gateway ${name} was never seen`,
  stale: (detail: string) => `What you see is from before: it could not be read again. ${detail}`,
  offline: 'You are offline. What you see is from before; what you typed is kept.',
  unreachable:
    'The control plane does not answer. What you see is from before; what you typed is kept. Gateways keep serving.',
} as const;

export const palette = {
  title: 'Go to a page or do something',
  placeholder: 'Page, vendor, connection or act',
  page: 'Page',
  act: 'Act',
  vendor: 'Vendor',
  connection: 'Connection',
  consoles: 'Behind the consoles',
  rotation: 'Rotation of credentials',
  refused: 'Refused crossings',
  nothing: 'Nothing by that name. Try the beginning of a word.',
} as const;

export const keys = {
  title: 'Keys',
  key: 'Key',
  does: 'What it does',
  everywhere: [
    ['⌘K', 'Go to any page or act (Ctrl K elsewhere)'],
    ['?', 'Show this list'],
    ['/', 'Go to the first filter'],
  ],
  goTo: (page: string) => `Go to ${page}`,
  inTables: [
    ['j', 'Next row'],
    ['k', 'Previous row'],
    ['Enter', 'Open the row'],
    ['Esc', 'Close what is open'],
  ],
} as const;

export const missing = {
  title: 'There is no page at this address',
  tab: 'Not found',
  lead: 'The address may be mistyped, or what it named was removed.',
  back: 'Go to the overview',
} as const;
