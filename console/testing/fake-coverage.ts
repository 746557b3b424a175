import type {
  Coverage,
  CoverageDay,
  CoverageFinding,
  UsageFetch,
  UsageImport,
} from '../api/coverage-types.ts';

const DAY_MS = 86_400_000;
const IMPORT = '0199c0de-0000-7000-8000-0000000000a1';
const CONNECTION = '0199c0de-0000-7000-8000-0000000000c1';

/** Made-up reports of made-up use. */
export interface FakeCoverage {
  /** False: nothing was ever handed in. */
  measured: boolean;
  imports: UsageImport[];
  settled: Map<string, string>;
  linked: Map<string, string | null>;
  seesGateway: boolean | null;
  fetches: UsageFetch[];
}

const report = (name: string): UsageImport => ({
  id: IMPORT,
  vendor: 'openai',
  account: '',
  shape: 'organization-usage',
  of: 'completions',
  name,
  sha256: 'ab12'.repeat(16),
  bytes: 51_200,
  buckets: 28,
  rows: 56,
  firstDay: '2026-10-24',
  lastDay: '2026-11-20',
  more: false,
  asOf: '2026-11-22T08:00:00.000Z',
  at: '2026-11-22T09:00:00.000Z',
  by: 'Ada Example',
});

export function makeFakeCoverage(empty: boolean): FakeCoverage {
  return {
    measured: !empty,
    imports: empty ? [] : [report('usage-november.json')],
    settled: new Map(),
    linked: new Map(),
    seesGateway: null,
    fetches: [],
  };
}

function daysOf(from: string, to: string, measured: boolean): CoverageDay[] {
  const days: CoverageDay[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    const n = days.length;
    const isKnown = measured && n % 10 !== 9;
    const crossings = 300 + ((n * 37) % 90);
    const past = isKnown && n % 7 === 3 ? 40 : 0;
    days.push({
      day: new Date(at).toISOString().slice(0, 10),
      state: isKnown ? 'part' : 'unknown',
      crossings,
      reported: isKnown ? crossings + past : null,
      seen: isKnown ? crossings - 6 : null,
      past: isKnown ? past : null,
      unsure: isKnown ? 6 : null,
      more: isKnown ? 0 : null,
    });
  }
  return days;
}

function findings(fake: FakeCoverage, days: readonly CoverageDay[]): CoverageFinding[] {
  if (!fake.measured) return [];
  const past = days.filter((one) => (one.past ?? 0) > 0);
  const base = { name: null, reopened: false };
  const made: Omit<CoverageFinding, 'state' | 'settled'>[] = [
    {
      ...base,
      id: '["unknown_key","key_made_up_9"]',
      kind: 'unknown_key',
      strength: 'strong',
      subject: 'key_made_up_9',
      where: 'completions',
      unit: 'requests',
      amount: past.length * 40,
      days: past.map(({ day }, at) => ({
        day,
        amount: 40,
        evidence: { kind: 'import', import: IMPORT, line: at + 3 },
      })),
    },
    {
      ...base,
      id: '["host_past_gateway","api.openai.com"]',
      kind: 'host_past_gateway',
      strength: 'plain',
      subject: 'api.openai.com',
      where: 'Squid, Berlin',
      unit: 'connections',
      amount: 4,
      days: days.slice(0, 1).map(({ day }) => ({
        day,
        amount: 4,
        evidence: { kind: 'file', source: 'Squid, Berlin', file: 'access.log', lines: [17, 40] },
      })),
    },
    {
      ...base,
      id: '["tunnel","app_shop"]',
      kind: 'tunnel',
      strength: 'weak',
      subject: 'app_shop',
      name: 'Shop',
      where: '',
      unit: 'crossings',
      amount: 2,
      days: days.slice(1, 2).map(({ day }) => ({ day, amount: 2, evidence: { kind: 'crossings' } })),
    },
  ];
  return made.map((one) => {
    const reason = fake.settled.get(one.id);
    return reason === undefined
      ? { ...one, state: 'open', settled: null }
      : { ...one, state: 'settled', settled: { reason, by: 'Ada Example', at: '2026-11-22T10:00:00.000Z' } };
  });
}

