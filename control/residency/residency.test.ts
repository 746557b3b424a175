import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { type Known, knownOf, readVendor } from '../vendors/index.ts';
import { createResidency } from './index.ts';
import { residencyProjection } from './seen-projection.ts';
import { shippedTransfers } from './testing.ts';
import type { EvidenceSeen } from './where.ts';

/** The routes on a real database, with a made-up vendor that has a host in the United States and one in the EU. */

const facts = readVendor(
  'acme.yaml',
  `format: drawbridge.vendor/1
id: acme
name: Acme
category: analytics
sources:
  docs: { url: 'https://docs.acme.example/', as_of: '2025-11-01' }
services:
  - { id: analytics, name: Acme Analytics, from: docs }
domains:
  - { is: acme.example, from: docs }
hosts:
  - { is: jp.acme.test, region: JP, service: analytics, from: docs }
`,
);

let house: TestHouse;
let inEvidence: EvidenceSeen[] = [];
let published = new Map<number, string>();
beforeAll(async () => {
  house = await testHouse();
  if (!('vendor' in facts)) throw new Error(JSON.stringify(facts));
  const known: Known = knownOf([facts.vendor]);
  const residency = createResidency({
    platform: house.platform,
    catalogue: house.catalogue,
    known: async () => known,
    connections: house.connections,
    inEvidence: async () => inEvidence,
    transfers: await shippedTransfers(),
    readHosts: async (versions) =>
      versions.flatMap((version) => {
        const host = published.get(version);
        return host === undefined ? [] : [{ version, connection: 'c1', host }];
      }),
  });
  house.held.demands = residency.demands;
  house.app.route('/api/v1', residency.routes);
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  published = new Map();
  inEvidence = [];
  await house.platform.pool.query(
    'TRUNCATE residency_statement, residency_demand, residency_ranges, residency_seen, people_count, exposure_slot, setting CASCADE',
  );
});

const said = { 'x-drawbridge-reason': 'A test' };
const ask = (method: string, path: string, body?: object) =>
  house.ask(method, `/residency${path}`, body, said);
const read = async (path: string) => (await ask('GET', path)).body;
const given = {
  vendor: 'acme',
  service: 'analytics',
  kind: 'processing',
  place: 'EU',
  bases: [],
  conditions: { plan: 'Enterprise' },
  source: 'DPA of 2025, annex 2',
  asOf: '2025-11-01',
};
const state = (part: object = {}) => ask('POST', '/statements', { ...given, ...part });
async function saw(
  address: string,
  version: number,
  host: string | null,
  part: { vendor?: string; at?: string } = {},
) {
  if (host !== null) published.set(version, host);
  await house.platform.pool.query(
    `INSERT INTO residency_seen VALUES ('c1', $1, $2, 'analytics', $3, 5, $4, $4, '0199c0de-0000-7000-8000-000000000001')`,
    [address, part.vendor ?? 'acme', version, part.at ?? '2025-11-08T00:00:00Z'],
  );
}
type Entries = Parameters<typeof residencyProjection.apply>[1];
const at = Date.parse('2025-11-08T00:00:00Z');
const egressCrossing = (id: string, vendor: string, host: string) => ({
  type: 'crossing',
  id,
  at,
  decision: 'forwarded',
  connection: '@egress',
  service: '@egress',
  vendor,
  snapshot: 1,
  egress: { host, port: 443 },
});
const egressSettled = (crossing: string, remote: string) => ({
  type: 'settlement',
  crossing,
  at,
  remote,
  egress: { sent: 1 },
});
async function projected(...entries: object[]): Promise<void> {
  const client = await house.platform.pool.connect();
  try {
    const numbered = entries.map((entry, index) => ({ log: 1, index, entry }));
    await residencyProjection.apply(client, numbered as unknown as Entries);
  } finally {
    client.release();
  }
}
const changes = async () =>
  (await house.platform.pool.query('SELECT act, reason FROM change')).rows.map(({ act }) => act).sort();

