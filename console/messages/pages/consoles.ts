import { count, plural } from '../../design/format.ts';

const people = (n: number) => plural(n, 'person', 'people');

/** Parties behind the consoles that our people sign in to. */
export const behindConsoles = {
  tab: 'Behind the consoles',
  title: (parties: number, vendors: number) =>
    `${plural(parties, 'party stands', 'parties stand')} behind the ${vendors === 1 ? 'console' : 'consoles'} of ${plural(vendors, 'vendor', 'vendors')}`,
  titleSome: (parties: number) => `More than ${count(parties)} parties stand behind vendors’ consoles`,
  lead: 'Whom a vendor’s own console calls gets data about your people who sign in there. None of it crosses the gateway, and a list of sub-processors need not name them.',
  most: (name: string, of: number) => `${name} would touch most: ${people(of)}.`,
  emptyTitle: 'No party behind a vendor’s console is known',
  empty:
    'Sign in to a vendor’s console with the browser’s developer tools open, save what the network tab shows as HAR, and hand it in. Only names are kept.',
  example: 'OpenAI’s console calls Mixpanel with e-mail and city: 31 people of ours have accounts there.',
  handIn: 'Hand in a visit',
  table: 'Parties',
  party: 'Party',
  people: 'Our people',
  unnamed: (accounts: number) =>
    `${plural(accounts, 'account more', 'accounts more')}, of which it is not known whose they are`,
  peopleUnknown: 'unknown',
  peopleUnknownWhy: 'No export names accounts of our people there',
  observed: '● Seen behind',
  declared: '○ Only declared behind',
  and: (more: number) => ` and ${count(more)} more`,
  lastSeen: 'Last seen',
  neverSeen: 'never seen',
  whose: '? not known whose it is',
  one: {
    title: (name: string, vendors: number, of: number) =>
      `${name} stands behind ${plural(vendors, 'console', 'consoles')} where ${plural(of, 'person of ours has', 'people of ours have')} accounts`,
    titleUnknown: (name: string, vendors: number) =>
      `${name} stands behind ${plural(vendors, 'console', 'consoles')}; how many of our people that touches is unknown`,
    none: (name: string) => `${name} is not known to stand behind any console`,
    each: (accounts: number) => `Each person counts once; ${plural(accounts, 'account', 'accounts')} in all.`,
    host: 'Nobody knows whose this host is. Say so on Discover, and it counts as that vendor everywhere.',
    vendor: 'The vendor itself',
    whatIf: 'What if it is breached?',
    all: 'All parties',
    table: 'Consoles that it stands behind',
    console: 'Console of',
    people: 'Our people',
    how: 'How it is known',
    fields: 'What it gets',
    calls: 'Calls',
    seen: 'Seen',
    seenFromTo: (first: string, last: string) => (first === last ? first : `${first} to ${last}`),
    nothing: 'no field seen',
    declaredFor: (scopes: readonly string[]) =>
      scopes.length === 0 ? 'declared, nobody said what for' : `declared for ${scopes.join(', ')}`,
    scopes: {
      content: 'content',
      account_metadata: 'account data',
      telemetry: 'telemetry',
      support: 'support',
      billing: 'billing',
    } as const,
    evidenceOf: (vendor: string) => `Visits to the console of ${vendor}`,
  },
};