function coverageOf(fake: FakeCoverage, vendor: string, from: string, to: string): Coverage {
  const isMeasured = fake.measured && vendor === 'openai';
  const days = daysOf(from, to, isMeasured);
  const reported = days.reduce((sum, day) => sum + (day.reported ?? 0), 0);
  const seen = days.reduce((sum, day) => sum + (day.seen ?? 0), 0);
  const source = { first: null, last: null, seesGateway: null, days: 0, amount: null, counts: null };
  return {
    vendor,
    from,
    to,
    share: isMeasured ? { value: seen / reported, low: seen / reported, high: 0.99 } : 'unknown',
    unit: isMeasured ? 'requests' : null,
    reported: isMeasured ? reported : null,
    more: isMeasured ? 0 : null,
    batch: 0,
    of: isMeasured ? ['completions'] : [],
    missing: ['embeddings'],
    wholeDays: 0,
    standing: {
      coverage: 'seen',
      text: 'No record in the traffic that we saw, made up.',
    },
    tolerance: 0.02,
    days,
    sources: [
      {
        ...source,
        kind: 'usage_report',
        name: 'completions',
        detail: '',
        measured: isMeasured,
        ...(isMeasured
          ? { days: 27, first: from, last: to, counts: 'requests' as const, amount: reported }
          : {}),
      },
      { ...source, kind: 'usage_report', name: 'embeddings', detail: '', measured: false },
      ...(isMeasured
        ? [
            {
              ...source,
              kind: 'traffic' as const,
              name: 'Squid, Berlin',
              detail: 'squid',
              measured: true,
              days: 2,
              first: from,
              last: to,
              counts: 'connections' as const,
              amount: 4,
              seesGateway: fake.seesGateway,
            },
          ]
        : []),
      {
        ...source,
        kind: 'egress_proxy',
        name: '',
        detail: '',
        measured: true,
        counts: 'crossings',
        amount: 2,
      },
    ],
    keys: isMeasured
      ? ['key_made_up_1', 'key_made_up_9'].map((key, at) => ({
          key,
          connection: fake.linked.get(key) ?? null,
          name: null,
          held: at === 0 ? null : 'Old batch job',
          amount: 900 - at * 700,
        }))
      : [],
    findings: isMeasured ? findings(fake, days) : [],
  };
}

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** Answers what is of coverage; null: it is of something else. */
export function answerCoverage(
  fake: FakeCoverage,
  { method, path, query, body }: Asked,
): { status: number; body?: unknown } | null {
  if (path === '/coverage') {
    // As the real one: a page has 50 rows at most.
    if (Number(query.get('limit') ?? 20) > 50) return { status: 400, body: { code: 'invalid_request' } };
    const items = fake.measured
      ? [
          {
            vendor: 'openai',
            share: { value: 0.92, low: 0.914, high: 0.99 },
            unit: 'requests',
            wholeDays: 27,
            open: 3,
            strong: 1,
          },
          { vendor: 'acme-mail', share: 'unknown', unit: null, wholeDays: 0, open: 0, strong: 0 },
        ]
      : [];
    return { status: 200, body: { items, next: null } };
  }
  if (path === '/coverage-reports') {
    const items = fake.imports.filter(({ vendor }) => vendor === query.get('vendor'));
    return { status: 200, body: { items, next: null } };
  }
  if (/^\/coverage-reports\/[^/]+\/withdraw$/.test(path)) {
    fake.imports = [];
    fake.measured = false;
    return { status: 204 };
  }
  const given = (body ?? {}) as {
    finding?: string;
    reason?: string;
    key?: string;
    connection?: string | null;
    seesGateway?: boolean | null;
  };
  if (path === '/coverage-sources') {
    fake.seesGateway = given.seesGateway ?? null;
    return { status: 204 };
  }
  const fetched = /^\/coverage-fetches\/([^/]+)(\/run)?$/.exec(path);
  if (fetched !== null) return answerFetch(fake, fetched[1] ?? '', method, body);
  const [, vendor = '', act] = /^\/coverage\/([^/]+)(?:\/([a-z]+))?$/.exec(path) ?? [];
  if (vendor === '') return null;
  if (act === undefined && method === 'GET')
    return { status: 200, body: coverageOf(fake, vendor, query.get('from') ?? '', query.get('to') ?? '') };
  if (act === 'fetching') {
    const asked = (body ?? {}) as { account?: string; everyHours?: number | null };
    if (method === 'PUT') fake.fetches = [fetchOf(vendor, asked.account ?? '', asked.everyHours ?? null)];
    const api = {
      host: 'api.openai.com',
      credential: 'An admin key (sk-admin-…).',
      of: ['completions', 'costs'],
    };
    const [made] = fake.fetches;
    return {
      status: 200,
      body:
        method === 'PUT'
          ? made
          : {
              api: vendor === 'openai' ? api : null,
              items: fake.fetches.filter((one) => one.vendor === vendor),
            },
    };
  }
  if (act === 'reports' && method === 'PUT') {
    const name = query.get('name') ?? '';
    if (!name.endsWith('.json')) {
      const detail = 'The file was not taken in: it looks like text of no kind that is known.';
      return { status: 422, body: { title: 'Not taken in', code: 'report_refused', detail } };
    }
    const made = report(name);
    const again = fake.imports.some((one) => one.name === name);
    if (!again) fake.imports = [made, ...fake.imports];
    fake.measured = true;
    return { status: 200, body: { import: made, again } };
  }
  if (act === 'settle') fake.settled.set(given.finding ?? '', given.reason ?? '');
  else if (act === 'reopen') fake.settled.delete(given.finding ?? '');
  else if (act === 'keys') fake.linked.set(given.key ?? '', given.connection ?? CONNECTION);
  else return null;
  return { status: 204 };
}

