import type {
  Agreement,
  DueAgreement,
  RegisterEntry,
  RegisterPage,
  RegisterRules,
} from '../api/register-types.ts';
import { importVendors, withRows } from './fake-register-files.ts';
import type { Answer, Asked } from './fake-routes.ts';

const day = 86_400_000;
const on = (days: number): string => new Date(Date.now() + days * day).toISOString().slice(0, 10);
const at = (days: number): string => new Date(Date.now() + days * day).toISOString();
const hash = 'ab'.repeat(32);

/** A made-up register: one vendor that is entered well, one that ended, and one that is connected alone. */
export interface FakeRegister {
  entries: Map<string, RegisterEntry>;
  rules: RegisterRules;
}

const nothingAsked = { agreements: [], reviewed: false, residency: false, reviewEveryDays: null };
const madeUpRules: RegisterRules = {
  tiers: [
    { id: 'none', name: 'No conditions', ...nothingAsked, atExpiry: 'warn' },
    {
      ...{ ...nothingAsked, id: 'standard', name: 'Standard', agreements: ['dpa'], reviewEveryDays: 365 },
      atExpiry: 'warn',
    },
    {
      ...{ id: 'high', name: 'High', agreements: ['dpa'], reviewed: true, residency: true },
      ...{ reviewEveryDays: 180, atExpiry: 'close' },
    },
  ],
  usualTier: 'none',
  requestsSince: null,
};

const agreement = (over: Partial<Agreement>): Agreement => ({
  id: '0199aaaa-0000-7000-8000-000000000001',
  vendor: 'mixpanel',
  kind: 'dpa',
  state: 'in_force',
  due: null,
  noticeBy: null,
  parties: 'Example GmbH and Mixpanel, Inc.',
  signedOn: on(-300),
  validFrom: null,
  validUntil: null,
  openEnded: true,
  noticeDays: null,
  objectionDays: null,
  endedOn: null,
  reviewedBy: null,
  reviewedOn: null,
  note: null,
  source: 'the signed copy',
  asOf: on(-300),
  enteredAt: at(-300),
  enteredBy: 'Ada Example',
  files: [],
  ...over,
});

const bare: RegisterEntry = {
  id: '',
  name: '',
  status: 'not_entered',
  mayMoveTo: [],
  owner: null,
  purpose: null,
  category: null,
  domain: null,
  criticality: 'unknown',
  tier: null,
  reviewedOn: null,
  nextReview: null,
  enteredAt: null,
  enteredBy: null,
  statements: [],
  agreements: [],
  reviews: [],
  connections: [],
  undeleted: { classes: [], people: 0 },
  missing: [],
};

const stated = (kind: RegisterEntry['statements'][number]['kind'], key: string, value: unknown) => ({
  kind,
  key,
  value,
  source: 'https://vendor.example/legal',
  asOf: on(-40),
  statedAt: at(-39),
  statedBy: 'Ada Example',
  files: [],
});
const file = (name: string) => ({
  hash,
  name,
  bytes: 184_320,
  type: 'application/pdf' as const,
  storedAt: at(-300),
  storedBy: 'Ada Example',
});

const mixpanel: RegisterEntry = {
  ...bare,
  id: 'mixpanel',
  name: 'Mixpanel',
  status: 'approved',
  mayMoveTo: ['under_review', 'restricted', 'ending'],
  owner: 'Ada Example',
  purpose: 'Product analytics of the web shop',
  category: 'Analytics',
  domain: 'mixpanel.com',
  criticality: 'important',
  tier: 'standard',
  reviewedOn: on(-200),
  nextReview: on(165),
  enteredAt: at(-320),
  enteredBy: 'Ada Example',
  statements: [
    stated('data', 'person.email', { note: 'In profiles' }),
    stated('legal_name', '', 'Mixpanel, Inc.'),
    stated('notice_hours', '', 72),
    stated('residency', '', { countries: ['US', 'NL'], note: 'EU project: NL' }),
    stated('retention', 'all', { days: 1825, note: null }),
  ],
  agreements: [
    agreement({ files: [file('mixpanel-dpa.pdf')] }),
    agreement({
      id: '0199aaaa-0000-7000-8000-000000000002',
      kind: 'scc',
      validUntil: on(20),
      openEnded: false,
      due: '30',
      noticeDays: 14,
      noticeBy: on(6),
    }),
  ],
  reviews: [
    {
      id: '0199aaaa-0000-7000-8000-000000000003',
      reviewedOn: on(-200),
      outcome: 'passed_with_conditions',
      note: 'E-mail addresses are dropped by the contract; report read.',
      reviewer: 'Ada Example',
      recordedAt: at(-200),
      files: [file('soc2.pdf')],
    },
  ],
  connections: [
    {
      connection: { id: 'mixpanel_eu', name: 'Mixpanel EU', vendor: 'mixpanel' },
      request: {
        purpose: 'Count visits of the shop',
        data: ['person.id'],
        owner: 'Ada Example',
        tier: 'standard',
        askedAt: at(-300),
        askedBy: 'Ada Example',
      },
      exceptions: [],
      standing: {
        open: false,
        reasons: [{ code: 'review', text: 'The vendor has no review that is in date and did not fail.' }],
        missing: [{ code: 'review', text: 'The vendor has no review that is in date and did not fail.' }],
        runsOut: [
          {
            code: 'agreement',
            text: 'The SCC holds for the last day; then it is told, and the connection goes on.',
            on: on(20),
          },
        ],
      },
    },
  ],
  undeleted: { classes: ['person.id'], people: 1204 },
  missing: [
    { code: 'incident_contact', text: 'No contact for incidents is known.' },
    { code: 'exit_plan', text: 'There is neither a substitute nor an exit plan.' },
  ],
};

