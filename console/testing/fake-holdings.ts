import type { AccountHolding, ConsoleVisit, PartyBehindConsole } from '../api/holding-types.ts';
import type { Asked } from './fake-routes.ts';

/** Made-up visits to consoles: none of a vendor until one is handed in, but for openai's. */
export interface FakeHoldings {
  visited: Set<string>;
}

export const makeFakeHoldings = (empty: boolean): FakeHoldings => ({
  visited: new Set(empty ? [] : ['openai']),
});

const party = (over: Partial<PartyBehindConsole> & { party: string; name: string }): PartyBehindConsole => ({
  known: true,
  firstParty: false,
  layer: 'observed',
  hosts: [],
  calls: 12,
  fields: [],
  addresses: [],
  firstSeen: '2026-11-02',
  lastSeen: '2026-11-20',
  notSeenIn: null,
  declared: false,
  scopes: null,
  source: 'Visits from 2026-11-02 to 2026-11-20',
  ...over,
});

function holdingOf(fake: FakeHoldings, vendor: string): AccountHolding {
  const isVisited = fake.visited.has(vendor);
  const unknown = { code: 'no_visit', text: 'No visit to its console is recorded: it was not observed.' };
  return {
    vendor,
    name: vendor,
    holders: isVisited ? { people: 31, accounts: 34, unnamed: 2 } : { people: 0, accounts: 0, unnamed: 0 },
    visits: isVisited
      ? { count: 2, first: '2026-11-02', last: '2026-11-20' }
      : { count: 0, first: null, last: null },
    fields: isVisited
      ? [
          {
            name: 'body.email',
            layer: 'observed',
            source: 'The visit of 2026-11-20',
            since: '2026-11-20',
            last: '2026-11-20',
            receivers: ['mixpanel'],
            statement: null,
          },
          {
            name: 'account.name',
            layer: 'inferred',
            source: 'Whoever opens an account gives a name',
            since: '2026-10-01',
            last: '2026-11-20',
            receivers: [],
            statement: null,
          },
        ]
      : [],
    behind: isVisited
      ? [
          party({
            party: 'mixpanel',
            name: 'Mixpanel',
            hosts: ['api-js.mixpanel.example'],
            fields: ['body.email', 'body.city'],
            lastSeen: '2026-11-02',
            notSeenIn: '2026-11-20',
          }),
          party({
            party: 'cdn.made-up.example',
            name: 'cdn.made-up.example',
            known: false,
            firstParty: null,
          }),
        ]
      : [],
    unknown: isVisited ? [] : [unknown],
  };
}

export function answerHoldings(
  fake: FakeHoldings,
  { method, path, query }: Asked,
): { status: number; body?: unknown } | null {
  const [, vendor = '', visits] = /^\/holdings\/vendors\/([^/]+)(\/visits)?$/.exec(path) ?? [];
  if (vendor === '') return null;
  if (visits === undefined) return { status: 200, body: holdingOf(fake, vendor) };
  if (method !== 'PUT') return null;
  const name = query.get('name') ?? '';
  if (!name.endsWith('.har')) {
    const detail = 'The recording was not taken in: it has no list log.entries.';
    return { status: 422, body: { title: 'Not taken in', code: 'visit_refused', detail } };
  }
  const visit: ConsoleVisit = {
    id: '0199c0de-0000-7000-8000-0000000000b1',
    vendor,
    day: query.get('day') ?? '',
    name,
    sha256: 'ab12'.repeat(16),
    bytes: 2_048,
    entries: 40,
    unread: 1,
    overflow: 0,
    hosts: 3,
    at: '2026-11-22T09:00:00.000Z',
    by: 'Ada Example',
  };
  fake.visited.add(vendor);
  return { status: 200, body: { visit, again: false } };
}