describe('statements', () => {
  test('are kept in versions, with who, when and why, and a change from an old version is a conflict', async () => {
    const made = await state();
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({
        version: 1,
        class: null,
        statedBy: 'Ada Example',
        asOf: '2025-11-01',
        reason: 'A test',
      }),
    ]);
    const { id } = made.body;
    const change = (basedOn: number, part: object) =>
      ask('PUT', `/statements/${id}`, { ...given, ...part, basedOn });
    expect((await change(1, { place: 'UNKNOWN' })).body).toMatchObject({ version: 2, place: 'UNKNOWN' });
    expect(await change(1, { place: 'DE' })).toMatchObject({
      status: 409,
      body: { code: 'changed_meanwhile' },
    });
    expect((await change(2, { vendor: 'other' })).body.errors).toMatchObject([{ field: 'vendor' }]);
    expect((await read(`/statements/${id}/versions`)).items).toMatchObject([
      { version: 2, place: 'UNKNOWN' },
      { version: 1, place: 'EU' },
    ]);
    expect((await ask('POST', `/statements/${id}/withdraw`, {})).status).toBe(204);
    expect((await read('/statements')).items).toEqual([]);
    expect((await read(`/statements/${id}/versions`)).items[0]).toMatchObject({
      version: 3,
      withdrawn: true,
    });
    expect((await ask('POST', `/statements/${id}/withdraw`, {})).status).toBe(404);
    expect(await changes()).toEqual(['residency.change', 'residency.state', 'residency.withdraw']);
  });

  test.each([
    [{ place: 'Europe' }, 400, 'place'],
    [{ place: 'EDGE' }, 400, 'place'],
    [{ place: 'aws:eu-moon-1' }, 422, 'place'],
    [{ asOf: '2031-01-01' }, 422, 'asOf'],
    [{ source: '' }, 400, 'source'],
    [{ kind: 'everything' }, 400, 'kind'],
    [{ class: 'person.shoe' }, 400, 'class'],
    [{ bases: [{ kind: 'bcr' }, { kind: 'bcr' }] }, 422, 'bases.1'],
    [{ bases: [{ kind: 'scc', modules: [5], assessedOn: null }] }, 400, 'bases.0.modules.0'],
    [{ vendor: '../x' }, 400, 'vendor'],
  ])('%j is refused, naming the field', async (part, status, field) => {
    const answer = await state(part);
    expect(answer.status).toBe(status);
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
    expect(await changes()).toEqual([]);
  });

  test('come in pages, and once where a request came twice', async () => {
    const twice = { ...said, 'idempotency-key': 'one-and-the-same' };
    for (let n = 0; n < 2; n += 1) await house.ask('POST', '/residency/statements', given, twice);
    await state({ kind: 'storage' });
    await state({ kind: 'backup', vendor: 'other' });
    const first = await read('/statements?limit=2');
    expect(first.items).toHaveLength(2);
    expect((await read(`/statements?limit=2&cursor=${first.next}`)).items).toHaveLength(1);
    expect((await read('/statements?vendor=other')).items).toHaveLength(1);
    expect((await ask('GET', '/statements?cursor=x')).status).toBe(400);
  });
});