function fetchOf(vendor: string, account: string, everyHours: number | null): UsageFetch {
  return {
    ...{ id: '0199c0de-0000-7000-8000-00000000fe7c', vendor, account, everyHours, state: 'waiting' },
    upstream: { scheme: 'https', host: 'api.openai.com', port: 443, private: false },
    ...{
      nextAt: '2025-11-10T08:00:00.000Z',
      triedAt: '2025-11-09T08:00:00.000Z',
      fetchedAt: '2025-11-09T08:00:00.000Z',
    },
    ...{ failed: 1, enteredAt: '2025-11-01T08:00:00.000Z', enteredBy: 'Ada Example' },
    error: { code: 'refused', text: '1 of 2 reports could not be had.' },
    reports: [
      {
        ...{ of: 'completions', triedAt: '2025-11-09T08:00:00.000Z', fetchedAt: '2025-11-09T08:00:00.000Z' },
        ...{ lastDay: '2025-11-08', import: null, error: null },
      },
      {
        ...{ of: 'costs', triedAt: '2025-11-09T08:00:00.000Z', fetchedAt: null, lastDay: null, import: null },
        error: { code: 'refused', text: 'The credential may not read this report (403).' },
      },
    ],
  };
}

function answerFetch(
  fake: FakeCoverage,
  id: string,
  method: string,
  body: unknown,
): { status: number; body?: unknown } | null {
  const one = fake.fetches.find((there) => there.id === id);
  if (one === undefined) return { status: 404 };
  if (method === 'DELETE') {
    fake.fetches = fake.fetches.filter((there) => there !== one);
    return { status: 204 };
  }
  if (method === 'PATCH') one.everyHours = (body as { everyHours: number | null }).everyHours;
  else one.state = 'fetching';
  return { status: method === 'PATCH' ? 200 : 202, body: one };
}
