import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testSealer } from '../platform/blobs/testing.ts';
import { blobRoutes, createBlobs, createRouter, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { agreementKinds } from './agreements.ts';
import { createRegister, registerRoutes } from './index.ts';
import { FORMAT, type PortableVendor } from './portable.ts';
import { criticalities, statuses } from './status.ts';
import { outcomes } from './tables.ts';

/** The register as files, out and in, on a real database. All vendors are made up. */
let platform: TestPlatform;
let routes: ReturnType<typeof createRouter>;

beforeAll(async () => {
  platform = await testPlatform();
  const sealer = await testSealer(platform);
  const blobs = createBlobs(platform, sealer);
  const ledger = { got: async () => ({ people: 0, classes: [] }) };
  const register = createRegister({ platform, blobs, sealer, ledger, nameOf: (id) => id });
  const known = new Map([['mixpanel.com', 'mixpanel']]);
  routes = createRouter();
  routes.onError(handleErrors(platform.log));
  routes.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  routes.route('/', blobRoutes(blobs));
  routes.route(
    '/',
    registerRoutes(register, async () => (domain) => known.get(domain)),
  );
});
afterAll(() => platform.close());
const empty = () => platform.pool.query('TRUNCATE register_vendor, blob, blob_use, change CASCADE');
beforeEach(empty);

async function ask(method: string, path: string, body?: object) {
  const response = await routes.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify({ reason: 'A test', ...body }) }),
  });
  return { status: response.status, text: await response.text() };
}
const exported = async (format = 'json') => (await ask('GET', `/register/export?format=${format}`)).text;
const take = async (format: string, content: string, preview = false) => {
  const given = { format, content, source: 'their list', asOf: '2025-11-01', preview };
  const { status, text } = await ask('POST', '/register/imports', given);
  return { status, body: JSON.parse(text) };
};
const entry = async (id: string) => JSON.parse((await ask('GET', `/register/${id}`)).text);

/** Any text that may be entered, and often what means something in a table. */
const words = (most: number) =>
  fc
    .oneof(
      fc.string({ minLength: 1, maxLength: most, unit: 'grapheme' }),
      fc.string({ minLength: 1, maxLength: most, unit: fc.constantFrom(...`=+-@＝'";,\t\r\n ab|\ufeff`) }),
    )
    .map((text) => text.replaceAll(/[\0\ud800-\udfff]/gu, '').trim())
    .filter((text) => text.length > 0 && text.length <= most);
const id = fc
  .stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/)
  .filter((text) => !['calendar', 'export', 'imports', 'rules'].includes(text));
const day = fc
  .integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) })
  .map((at) => new Date(at).toISOString().slice(0, 10));