const acme: RegisterEntry = {
  ...bare,
  id: 'acme-mail',
  name: 'Acme Mail',
  status: 'ended',
  mayMoveTo: ['under_review'],
  criticality: 'supporting',
  enteredAt: at(-900),
  enteredBy: 'Ada Example',
  undeleted: { classes: ['person.email', 'person.name', 'network.ip'], people: 1204 },
  missing: [{ code: 'owner', text: 'Nobody here owns it.' }],
};

const openai: RegisterEntry = {
  ...bare,
  id: 'openai',
  name: 'OpenAI',
  connections: [
    {
      connection: { id: 'openai', name: 'OpenAI API', vendor: 'openai' },
      request: null,
      exceptions: [],
      standing: { open: true, reasons: [], missing: [], runsOut: [] },
    },
  ],
  missing: [{ code: 'not_entered', text: 'It is connected, and nobody entered it in the register.' }],
};

export function makeFakeRegister(empty: boolean): FakeRegister {
  const all = empty ? [] : [acme, mixpanel, openai];
  return {
    entries: new Map(all.map((one) => [one.id, structuredClone(one)])),
    rules: structuredClone(madeUpRules),
  };
}

/** Null: it is none of the register's paths. */
export function answerRegister(register: FakeRegister, asked: Asked): Answer | null {
  const { method, path, query } = asked;
  const all = [...register.entries.values()];
  if (method === 'GET' && path === '/register') return ok(listed(all, query));
  if (method === 'GET' && path === '/register/rules') {
    return ok(register.rules);
  }
  if (method === 'PUT' && path === '/register/rules') {
    register.rules = (asked.body as { rules: RegisterRules }).rules;
    asked.tell('register');
    return ok(register.rules);
  }
  if (method === 'POST' && path === '/register/imports') return importVendors(register.entries, bare, asked);
  if (method === 'GET' && path === '/register/export') {
    return { status: 200, raw: query.get('format') === 'csv' ? 'id,name\r\n' : '{"vendors":[]}' };
  }
  if (method === 'GET' && path === '/agreements') return ok({ items: due(all) });
  if (method === 'GET' && path === '/vendor-reviews') return ok({ items: fallingDue(all, query) });
  if (path.startsWith('/blobs/')) {
    return method === 'GET' ? { status: 200, raw: 'made up' } : ok(file('stored'));
  }
  const [, vendor = '', part] = /^\/register\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (method === 'POST' && path === '/register') return enter(register, asked);
  const entry = register.entries.get(vendor);
  if (vendor === '') return null;
  if (entry === undefined) {
    return { status: 404, body: { status: 404, code: 'not_found', title: 'Not found', detail: 'None.' } };
  }
  if (method !== 'GET') change(entry, part, asked.body as Record<string, unknown>);
  if (method !== 'GET') asked.tell('register');
  return ok(entry);
}

const ok = (body: unknown): Answer => ({ status: 200, body });

function listed(all: readonly RegisterEntry[], query: URLSearchParams): RegisterPage {
  const items = withRows(all, query);
  const counts = Object.fromEntries(
    [...Map.groupBy(items, (one) => one.status)].map(([name, those]) => [name, those.length]),
  );
  const notEntered = all
    .filter((one) => one.status === 'not_entered')
    .map(({ id, name, connections }) => ({ id, name, connections: connections.length }));
  const owners = [...new Set(all.flatMap(({ owner }) => owner ?? []))].sort();
  return { items, next: null, counts, notEntered, owners };
}

const due = (all: readonly RegisterEntry[]): DueAgreement[] =>
  all.flatMap(({ name, agreements }) =>
    agreements.flatMap((one) => (one.due === null ? [] : [{ ...one, vendorName: name }])),
  );

function fallingDue(all: readonly RegisterEntry[], query: URLSearchParams) {
  const items = all.flatMap(({ id, name, nextReview, agreements }) => [
    ...(nextReview === null
      ? []
      : [
          { on: nextReview, kind: 'review', vendor: id, vendorName: name, id: null, text: 'A review is due' },
        ]),
    ...agreements.flatMap((one) =>
      one.validUntil === null
        ? []
        : [
            {
              on: one.validUntil,
              kind: 'agreement',
              vendor: id,
              vendorName: name,
              id: one.id,
              text: `The ${one.kind.toUpperCase()} runs out`,
            },
          ],
    ),
  ]);
  return items
    .filter(({ on: when }) => when >= (query.get('from') ?? '') && when <= (query.get('to') ?? ''))
    .sort((a, b) => (a.on < b.on ? -1 : 1));
}

function enter(register: FakeRegister, { body, tell }: Asked): Answer {
  const given = body as Partial<RegisterEntry> & { id: string };
  const before = register.entries.get(given.id) ?? bare;
  register.entries.set(given.id, {
    ...before,
    ...given,
    status: 'candidate',
    mayMoveTo: ['under_review', 'ended'],
    missing: [],
  });
  tell('register');
  return { status: 201, body: register.entries.get(given.id) };
}

function change(entry: RegisterEntry, part: string | undefined, body: Record<string, unknown>): void {
  if (part === undefined) Object.assign(entry, body);
  if (part === 'status') Object.assign(entry, { status: body.to, mayMoveTo: ['under_review'] });
  if (part === 'statements') {
    const { kind, key, value, source, asOf } = body as unknown as RegisterEntry['statements'][number];
    const made = { ...stated(kind, key, value), source, asOf };
    entry.statements = [
      ...entry.statements.filter((one) => one.kind !== kind || one.key !== key),
      { ...made, files: (body.files as { name: string }[]).map(({ name }) => file(name)) },
    ];
  }
  if (part === 'agreements') entry.agreements.push(agreement(body as Partial<Agreement>));
}
