import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDiscovery, discoveryRoutes } from '../discovery/index.ts';
import { createRouter, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { knownOf, readVendor } from '../vendors/index.ts';
import { coverageRoutes, createCoverage } from './index.ts';
import type { CoverageView, ImportView } from './schemas.ts';

/** Reports as they are handed in, and what comes of them, on a real database. The vendor and all its numbers are made up. */
const read = readVendor(
  'acme.yaml',
  `format: drawbridge.vendor/1
id: acme
name: Acme
category: ai_models
sources: { docs: { url: 'https://docs.acme.example/', as_of: '2026-11-22' } }
services: [{ id: api, name: Acme API, from: docs }]
domains: [{ is: acme.example, from: docs }]
hosts: [{ is: api.acme.example, service: api, from: docs }]
usage_reports:
  - { shape: organization-usage, of: completions, endpoints: [chat], from: docs }
  - { shape: organization-usage, of: embeddings, endpoints: [embed], from: docs }
  - { shape: organization-costs, of: costs, endpoints: [], from: docs }
`,
);
if ('problems' in read) throw new Error(JSON.stringify(read.problems));
const known = knownOf([read.vendor]);
const CONNECTION = '0199c0de-0000-7000-8000-000000000001';
const connections = [{ id: CONNECTION, name: 'Acme, production', vendor: 'acme', host: 'api.acme.example' }];

let platform: TestPlatform;
let coverageOf: ReturnType<typeof createCoverage>;
let routes: ReturnType<typeof createRouter>;

beforeAll(async () => {
  platform = await testPlatform();
  coverageOf = createCoverage({
    platform,
    known: async () => known,
    connections: async () => connections,
    appNames: async () => new Map([['app-1', 'Nightly jobs']]),
  });
  const discovery = createDiscovery({
    platform,
    known: async () => known,
    imported: async () => ({ revision: '', ofHost: () => undefined }),
    reached: async () => [],
    registered: async () => [],
    ensureVendor: async () => undefined,
  });
  routes = createRouter();
  routes.onError(handleErrors(platform.log));
  routes.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  routes.route('/', coverageRoutes(coverageOf)).route('/', discoveryRoutes(discovery));
});
afterAll(() => platform.close());
beforeEach(() =>
  platform.pool.query(
    `TRUNCATE coverage_day, coverage_proxy_day, coverage_open, usage_import, usage_day, usage_key_day, usage_key,
      coverage_source, coverage_settled, held_key, sighting, candidate, evidence_day, evidence_file, evidence_run,
      evidence_source, change CASCADE`,
  ),
);

async function ask<T = Record<string, unknown>>(
  method: string,
  path: string,
  body?: object | string | Buffer,
): Promise<{ status: number; body: T }> {
  const isFile = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await routes.request(path, {
    method,
    headers: {
      'content-type': isFile ? 'application/octet-stream' : 'application/json',
      'x-drawbridge-reason': 'a test',
    },
    ...(body === undefined
      ? {}
      : { body: isFile ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
}

// The platform's clock stands at 2025-11-09, 8:00.
const DAY = 86_400;
const dayText = (n: number) => `2025-11-0${n}`;
const seconds = (n: number) => Date.parse(dayText(n)) / 1000;
interface Used {
  key?: string | null;
  requests?: number;
  batch?: boolean;
}
const page = (from: number, days: readonly (readonly Used[])[], of = 'completions') =>
  JSON.stringify({
    object: 'page',
    data: days.map((used, n) => ({
      object: 'bucket',
      start_time: seconds(from) + n * DAY,
      end_time: seconds(from) + (n + 1) * DAY,
      results: used.map(({ key = null, requests = 1, batch = false }) => ({
        object: `organization.usage.${of}.result`,
        input_tokens: requests * 20,
        output_tokens: requests * 10,
        num_model_requests: requests,
        api_key_id: key,
        batch,
      })),
    })),
    has_more: false,
    next_page: null,
  });
const ASOF = '2025-11-08T12:00:00Z';
const put = (content: string | Buffer, more: Record<string, string> = {}, vendor = 'acme') =>
  ask<{ import: ImportView; again: boolean } & { code: string; detail: string }>(
    'PUT',
    `/coverage/${vendor}/reports?${new URLSearchParams({ name: 'usage.json', asOf: ASOF, ...more })}`,
    content,
  );
async function taken(content: string | Buffer, more?: Record<string, string>) {
  const { status, body } = await put(content, more);
  expect([status, body.detail]).toEqual([200, undefined]);
  return body;
}
/** From 1 to 3 November, unless said. */
const coverage = async (from = dayText(1), to = dayText(3)) =>
  (await ask<CoverageView>('GET', `/coverage/acme?from=${from}&to=${to}`)).body;
const crossed = (
  n: number,
  answered: number,
  { endpoint = 'chat', connection = CONNECTION, sent = answered } = {},
) =>
  platform.pool.query(
    `INSERT INTO coverage_day (vendor, day, connection, endpoint, sent, answered, failed, metered, tokens)
      VALUES ('acme', $1, $2, $3, $4, $5, 0, $5, $6)`,
    [dayText(n), connection, endpoint, sent, answered, answered * 30],
  );
const count = async (table: string) =>
  (await platform.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n;
const three = (requests: number, of?: string) =>
  page(1, [[{ requests }], [{ requests }], [{ requests }]], of);

describe('nothing handed in', () => {
  test('is unknown, not zero and not all, whatever crossed', async () => {
    await crossed(1, 100);
    const found = await coverage();
    expect(found).toMatchObject({
      share: 'unknown',
      unit: null,
      reported: null,
      more: null,
      wholeDays: 0,
      missing: ['completions', 'embeddings'],
      findings: [],
      standing: { coverage: 'seen' },
    });
    expect(found.days.map((day) => [day.state, day.crossings, day.reported, day.seen, day.past])).toEqual([
      ['unknown', 100, null, null, null],
      ['unknown', 0, null, null, null],
      ['unknown', 0, null, null, null],
    ]);
    expect(found.sources.filter(({ kind }) => kind === 'usage_report')).toMatchObject([
      { name: 'completions', measured: false, amount: null },
      { name: 'costs', measured: false },
      { name: 'embeddings', measured: false },
    ]);
  });

  test('the time is 30 days until yesterday, a year at most', async () => {
    const { body } = await ask<CoverageView>('GET', '/coverage/acme');
    expect([body.from, body.to, body.days.length]).toEqual(['2025-10-10', '2025-11-08', 30]);
    expect((await ask('GET', '/coverage/acme?from=2024-01-01&to=2025-11-01')).body).toMatchObject({
      errors: [{ field: 'from' }],
    });
    expect((await ask('GET', '/coverage/acme?from=2025-11-02&to=2025-11-01')).status).toBe(422);
  });
});

describe('a report', () => {
  test('gives the share by day, and what went past; every kind of it, and coverage may be proven', async () => {
    await taken(three(10));
    for (const n of [1, 2, 3]) await crossed(n, n === 3 ? 4 : 10);
    let found = await coverage();
    expect(found).toMatchObject({
      share: { value: 24 / 30, low: 24 / 30, high: 24 / 30 },
      unit: 'requests',
      reported: 30,
      wholeDays: 0,
      missing: ['embeddings'],
      days: [
        { state: 'part', seen: 10, past: 0 },
        {},
        { reported: 10, seen: 4, past: 6, unsure: 0, more: 0 },
      ],
      findings: [{ kind: 'past_gateway', state: 'open', amount: 6, days: [{ day: dayText(3) }] }],
      standing: { coverage: 'seen' },
    });
    await platform.pool.query('UPDATE coverage_day SET sent = 10, answered = 10');
    await taken(page(1, [[], [], []], 'embeddings'), { of: 'embeddings' });
    found = await coverage();
    expect(found).toMatchObject({
      wholeDays: 3,
      missing: [],
      standing: { coverage: 'proven' },
      findings: [],
    });
    expect(found.days[0]?.state).toBe('whole');
    // One more day, and nobody knows of it.
    expect((await coverage(dayText(1), dayText(4))).standing.coverage).toBe('seen');
  });

  test('the same file twice is one, under any name, and two at once are too', async () => {
    const [one, two] = await Promise.all([taken(three(10)), taken(three(10), { name: 'again.json' })]);
    expect([one.again, two.again].sort()).toEqual([false, true]);
    expect(one.import.id).toBe(two.import.id);
    expect(await taken(three(10))).toMatchObject({ again: true, import: { id: one.import.id } });
    expect([await count('usage_import'), await count('usage_key_day')]).toEqual([1, 3]);
    expect(await count('change')).toBe(1);
    expect((await coverage()).reported).toBe(30);
  });

  test('where two speak of a day, the one that was fetched last stands, in whatever order they come', async () => {
    const older = { asOf: '2025-11-07T00:00:00Z' };
    await taken(page(2, [[{ requests: 7 }], [{ requests: 7 }]]));
    await taken(three(10), older);
    expect((await coverage()).days.map(({ reported }) => reported)).toEqual([10, 7, 7]);
  });

  test('a day that was not over when it was fetched is not known', async () => {
    await taken(three(10), { asOf: '2025-11-03T18:00:00Z' });
    expect((await coverage()).days.map(({ reported }) => reported)).toEqual([10, 10, null]);
    expect((await coverage()).findings.flatMap(({ days }) => days.map(({ day }) => day))).toEqual([
      dayText(1),
      dayText(2),
    ]);
    // A whole one stands before the part, though the part says it was fetched later.
    expect((await put(three(10), { asOf: '2025-12-01T00:00:00Z' })).body).toMatchObject({
      errors: [{ field: 'asOf' }],
    });
  });

  test('the same, fetched again after the day, is known, and stands before what was fetched between', async () => {
    await taken(three(10), { asOf: '2025-11-03T18:00:00Z' });
    await taken(page(2, [[{ requests: 7 }], [{ requests: 7 }]]), { asOf: '2025-11-05T00:00:00Z' });
    expect((await coverage()).days.map(({ reported }) => reported)).toEqual([10, 7, 7]);
    expect(await taken(three(10), { asOf: '2025-11-06T00:00:00Z' })).toMatchObject({
      again: true,
      import: { asOf: '2025-11-06T00:00:00.000Z' },
    });
    expect((await coverage()).days.map(({ reported }) => reported)).toEqual([10, 10, 10]);
    // One that was fetched before says nothing of later.
    await taken(three(10), { asOf: '2025-11-04T00:00:00Z' });
    expect((await coverage()).days.map(({ reported }) => reported)).toEqual([10, 10, 10]);
  });

  test('accounts add up, and a day is known once all of them are', async () => {
    await taken(three(10));
    await taken(page(1, [[{ requests: 5 }]]), { account: 'second' });
    expect((await coverage()).days.map(({ reported }) => reported)).toEqual([15, null, null]);
  });

  test('packed, as a table, and of a vendor that nobody knows', async () => {
    await taken(gzipSync(three(10)), { name: 'usage.json.gz' });
    expect((await coverage()).reported).toBe(30);
    const table = 'Tag;Aufrufe;Schluessel\n2025-11-01;5;k1\n2025-11-01;3;k2\n';
    const mapping = {
      name: 'use.csv',
      format: 'usage-csv',
      at: 'Tag',
      requests: 'Aufrufe',
      key: 'Schluessel',
    };
    const { status } = await put(table, mapping, 'orbit');
    expect(status).toBe(200);
    const { body } = await ask<CoverageView>('GET', '/coverage/orbit?from=2025-11-01&to=2025-11-01');
    expect(body).toMatchObject({ share: { high: 0 }, reported: 8, missing: [], wholeDays: 1 });
  });

  test('a table of all use beside reports of its parts is not counted twice', async () => {
    await taken(three(10));
    await taken('date,requests\n2025-11-01,12\n', { name: 'use.csv' });
    await crossed(1, 10);
    expect(await coverage(dayText(1), dayText(1))).toMatchObject({
      reported: 10,
      share: { low: 1 },
      of: ['completions'],
    });
  });

  test('withdrawn, it counts no longer, and may be handed in again', async () => {
    const { import: made } = await taken(three(10));
    expect((await ask('POST', `/coverage-reports/${made.id}/withdraw`)).status).toBe(204);
    expect((await ask('POST', `/coverage-reports/${made.id}/withdraw`)).status).toBe(204);
    expect((await coverage()).share).toBe('unknown');
    expect((await ask<{ items: unknown[] }>('GET', '/coverage-reports?vendor=acme')).body.items).toEqual([]);
    expect(await taken(three(10))).toMatchObject({ again: false });
    expect(await count('change')).toBe(3);
  });

  test.each([
    ['another vendor’s form', three(10), {}, 'orbit', 'vendor'],
    ['of what nobody knows', three(10, 'telepathy'), {}, 'acme', 'of'],
    ['not of what was said', three(10), { of: 'embeddings' }, 'acme', 'of'],
    ['of nothing, and of what is not said', page(1, [[]]), {}, 'acme', 'of'],
  ])('%s is refused', async (_, content, more, vendor, field) => {
    const { status, body } = await put(content, more as Record<string, string>, vendor);
    expect([status, (body as unknown as { errors: object[] }).errors]).toMatchObject([422, [{ field }]]);
    expect(await count('usage_import')).toBe(0);
  });

  test.each([
    ['no report', '{"log":{"entries":[]}}', 'no_usage_report'],
    ['nothing known', 'hello', 'report_refused'],
    ['a report that breaks off', three(10).slice(0, -20), 'report_refused'],
    ['packed and cut', gzipSync(three(10)).subarray(0, 60), 'report_refused'],
    ['a bomb', gzipSync(Buffer.alloc(120 * 1024 * 1024, ' ')), 'report_refused'],
    ['a whole key', page(1, [[{ key: 'sk-proj-made-up-made-up' }]]), 'report_refused'],
    [
      'a span over days',
      JSON.stringify({
        data: [{ object: 'bucket', start_time: seconds(1), end_time: seconds(3), results: [] }],
      }),
      'span_over_days',
    ],
  ])('%s is refused and leaves nothing', async (_, content, code) => {
    const { status, body } = await put(content, { of: 'completions' });
    expect([status, body.code]).toEqual([422, code]);
    expect(JSON.stringify(body)).not.toContain('made-up');
    expect([await count('usage_import'), await count('usage_day'), await count('change')]).toEqual([0, 0, 0]);
  });

  test('one that fails half-way through leaves nothing, and comes in whole the next time', async () => {
    await platform.pool.query(
      `CREATE FUNCTION made_up_failure() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the disk is full, made up'; END $$`,
    );
    await platform.pool.query(
      'CREATE TRIGGER made_up BEFORE INSERT ON usage_key_day FOR EACH ROW EXECUTE FUNCTION made_up_failure()',
    );
    try {
      expect((await put(three(10))).status).toBe(500);
    } finally {
      await platform.pool.query('DROP TRIGGER made_up ON usage_key_day; DROP FUNCTION made_up_failure');
    }
    expect([await count('usage_import'), await count('usage_day'), await count('change')]).toEqual([0, 0, 0]);
    expect(await taken(three(10))).toMatchObject({ again: false });
  });

  test('a sender that goes away half-way leaves nothing', async () => {
    const half = three(10).slice(0, 300);
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(half));
      },
      pull(controller) {
        controller.error(new Error('the line is dead, made up'));
      },
    });
    const path = `/coverage/acme/reports?${new URLSearchParams({ name: 'usage.json', asOf: ASOF })}`;
    const init = { method: 'PUT', body, duplex: 'half', headers: { 'x-drawbridge-reason': 'a test' } };
    expect((await routes.request(path, init as RequestInit)).status).toBe(500);
    expect(await count('usage_import')).toBe(0);
  });
});

describe('findings', () => {
  const keys = page(1, [
    [
      { key: 'key_ours', requests: 50 },
      { key: 'key_other', requests: 3 },
    ],
  ]);

  test('of so many keys of a vendor it is said whose they are, and of no more; what is said already may be said again', async () => {
    await platform.pool.query(
      `INSERT INTO usage_key SELECT 'acme', 'key_' || n, $1, 'A test', 'x', 'Ada', now() FROM generate_series(1, 1000) AS n`,
      [CONNECTION],
    );
    const link = (key: string, connection: string | null = CONNECTION) =>
      ask('POST', '/coverage/acme/keys', { key, connection });
    expect(await link('key_more')).toMatchObject({ status: 409, body: { code: 'too_many_keys' } });
    expect((await link('key_7')).status).toBe(204);
    expect((await link('key_7', null)).status).toBe(204);
    expect((await link('key_more')).status).toBe(204);
    expect((await coverage()).keys).toHaveLength(500);
  });

  test('a key that is nobody’s here: known by its link, held elsewhere, or unknown, and it opens the report', async () => {
    const { import: made } = await taken(keys);
    await crossed(1, 50);
    expect((await coverage()).findings).toMatchObject([{ kind: 'past_gateway', amount: 3 }]);
    const link = { key: 'key_ours', connection: CONNECTION };
    expect((await ask('POST', '/coverage/acme/keys', link)).status).toBe(204);
    const found = await coverage();
    expect(found.findings).toMatchObject([
      {
        kind: 'unknown_key',
        strength: 'strong',
        subject: 'key_other',
        days: [{ day: dayText(1), amount: 3, evidence: { kind: 'import', import: made.id, line: 1 } }],
      },
    ]);
    expect(found.keys).toMatchObject([
      { key: 'key_ours', connection: CONNECTION, name: 'Acme, production', amount: 50 },
      { key: 'key_other', connection: null, held: null },
    ]);
    await platform.pool.query(
      `INSERT INTO held_key (id, source, external_id, label, kind, scopes, tells_use, active, first_listed_at, last_listed_at)
        VALUES ($1, 'Acme', 'key_other', 'Old batch job', 'api_key', '{}', false, true, now(), now())`,
      [CONNECTION],
    );
    expect((await coverage()).findings).toMatchObject([{ kind: 'held_key', name: 'Old batch job' }]);
    const foreign = { key: 'key_other', connection: '0199c0de-0000-7000-8000-00000000000f' };
    expect((await ask('POST', '/coverage/acme/keys', foreign)).body).toMatchObject({
      errors: [{ field: 'connection' }],
    });
  });

  test('settled with a reason, and opened again by more of it', async () => {
    await taken(page(1, [[{ key: 'key_other', requests: 3 }]]));
    const [finding] = (await coverage()).findings;
    const asked = { finding: finding?.id, from: dayText(1), to: dayText(3), reason: 'A test account' };
    expect((await ask('POST', '/coverage/acme/settle', asked)).status).toBe(204);
    expect((await coverage()).findings).toMatchObject([
      { state: 'settled', reopened: false, amount: 3, settled: { reason: 'A test account', by: 'Someone' } },
    ]);
    // The same day again says nothing new; another day does.
    await taken(page(1, [[{ key: 'key_other', requests: 3 }], [{ key: 'key_other', requests: 2 }]]));
    expect((await coverage()).findings).toMatchObject([
      { state: 'open', reopened: true, amount: 2, days: [{ day: dayText(2) }] },
    ]);
    expect((await ask('POST', '/coverage/acme/settle', asked)).status).toBe(204);
    expect((await coverage()).findings).toMatchObject([{ state: 'settled', amount: 5 }]);
    const { finding: id } = asked;
    expect((await ask('POST', '/coverage/acme/reopen', { finding: id })).status).toBe(204);
    expect((await coverage()).findings).toMatchObject([{ state: 'open', reopened: false, amount: 5 }]);
    expect((await ask('POST', '/coverage/acme/reopen', { finding: id })).status).toBe(404);
    expect((await ask('POST', '/coverage/acme/settle', { ...asked, finding: 'none' })).status).toBe(404);
  });

  test('hosts in egress logs by day, a source that never sees the gateway, and the line that opens it', async () => {
    const line = (n: number, host: string) =>
      `${seconds(n) + 60}.123 240 192.0.2.9 TCP_TUNNEL/200 512 CONNECT ${host}:443 - HIER_DIRECT/198.51.100.7 -\n`;
    const log = [
      line(1, 'api.acme.example'),
      line(1, 'other.example'),
      line(2, 'api.acme.example'),
      line(3, 'other.example'),
    ];
    const { body: run } = await ask<{ id: string }>('POST', '/discovery/runs', { source: 'Squid, Berlin' });
    expect((await ask('PUT', `/discovery/runs/${run.id}/file?name=access.log`, log.join(''))).status).toBe(
      200,
    );
    await crossed(1, 5);
    let found = await coverage();
    expect(found.sources.find(({ kind }) => kind === 'traffic')).toMatchObject({
      name: 'Squid, Berlin',
      detail: 'squid',
      days: 3,
      counts: 'connections',
      amount: 2,
      seesGateway: null,
    });
    expect(found.findings).toMatchObject([
      {
        kind: 'host_past_gateway',
        subject: 'api.acme.example',
        days: [
          {
            day: dayText(2),
            amount: 1,
            evidence: { kind: 'file', source: 'Squid, Berlin', file: 'access.log', lines: [1, 3] },
          },
        ],
      },
    ]);
    expect(found.share).toBe('unknown');
    const said = { source: 'Squid, Berlin', seesGateway: false };
    expect((await ask('POST', '/coverage-sources', said)).status).toBe(204);
    found = await coverage();
    expect(found.findings[0]?.days.map(({ day }) => day)).toEqual([dayText(1), dayText(2)]);
    // The log goes on under its name: what it showed before was seen all the same.
    await ask('PUT', `/discovery/runs/${run.id}/file?name=access.log`, line(3, 'api.acme.example'));
    found = await coverage();
    expect(found.findings[0]?.days.map(({ day }) => day)).toEqual([dayText(1), dayText(2), dayText(3)]);
  });

  test('an app that tunnels, and money for a day without a crossing', async () => {
    await platform.pool.query(`INSERT INTO coverage_proxy_day VALUES ('acme', '2025-11-01', 'app-1', 4)`);
    const cost = {
      object: 'organization.costs.result',
      amount: { value: 1.5, currency: 'usd' },
    };
    const bucket = { object: 'bucket', start_time: seconds(2), end_time: seconds(3), results: [cost] };
    await taken(JSON.stringify({ object: 'page', data: [bucket], has_more: false }));
    const found = await coverage();
    expect(found).toMatchObject({ share: 'unknown', wholeDays: 0 });
    expect(found.findings).toMatchObject([
      { kind: 'charged', unit: 'millionths', amount: 1_500_000, days: [{ day: dayText(2) }] },
      { kind: 'tunnel', subject: 'app-1', name: 'Nightly jobs', amount: 4 },
    ]);
  });

  test('what is done in batches is compared with nothing, and proves nothing', async () => {
    await taken(page(1, [[{ requests: 10 }, { requests: 500, batch: true }]]));
    await taken(page(1, [[]], 'embeddings'), { of: 'embeddings' });
    await crossed(1, 10);
    expect(await coverage(dayText(1), dayText(1))).toMatchObject({
      share: { low: 1 },
      reported: 10,
      batch: 500,
      wholeDays: 1,
      standing: { coverage: 'seen' },
    });
  });
});

describe('what a vendor’s own reports count lately', () => {
  const lately = () => coverageOf.usageLately('acme', new Date('2025-11-04T09:00:00Z'));

  test('is nothing where no day is known whole', async () => {
    expect(await lately()).toBeNull();
    await taken(page(1, [[{ requests: 3 }]]), { asOf: '2025-11-01T20:00:00Z' });
    expect(await lately()).toBeNull();
  });

  test('adds up what stands, of use and of money each', async () => {
    await taken(three(10));
    await taken(page(1, [[], [], []], 'embeddings'), { of: 'embeddings' });
    await taken(page(4, [[{ requests: 99 }]]));
    const result = { object: 'organization.costs.result', amount: { value: 1.5, currency: 'usd' } };
    const bucket = { object: 'bucket', start_time: seconds(2), end_time: seconds(3), results: [result] };
    await taken(JSON.stringify({ object: 'page', data: [bucket], has_more: false }));
    expect(await lately()).toEqual({
      from: dayText(1),
      to: dayText(3),
      days: 3,
      isWhole: true,
      requests: 30,
      tokens: 900,
      cost: 1_500_000,
    });
  });

  test('is not whole while one kind of use is missing, and counts nothing where a report lists nothing', async () => {
    await taken(page(1, [[], [], []]), { of: 'completions' });
    expect(await lately()).toMatchObject({ isWhole: false, requests: 0, tokens: 0, cost: null });
  });
});

test('absence may be claimed for a time that is proven to its last day, and for no longer one', async () => {
  await taken(three(10));
  await taken(page(1, [[], [], []], 'embeddings'), { of: 'embeddings' });
  for (const n of [1, 2, 3]) await crossed(n, 10);
  const at = (n: number) => Date.parse(dayText(n));
  const covered = (from: number, to: number) => coverageOf.covered('acme', from, to);
  expect(await covered(at(1) + 5_000, at(3) + DAY * 1_000 - 1)).toMatchObject({ isProven: true });
  expect(await covered(at(1), at(4))).toMatchObject({ isProven: false });
  const long = await covered(at(3) - 400 * DAY * 1_000, at(3));
  expect(long).toMatchObject({ isProven: false });
  expect(long.text).toContain('a year is the most');
});

test('vendors with reports are listed with what is open, page by page', async () => {
  await taken(page(1, [[{ key: 'k1', requests: 3 }]]));
  await put('date,requests\n2025-11-01,5\n', { name: 'use.csv' }, 'orbit');
  const first = (await ask<{ items: object[]; next: string }>('GET', '/coverage?limit=1')).body;
  expect(first.items).toMatchObject([{ vendor: 'acme', share: { high: 0 }, open: 1, strong: 1 }]);
  const second = (
    await ask<{ items: object[]; next: string | null }>('GET', `/coverage?limit=1&cursor=${first.next}`)
  ).body;
  expect(second).toMatchObject({ items: [{ vendor: 'orbit' }], next: null });
});