const time = day.map((on) => `${on}T10:00:00.000Z`);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const ends = fc.record({ signedOn: maybe(day), validUntil: maybe(day) }).map(({ signedOn, validUntil }) => ({
  signedOn,
  validUntil: signedOn !== null && validUntil !== null && validUntil < signedOn ? null : validUntil,
}));
const statement = fc.oneof(
  words(60).map((value) => ({ kind: 'legal_name' as const, key: '', value })),
  words(60).map((value) => ({ kind: 'incident_contact' as const, key: '', value })),
  fc.nat(8760).map((value) => ({ kind: 'notice_hours' as const, key: '', value })),
  fc
    .record({ days: maybe(fc.nat(3000)), note: maybe(words(50)) })
    .map((value) => ({ kind: 'retention' as const, key: 'person.email', value })),
  words(60).map((value) => ({ kind: 'headquarters' as const, key: '', value })),
  words(60).map((value) => ({ kind: 'exit_plan' as const, key: '', value })),
  fc
    .record({ name: words(60), purpose: maybe(words(50)) })
    .map((value) => ({ kind: 'service' as const, key: 'api', value })),
  fc
    .record({ days: maybe(fc.nat(3000)), note: maybe(words(50)) })
    .map((value) => ({ kind: 'substitute' as const, key: 'other', value })),
  maybe(words(50)).map((note) => ({ kind: 'data' as const, key: 'network.ip', value: { note } })),
  fc.record({ on: day, what: words(50) }).map((value) => ({ kind: 'deletion' as const, key: 'all', value })),
  fc
    .record({
      countries: fc.uniqueArray(fc.constantFrom('DE', 'US', 'IE'), { minLength: 1 }),
      note: maybe(words(50)),
    })
    .map((value) => ({ kind: 'residency' as const, key: '', value })),
  fc.constant({ kind: 'legal_id' as const, key: 'duns', value: '123456789' }),
  fc.constant({ kind: 'page' as const, key: 'dpa', value: 'https://acme.example/dpa?a=1&b=%20' }),
);
const byKind = (a: { kind: string; key: string }, b: { kind: string; key: string }) =>
  `${a.kind} ${a.key}` < `${b.kind} ${b.key}` ? -1 : 1;
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
const vendor: fc.Arbitrary<PortableVendor> = fc.record({
  id,
  name: words(60),
  owner: maybe(words(60)),
  purpose: maybe(words(200)),
  category: maybe(words(30)),
  domain: maybe(fc.constantFrom('example.com', 'eu.example.org')),
  criticality: fc.constantFrom(...criticalities),
  tier: maybe(fc.constantFrom('none', 'standard', 'high')),
  status: fc.constantFrom(...statuses),
  statements: fc
    .uniqueArray(
      fc
        .record({ of: statement, source: words(50), asOf: day })
        .map(({ of, source, asOf }) => ({ ...of, source, asOf, files: [] })),
      { selector: ({ kind }) => kind, maxLength: 6 },
    )
    .map((all) => all.toSorted(byKind)),
  agreements: fc
    .array(
      fc.record({
        id: fc.uuid(),
        kind: fc.constantFrom(...agreementKinds),
        parties: maybe(words(50)),
        ends,
        validFrom: maybe(day),
        openEnded: fc.boolean(),
        endedOn: maybe(day),
        reviewedBy: maybe(words(30)),
        reviewedOn: maybe(day),
        noticeDays: maybe(fc.nat(100)),
        objectionDays: maybe(fc.nat(100)),
        note: maybe(words(50)),
        source: words(30),
        asOf: day,
        enteredAt: time,
      }),
      { maxLength: 3 },
    )
    .map((all) =>
      all
        .map(({ ends: { signedOn, validUntil }, validFrom, openEnded, endedOn, ...rest }) => {
          const first = validFrom ?? signedOn;
          const until = validUntil !== null && first !== null && validUntil < first ? null : validUntil;
          return {
            ...rest,
            ...{ signedOn, validFrom, validUntil: until, openEnded: openEnded && until === null },
            endedOn: endedOn !== null && signedOn !== null && endedOn < signedOn ? null : endedOn,
            files: [] as { hash: string; name: string }[],
          };
        })
        .toSorted(byId),
    ),
  reviews: fc
    .array(
      fc.record({
        id: fc.uuid(),
        reviewedOn: day,
        outcome: fc.constantFrom(...outcomes),
        note: words(50),
        reviewer: words(30),
        recordedAt: time,
        files: fc.constant<{ hash: string; name: string }[]>([]),
      }),
      { maxLength: 3 },
    )
    .map((all) => all.toSorted(byId)),
});
const registers = fc
  .uniqueArray(vendor, { selector: (one) => one.id, maxLength: 5 })
  .map((all) => all.toSorted(byId));