test('two tables of networks that come at once are both taken in, each with a version', async () => {
  const table = `drawbridge.ranges/1\nsource made-up 2025-11-01 ${'a'.repeat(64)} https://made-up.example/\nat DE made-up\n198.51.100.0/24\n`;
  const both = await Promise.all([1, 2, 3, 4].map(() => ask('POST', '/ranges', { table })));
  expect(both.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(both.map(({ body }) => body.version).sort()).toEqual([1, 2, 3, 4]);
});

test('statements that were withdrawn take no room', async () => {
  await house.platform.pool.query(
    `INSERT INTO residency_statement (id, version, vendor, service, class, kind, place, bases, conditions, source, as_of, stated_at, stated_by, reason, withdrawn)
      SELECT gen_random_uuid(), 1, 'old', '', '', 'storage', 'EU', '[]', '{}', 'made up', '2025-11-01', now(), 'Ada', 'A test', $1
      FROM generate_series(1, 20000)`,
    [true],
  );
  expect((await state()).status).toBe(201);
  await house.platform.pool.query(`UPDATE residency_statement SET withdrawn = false`);
  expect(await state()).toMatchObject({ status: 409, body: { code: 'too_many' } });
});

describe('what was seen', () => {
  test('contradicts a statement by the vendor’s own rule for the host, with the crossing behind it', async () => {
    await state();
    await state({ kind: 'support', place: 'EU' });
    await saw('203.0.113.7', 7, 'api.acme.test');
    const where = await read('/vendors/acme');
    expect(where).toMatchObject({ name: 'Acme', verdict: 'contradicts' });
    expect(where.statements.map((one: { verdict: string }) => one.verdict).sort()).toEqual([
      'contradicts',
      'not_provable',
    ]);
    expect((await read('/contradictions')).items).toMatchObject([
      {
        name: 'Acme',
        says: 'Said: EU. The endpoint is in US.',
        seen: [
          {
            host: 'api.acme.test',
            found: { place: 'US', by: 'vendor_rule' },
            lastCrossing: '0199c0de-0000-7000-8000-000000000001',
          },
        ],
      },
    ]);
    const world = await read('/world');
    expect(world).toMatchObject({ contradictions: 1, vendors: 1, home: null });
    const spots = world.places.map(({ place, against }: { place: string; against: number }) => [
      place,
      against,
    ]);
    expect(new Map(spots)).toEqual(
      new Map([
        ['EU', 0],
        ['US', 1],
      ]),
    );
  });

  test('through the egress proxy contradicts by the host of the crossing, for the vendor that it was of', async () => {
    await state({ service: undefined });
    await projected(
      egressCrossing('a', 'acme', 'API.acme.test'),
      egressSettled('a', '203.0.113.7:443'),
      // The same address is another vendor's too: behind one network stand many.
      egressCrossing('b', 'zenith', 'api.zenith.test'),
      egressSettled('b', '203.0.113.7:443'),
      egressCrossing('c', '@unknown', 'nobody.test'),
      egressSettled('c', '203.0.113.8:443'),
    );
    expect((await read('/contradictions')).items).toMatchObject([
      {
        name: 'Acme',
        says: 'Said: EU. The endpoint is in US.',
        seen: [
          {
            source: 'egress',
            connection: null,
            service: null,
            host: 'api.acme.test',
            address: '203.0.113.7',
            lastCrossing: 'a',
          },
        ],
      },
    ]);
    expect((await read('/vendors')).items.map(({ vendor }: { vendor: string }) => vendor)).toEqual([
      'acme',
      'zenith',
    ]);
  });

  test('in evidence contradicts, and says in which file', async () => {
    await state({ service: undefined });
    inEvidence = [
      {
        vendor: 'acme',
        host: 'api.acme.test',
        service: null,
        address: null,
        source: 'Office proxy',
        file: 'access.log',
        count: 3,
        firstAt: new Date('2025-11-08T00:00:00Z'),
        lastAt: new Date('2025-11-08T00:00:00Z'),
      },
    ];
    expect((await read('/contradictions')).items).toMatchObject([
      {
        seen: [
          {
            source: 'evidence',
            lastCrossing: null,
            evidence: { source: 'Office proxy', file: 'access.log' },
            found: { place: 'US' },
          },
        ],
      },
    ]);
  });

  test('of a host that is no longer kept, or longer ago than 30 days, proves nothing', async () => {
    await state();
    await saw('203.0.113.7', 7, null);
    expect((await read('/vendors/acme')).verdict).toBe('unknown');
    await house.platform.pool.query('TRUNCATE residency_seen');
    await saw('203.0.113.7', 7, 'api.acme.test', { at: '2025-10-01T00:00:00Z' });
    expect(await read('/vendors/acme')).toMatchObject({ verdict: 'unknown', seen: [] });
  });

  test('is placed by the table of networks once one is brought in; an edge stays one', async () => {
    await state();
    await saw('198.51.100.7', 7, 'other.acme.test');
    expect((await read('/vendors/acme')).verdict).toBe('unknown');
    const table = (at: string) =>
      `drawbridge.ranges/1\nsource made-up 2025-11-01 ${'a'.repeat(64)} https://made-up.example/\nat ${at} made-up\n198.51.100.0/24\n`;
    const bring = (text: string) => ask('POST', '/ranges', { table: text });
    expect((await bring(table('DE'))).body).toMatchObject({
      version: 1,
      ranges: 1,
      sources: [{ provider: 'made-up' }],
    });
    expect((await read('/vendors/acme')).verdict).toBe('consistent');
    await bring(table('EDGE'));
    expect((await read('/vendors/acme')).verdict).toBe('not_provable');
    expect(await bring('drawbridge.ranges/1\nnonsense')).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'table', message: expect.stringContaining('line 2') }] },
    });
    expect((await read('/ranges')).items.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
  });

  test('vendors come in pages by id', async () => {
    for (const vendor of ['a1', 'a2', 'a3']) await state({ vendor });
    const first = await read('/vendors?limit=2');
    expect(first.items.map(({ vendor }: { vendor: string }) => vendor)).toEqual(['a1', 'a2']);
    const rest = await read(`/vendors?limit=2&cursor=${first.next}`);
    expect(rest).toMatchObject({ items: [{ vendor: 'a3' }], next: null });
  });
});

