import type {
  AccountHolding,
  ConsoleVisit,
  HoldingField,
  PartyBehindConsole,
  PartyBehindSummary,
  PartyHolding,
} from '../api/holding-types.ts';
import type { Asked } from './fake-routes.ts';

/** Made-up visits to consoles: none of a vendor until one is handed in, but for openai's. */
export interface FakeHoldings {
  visits: ConsoleVisit[];
  stated: Map<string, HoldingField[]>;
}

const visitOf = (vendor: string, name: string, day: string, number: number): ConsoleVisit => ({
  id: `0199c0de-0000-7000-8000-0000000000b${number}`,
  vendor,
  day,
  name,
  sha256: 'ab12'.repeat(16),
  bytes: 2_048,
  entries: 40,
  unread: 1,
  overflow: 0,
  hosts: 3,
  at: '2026-11-22T09:00:00.000Z',
  by: 'Ada Example',
});

export const makeFakeHoldings = (empty: boolean): FakeHoldings => ({
  visits: empty
    ? []
    : [
        visitOf('openai', 'console-november.har', '2026-11-20', 2),
        visitOf('openai', 'first-look.har', '2026-11-02', 1),
      ],
  stated: new Map(),
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
  const visits = fake.visits.filter((one) => one.vendor === vendor);
  const isVisited = visits.length > 0;
  const unknown = { code: 'no_visit', text: 'No visit to its console is recorded: it was not observed.' };
  return {
    vendor,
    name: vendor,
    holders: isVisited ? { people: 31, accounts: 34, unnamed: 2 } : { people: 0, accounts: 0, unnamed: 0 },
    visits: {
      count: visits.length,
      first: visits.at(-1)?.day ?? null,
      last: visits[0]?.day ?? null,
    },
    fields: [...(fake.stated.get(vendor) ?? []), ...(isVisited ? seenFields : [])],
    behind: isVisited ? parties : [],
    unknown: isVisited ? [] : [unknown],
  };
}

const seenFields: HoldingField[] = [
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
];

const parties: PartyBehindConsole[] = [
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
];

/** What is known of parties behind all the consoles: one seen, one declared, one of nobody known. */
function summaries(fake: FakeHoldings): PartyBehindSummary[] {
  if (!fake.visits.some(({ vendor }) => vendor === 'openai')) return [];
  return [
    {
      party: 'mixpanel',
      name: 'Mixpanel',
      known: true,
      people: 31,
      accounts: 34,
      unnamed: 2,
      observed: ['openai'],
      declared: [],
      lastSeen: '2026-11-02',
    },
    {
      party: 'cdn.made-up.example',
      name: 'cdn.made-up.example',
      known: false,
      people: 31,
      accounts: 34,
      unnamed: 2,
      observed: ['openai'],
      declared: [],
      lastSeen: '2026-11-20',
    },
    {
      party: 'zendesk',
      name: 'Zendesk',
      known: true,
      people: 0,
      accounts: 0,
      unnamed: 0,
      observed: [],
      declared: ['figma', 'datadog'],
      lastSeen: null,
    },
  ];
}

function partyOf(fake: FakeHoldings, id: string): PartyHolding {
  const found = summaries(fake).find((one) => one.party === id);
  const nobody = { people: 0, accounts: 0, unnamed: 0 };
  const notObserved = {
    code: 'not_observed',
    text: 'No recorded visit shows it. That is no proof that it stands behind no console.',
  };
  if (found === undefined)
    return { party: id, name: id, known: false, holders: nobody, vendors: [], unknown: [notObserved] };
  const { party: _, name, known, observed, declared, lastSeen, ...holders } = found;
  const seen = parties.find((one) => one.party === id);
  return {
    party: id,
    name,
    known,
    holders,
    vendors: [
      ...observed.flatMap((vendor) =>
        seen === undefined ? [] : [{ vendor, name: 'OpenAI', holders, link: seen }],
      ),
      ...declared.map((vendor) => ({
        vendor,
        name: vendor,
        holders,
        link: party({
          party: id,
          name,
          layer: 'declared',
          declared: true,
          scopes: ['support'],
          calls: null,
          firstSeen: null,
          lastSeen: null,
          source: 'Its list of 2026-11-01',
        }),
      })),
    ],
    unknown: lastSeen === null ? [notObserved] : [],
  };
}

export function answerHoldings(
  fake: FakeHoldings,
  { method, path, query, body }: Asked,
): { status: number; body?: unknown } | null {
  const ok = (answer: unknown) => ({ status: 200, body: answer });
  if (path === '/holdings/parties') return ok({ items: summaries(fake), next: null });
  const [, party] = /^\/holdings\/parties\/([^/]+)$/.exec(path) ?? [];
  if (party !== undefined) return ok(partyOf(fake, decodeURIComponent(party)));
  const [, what, id] = /^\/holdings\/(visits|fields)\/([^/]+)\/withdraw$/.exec(path) ?? [];
  if (what !== undefined) {
    fake.visits = fake.visits.filter((one) => one.id !== id);
    for (const [vendor, fields] of fake.stated)
      fake.stated.set(
        vendor,
        fields.filter(({ statement }) => statement !== id),
      );
    return { status: 204 };
  }
  const [, vendor = '', part] = /^\/holdings\/vendors\/([^/]+)(?:\/(visits|fields))?$/.exec(path) ?? [];
  if (vendor === '') return null;
  if (part === undefined) return ok(holdingOf(fake, vendor));
  if (part === 'fields') return state(fake, vendor, body as Stated);
  const visits = fake.visits.filter((one) => one.vendor === vendor);
  if (method !== 'PUT') return ok({ items: visits, next: null });
  const name = query.get('name') ?? '';
  if (!name.endsWith('.har')) {
    const detail = 'The recording was not taken in: it has no list log.entries.';
    return { status: 422, body: { title: 'Not taken in', code: 'visit_refused', detail } };
  }
  const visit = visitOf(vendor, name, query.get('day') ?? '', 3 + fake.visits.length);
  fake.visits = [visit, ...fake.visits];
  return ok({ visit, again: false });
}

interface Stated {
  field: string;
  source: string;
  asOf: string;
}

function state(fake: FakeHoldings, vendor: string, { field, source, asOf }: Stated) {
  const there = fake.stated.get(vendor) ?? [];
  if (there.some(({ name }) => name === field)) {
    const detail = `Somebody stated ${field} of ${vendor} already. Withdraw that statement first.`;
    return { status: 409, body: { title: 'It is stated', code: 'field_stated', detail } };
  }
  const id = `0199c0de-0000-7000-8000-0000000000f${there.length}`;
  const made = { name: field, layer: 'declared', source, since: asOf, last: asOf } as const;
  fake.stated.set(vendor, [...there, { ...made, receivers: [], statement: id }]);
  return { status: 201, body: { id } };
}