describe('an export of ours', () => {
  test('taken in gives the same register, and taken in again changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(registers, async (vendors) => {
        await empty();
        const content = JSON.stringify({ format: FORMAT, vendors });
        const taken = await take('json', content);
        expect([taken.status, taken.body.counts]).toEqual([
          200,
          { new: vendors.length, changed: 0, same: 0 },
        ]);
        const text = await exported();
        expect(JSON.parse(text)).toEqual({ format: FORMAT, vendors });
        expect((await take('json', text)).body.counts).toEqual({ new: 0, changed: 0, same: vendors.length });
        expect(await exported()).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  test('as a table gives the same lines, whatever a spreadsheet would compute of them', async () => {
    await fc.assert(
      fc.asyncProperty(registers, async (vendors) => {
        await empty();
        await take('json', JSON.stringify({ format: FORMAT, vendors }));
        const table = await exported('csv');
        await empty();
        expect((await take('csv', table)).body.counts.new).toBe(vendors.length);
        expect(await exported('csv')).toBe(table);
      }),
      { numRuns: 40 },
    );
  });

  test('names the files, and says which are not here', async () => {
    const here = 'A proof.';
    const hash = createHash('sha256').update(here).digest('hex');
    await routes.request(`/blobs/${hash}`, {
      method: 'PUT',
      headers: { 'x-drawbridge-reason': 'A test' },
      body: here,
    });
    const files = [
      { hash, name: 'proof.txt' },
      { hash: 'c'.repeat(64), name: 'lost.pdf' },
    ];
    const statements = [
      {
        kind: 'deletion',
        key: 'all',
        value: { on: '2025-01-01', what: 'All' },
        source: 'x',
        asOf: '2025-01-01',
        files,
      },
    ];
    const vendors = [{ ...plain('acme', 'Acme'), statements }];
    const taken = await take('json', JSON.stringify({ format: FORMAT, vendors }));
    expect(taken.body.missingFiles).toEqual(['c'.repeat(64)]);
    expect(JSON.parse(await exported()).vendors[0].statements[0].files).toEqual([files[0]]);
  });
});

const plain = (of: string, name: string) => ({
  ...{ id: of, name, owner: null, purpose: null, category: null, domain: null },
  ...{ criticality: 'unknown', tier: null, status: 'candidate', statements: [], agreements: [], reviews: [] },
});

describe('a table of somebody else’s', () => {
  const table =
    'Vendor Name;Website;Type;Business Owner;Spend\n' +
    'Mixpanel;https://www.mixpanel.com/pricing;Analytics;Ada Example;100\n' +
    'Ærø & Søn;;;;\n';

  test('is shown before it is taken in, and what nothing is made of is said', async () => {
    const shown = await take('csv', table, true);
    expect(shown.body).toMatchObject({ counts: { new: 2, changed: 0, same: 0 }, unread: ['Spend'] });
    expect((await ask('GET', '/register')).text).toContain('"items":[]');
    await take('csv', table);
    expect(await entry('mixpanel')).toMatchObject({
      domain: 'mixpanel.com',
      category: 'Analytics',
      owner: 'Ada Example',
    });
    const again = await take('csv', table.replace('Ada', 'Bob'), true);
    expect(again.body).toMatchObject({
      counts: { new: 0, changed: 1, same: 1 },
      effects: [{ id: 'mixpanel', effect: 'changed', changes: ['owner'] }],
    });
  });

  test('moves no status and no tier of a vendor that is there, and empties nothing', async () => {
    await ask('POST', '/register', { id: 'acme', name: 'Acme', owner: 'Ada Example', tier: 'high' });
    const taken = await take('csv', 'id,name,status,tier,owner\nacme,Acme,approved,none,\n');
    expect(taken.body).toMatchObject({ counts: { same: 1 }, effects: [{ kept: ['status', 'tier'] }] });
    expect(await entry('acme')).toMatchObject({ status: 'candidate', tier: 'high', owner: 'Ada Example' });
    await take('csv', 'id,name,status,tier,owner\nacme,Acme,approved,none,Bob Example\n');
    expect(await entry('acme')).toMatchObject({ status: 'candidate', tier: 'high', owner: 'Bob Example' });
  });

  test.each([
    ['owner\nAda\n', 'line 1'],
    ['name,criticality\nAcme,very\n', 'line 2, column criticality'],
    ['name,owner\nAcme,x\n,y\n', 'line 3, column name'],
    ['name\n???\n', 'line 2'],
    ['name,domain\nAcme,not a domain\n', 'line 2, column domain'],
    ['name\nAcme\nACME\n', 'two entries'],
    ['name,tier\nAcme,nonsense\n', 'no such tier'],
    ['name\n"Acme\n', 'never closed'],
  ])('%j is refused whole, with its place', async (text, place) => {
    const { status, body } = await take('csv', text);
    expect([status, body.detail]).toEqual([422, expect.stringContaining(place)]);
    expect((await ask('GET', '/register')).text).toContain('"items":[]');
  });
});

describe('Probo’s list', () => {
  test('gives names, domains and pages, each as declared there; certifications are not taken', async () => {
    const list = [
      {
        name: 'Acme Mail',
        legalName: 'Acme Mail, Inc.',
        headquarterAddress: '1 Example Street',
        websiteUrl: 'https://www.acme-mail.example',
        category: 'E-mail',
        dataProcessingAgreementUrl: 'https://acme-mail.example/dpa',
        statusPageUrl: 'javascript:alert(1)',
        serviceLevelAgreementUrl: '',
        certifications: ['GDPR'],
      },
    ];
    const taken = await take('probo', JSON.stringify(list));
    expect(taken.body).toMatchObject({ counts: { new: 1 }, unread: ['certifications'] });
    const made = await entry('acme-mail');
    expect(made).toMatchObject({
      domain: 'acme-mail.example',
      category: 'E-mail',
      status: 'candidate',
      purpose: null,
    });
    expect(
      made.statements.map(({ kind, key, source }: Record<string, string>) => `${kind} ${key} ${source}`),
    ).toEqual(['headquarters  their list', 'legal_name  their list', 'page dpa their list']);
    expect((await take('probo', '{"name":"x"}')).status).toBe(422);
    expect((await take('probo', '[{"name":')).body.detail).toContain('is not JSON');
  });
});

describe('while something else changes', () => {
  const two = 'id,name,category\nacme,Acme,Analytics\nbolt,Bolt,Mail\n';

  test('an import waits for what a person changes, and does not write it over', async () => {
    await take('csv', two);
    const person = await platform.pool.connect();
    try {
      await person.query('BEGIN');
      await person.query(`UPDATE register_vendor SET owner = 'Ada Example' WHERE id = 'acme'`);
      const coming = take('csv', two.replace('Analytics', 'Metrics'));
      const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await expect
        .poll(async () => (await platform.pool.query(waiting)).rows[0].n, { timeout: 20_000 })
        .toBe(1);
      await person.query('COMMIT');
      expect((await coming).body.counts).toEqual({ new: 0, changed: 1, same: 1 });
    } finally {
      person.release();
    }
    expect(await entry('acme')).toMatchObject({ owner: 'Ada Example', category: 'Metrics' });
  });

  test('several imports of the same vendors in other orders are all taken in', async () => {
    const lines = Array.from({ length: 600 }, (_, n) => `v${n},Vendor ${n}`);
    const table = (rows: string[], category: string) =>
      `id,name,category\n${rows.map((row) => `${row},${category}`).join('\n')}\n`;
    const taken = await Promise.all(
      ['A', 'B', 'C', 'D'].map((category, n) =>
        take('csv', table(n % 2 === 0 ? lines : lines.toReversed(), category)),
      ),
    );
    expect(taken.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(taken.map(({ body }) => body.counts.new).toSorted()).toEqual([0, 0, 0, 600]);
    const { rows } = await platform.pool.query('SELECT DISTINCT category FROM register_vendor');
    expect(rows).toHaveLength(1);
  });

  test('one that fails at the last vendor leaves nothing', async () => {
    const vendors = [plain('acme', 'Acme'), { ...plain('bolt', 'Bolt'), tier: 'nobody-knows' }];
    expect((await take('json', JSON.stringify({ format: FORMAT, vendors }))).status).toBe(422);
    expect((await platform.pool.query('SELECT FROM register_vendor')).rowCount).toBe(0);
  });
});

test('10,000 vendors are taken in, listed and given out in seconds', async () => {
  const vendors = Array.from({ length: 10_000 }, (_, n) => ({
    ...plain(`vendor-${n}`, `Vendor ${n}`),
    tier: 'standard',
    statements: [
      { kind: 'legal_name', key: '', value: `Vendor ${n}, Inc.`, source: 'x', asOf: '2025-01-01', files: [] },
    ],
  }));
  const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const since = performance.now();
    const done = await work();
    return [done, Math.round(performance.now() - since)];
  };
  const [taken, importMs] = await timed(() => take('json', JSON.stringify({ format: FORMAT, vendors })));
  expect(taken.body.counts.new).toBe(10_000);
  const [page, listMs] = await timed(() => ask('GET', '/register?limit=200'));
  expect(JSON.parse(page.text).items).toHaveLength(200);
  const [, searchMs] = await timed(() => ask('GET', '/register?search=9999'));
  const [, dueMs] = await timed(() => ask('GET', '/vendor-reviews?from=2025-01-01&to=2026-12-31'));
  const [, exportMs] = await timed(() => exported());
  console.log(
    `10,000 vendors: import ${importMs} ms, page ${listMs} ms, search ${searchMs} ms, due ${dueMs} ms, export ${exportMs} ms`,
  );
  expect(importMs).toBeLessThan(60_000);
  expect(listMs).toBeLessThan(2_000);
});