test('what if the framework falls: each flow with its people and kinds, and what would carry it', async () => {
  await house.platform.pool.query(
    `INSERT INTO people_count VALUES ('person', 'acme', '', '', '', 12), ('person', 'acme', 'c1', '', '', 12),
       ('person', 'acme', 'c1', 'person.email', 'pass', 9)`,
  );
  await house.platform.pool.query(
    `INSERT INTO exposure_slot VALUES (1, 'acme', 'c1', 'app', 'content.prompt', 'pass'), (2, 'acme', 'c1', 'app', 'person.name', 'drop')`,
  );
  const dpf = { kind: 'dpf', certified: true, active: true, coversHr: null };
  await state({
    kind: 'storage',
    place: 'US',
    bases: [dpf, { kind: 'scc', modules: [2], assessedOn: '2025-01-01' }],
  });
  await state({ kind: 'support', place: 'US', class: 'person.email' });
  await state({ kind: 'backup', place: 'JP' });
  await state({ vendor: 'euro', kind: 'storage', place: 'DE' });
  await saw('203.0.113.7', 7, 'api.acme.test');
  const falls = await read('/what-if?falls=dpf');
  expect(falls).toMatchObject({ falls: 'dpf', affected: 3, vendors: 1, uncovered: 1 });
  const byKind = new Map(falls.items.map((item: { kind: string }) => [item.kind, item]));
  expect(byKind.get('storage')).toMatchObject({
    people: 12,
    classes: ['content.prompt', 'person.email'],
    why: 'declared',
    fallback: 'scc',
  });
  expect(byKind.get('support')).toMatchObject({
    people: 9,
    classes: ['person.email'],
    why: 'place',
    fallback: null,
  });
  expect((await read('/what-if?falls=adequacy:JP')).items).toMatchObject([{ kind: 'backup', place: 'JP' }]);
  const page = await read('/what-if?falls=dpf&limit=1');
  expect((await read(`/what-if?falls=dpf&limit=1&cursor=${page.next}`)).items).toHaveLength(1);
  expect((await ask('GET', '/what-if?falls=gravity')).status).toBe(400);
});

test('an endpoint in the United States of which nobody said a word rests on the framework', async () => {
  await saw('203.0.113.7', 7, 'api.acme.test');
  expect((await read('/what-if?falls=dpf')).items).toMatchObject([
    { layer: 'observed', place: 'US', why: 'place', fallback: null, kind: null },
  ]);
});

describe('a demand', () => {
  const demand = (id: string, place: string) => ask('PUT', `/demands/${id}`, { place });
  async function snapshotOf(id: string) {
    const gateway = await house.enrol('gateway-1');
    const fleet = house.newFleet();
    await fleet.start();
    try {
      await fleet.refresh();
      const snapshot = await fleet.compileSnapshot(gateway.id);
      return snapshot.connections.find((connection) => connection.id === id)?.residency;
    } finally {
      await fleet.stop();
    }
  }

  test('that is not met is told with the host that would meet it, and reaches the gateways', async () => {
    const { id } = await house.connect();
    const answer = await demand(id, 'EU');
    expect(answer.body).toMatchObject({
      met: false,
      instead: { host: 'eu.acme.test', place: 'EU' },
      says: expect.stringContaining('has to be in EU, and api.acme.test is in US'),
    });
    expect(await snapshotOf(id)).toEqual({
      demands: 'EU',
      place: 'US',
      within: false,
      instead: { host: 'eu.acme.test', place: 'EU' },
    });
  });

  test('that is met lets the connection stay, and no other host be taken that is outside or unknown', async () => {
    const { id } = await house.connect({ region: 'eu' });
    expect((await demand(id, 'EEA')).body).toMatchObject({ met: true, instead: null });
    const move = (host: string) =>
      house.ask('PATCH', `/connections/${id}`, {
        upstream: { scheme: 'https', host, port: 443, private: false },
        reason: 'A test',
      });
    for (const host of ['api.acme.test', 'nobody-knows.test']) {
      const refused = await move(host);
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ field: 'upstream.host' }] } });
    }
    expect((await house.ask('GET', `/connections/${id}`)).body.upstream.host).toBe('eu.acme.test');
    expect(await snapshotOf(id)).toMatchObject({ within: true, place: 'EU' });
    expect((await ask('DELETE', `/demands/${id}`)).status).toBe(204);
    expect((await move('api.acme.test')).status).toBe(200);
    expect(await snapshotOf(id)).toBeUndefined();
    expect((await ask('DELETE', `/demands/${id}`)).status).toBe(404);
  });

  test('suggests what is publicly known where the pack has no such region, and nothing that it does not know', async () => {
    const { id } = await house.connect();
    expect((await demand(id, 'JP')).body.instead).toEqual({ host: 'jp.acme.test', place: 'JP' });
    expect((await demand(id, 'CH')).body).toMatchObject({ met: false, instead: null });
    expect((await read('/demands')).items).toMatchObject([{ place: 'CH', connection: { id } }]);
    expect((await demand(id, 'GLOBAL')).status).toBe(400);
    expect((await demand('nobody', 'EU')).status).toBe(404);
  });
});

test('the law says what it knows, from where and when; our own country can be said', async () => {
  const law = await read('/law');
  expect(law.eu).toHaveLength(27);
  expect(law.adequacy.find(({ country }: { country: string }) => country === 'US')).toMatchObject({
    status: 'challenged',
    source: expect.stringContaining('https://'),
  });
  expect((await ask('PUT', '/home', { country: 'DE' })).status).toBe(204);
  expect((await read('/world')).home).toBe('DE');
  await ask('PUT', '/home', { country: null });
  expect((await read('/world')).home).toBeNull();
});
