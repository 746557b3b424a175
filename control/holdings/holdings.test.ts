import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAccounts, eraseAccounts } from '../accounts/index.ts';
import { createChain } from '../chain/index.ts';
import { createRouter, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { createSecrets, ledgerPseudonyms, openPayloadKey, startVault, type Vault } from '../vault/index.ts';
import { knownOf, readVendor } from '../vendors/index.ts';
import { consoleLinks, createHoldings, type Holdings, holdingsRoutes } from './index.ts';
import type { PartyHolding, PartySummary, VendorHolding, VisitView } from './schemas.ts';

/** Account holdings on a real database, with a real vault. All people, accounts and recordings are made up. */
const DAY = 86_400_000;
let platform: TestPlatform;
let vault: Vault;
let keysDir: string;
let pseudonymOf: (identifier: string) => Promise<string>;
let holdings: Holdings;
let routes: ReturnType<typeof createRouter>;

const vendor = (id: string, name: string, domain: string) => {
  const read = readVendor(
    `${id}.yaml`,
    `format: drawbridge.vendor/1
id: ${id}
name: ${name}
category: other
sources: { site: { url: 'https://${domain}/', as_of: '2025-01-01' } }
domains: [{ is: ${domain}, from: site }]
`,
  );
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.vendor;
};
const known = knownOf([
  vendor('openai', 'OpenAI', 'openai.com'),
  vendor('mixpanel', 'Mixpanel', 'mixpanel.com'),
  vendor('acme', 'Acme', 'acme.example'),
  vendor('cloudy', 'Cloudy', 'cloudy.example'),
]);

beforeAll(async () => {
  platform = await testPlatform();
  keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-holdings-'));
  const { db, clock, log, deployment } = platform;
  vault = await startVault({ db, clock, log, keysDir, deploymentId: deployment.id });
  pseudonymOf = ledgerPseudonyms(vault, createSecrets(platform, vault));
  const chain = createChain({
    platform,
    network: { resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
    objectionDays: async () => null,
    known: async () => known,
    nameOf: () => undefined,
    named: async (ids) => new Map(ids.map((id) => [id, id])),
    ours: async () => ({
      crossed: [],
      connections: [],
      accounts: [],
      consoles: await consoleLinks(platform, known),
    }),
    exposure: async () => new Map(),
    criticalityOf: async () => new Map(),
  });
  holdings = createHoldings({
    platform,
    known: async () => known,
    edges: chain.edges,
    namesOf: chain.namesOf,
  });
  routes = createRouter();
  routes.onError(handleErrors(platform.log));
  routes.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  const payloadKey = await openPayloadKey(platform, vault);
  routes
    .route('/', holdingsRoutes(holdings))
    .route('/', chain.routes)
    .route('/', createAccounts({ platform, payloadKey, pseudonymOf }).routes);
});
afterAll(async () => {
  await vault.stop();
  await platform.close();
  await rm(keysDir, { recursive: true });
});
beforeEach(() =>
  platform.pool.query(
    'TRUNCATE console_visit, console_visit_host, console_field, account, account_import, chain_edge, chain_vendor, change CASCADE',
  ),
);

async function ask<T = Record<string, unknown>>(method: string, path: string, body?: object | Buffer) {
  const response = await routes.request(path, {
    method,
    headers: {
      'content-type': Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json',
      'x-drawbridge-reason': 'a test',
    },
    ...(body === undefined
      ? {}
      : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
}

const dayOf = (ago: number) => new Date(platform.clock.now() - ago * DAY).toISOString().slice(0, 10);
const entry = (url: string, body: object | null = null, ago = 1) => ({
  startedDateTime: `${dayOf(ago)}T07:00:00.000Z`,
  serverIPAddress: '8.8.8.8',
  request: {
    method: 'POST',
    url,
    headers: [{ name: 'Cookie', value: 'session=a-secret-of-nobody' }],
    queryString: [],
    ...(body === null ? {} : { postData: { mimeType: 'application/json', text: JSON.stringify(body) } }),
  },
  response: { status: 200, content: { size: 2 } },
});
const har = (...entries: readonly object[]) =>
  Buffer.from(JSON.stringify({ log: { version: '1.2', creator: { name: 'made up' }, entries } }));
const take = (id: string, file: Buffer, ago = 1) =>
  ask<{ visit: VisitView; again: boolean; detail?: string; code?: string }>(
    'PUT',
    `/holdings/vendors/${id}/visits?name=visit.har&day=${dayOf(ago)}`,
    file,
  );
const openaiVisit = (ago = 1) =>
  har(
    entry('https://platform.openai.com/v1/me', { org: 'a-made-up-org' }, ago),
    entry('https://api-js.mixpanel.com/track', { email: 'ada@example.com', city: 'Nowhere' }, ago),
    entry('https://cdn.nobody-knows.example/x.js', null, ago),
  );
const people = (vendorId: string, names: readonly string[]) =>
  ask('POST', '/accounts/imports', {
    vendor: vendorId,
    source: 'openai_users',
    content: JSON.stringify({
      object: 'list',
      has_more: false,
      data: names.map((name) => ({
        object: 'organization.user',
        id: `user-${name}`,
        name,
        email: `${name}@example.com`,
        role: 'reader',
        added_at: 1_711_471_533,
      })),
    }),
    asOf: new Date(platform.clock.now()).toISOString(),
  });
const ofVendor = async (id: string) => (await ask<VendorHolding>('GET', `/holdings/vendors/${id}`)).body;
const ofParty = async (id: string) => (await ask<PartyHolding>('GET', `/holdings/parties/${id}`)).body;
const parties = async (query = '') =>
  (await ask<{ items: PartySummary[]; next: string | null }>('GET', `/holdings/parties${query}`)).body;
const rowsOf = async (table: string) =>
  Number((await platform.pool.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n);

describe('a visit', () => {
  test('shows whom the console called and what it sent, by name, and no value of it is stored', async () => {
    await people('openai', ['ada', 'bob']);
    const { status, body } = await take('openai', openaiVisit());
    expect([status, body.again]).toEqual([200, false]);
    expect(body.visit).toMatchObject({ vendor: 'openai', day: dayOf(1), entries: 3, hosts: 3, unread: 0 });
    const held = await ofVendor('openai');
    expect(held.holders).toEqual({ people: 2, accounts: 2, unnamed: 0 });
    expect(held.visits).toEqual({ count: 1, first: dayOf(1), last: dayOf(1) });
    expect(held.behind.map(({ party, firstParty, declared }) => [party, firstParty, declared])).toEqual([
      ['cdn.nobody-knows.example', null, false],
      ['mixpanel', false, false],
    ]);
    expect(held.behind.find(({ party }) => party === 'mixpanel')).toMatchObject({
      fields: ['body.city', 'body.email', 'header.cookie'],
      addresses: ['8.8.8.8'],
      hosts: ['api-js.mixpanel.com'],
      calls: 1,
      notSeenIn: null,
    });
    expect(held.fields.find(({ name }) => name === 'body.email')).toMatchObject({
      layer: 'observed',
      since: dayOf(1),
      receivers: ['mixpanel'],
    });
    expect(held.unknown.map(({ code }) => code)).toEqual(['not_declared', 'hosts']);
    const { rows } = await platform.pool.query(
      'SELECT v::text || h::text AS text FROM console_visit v JOIN console_visit_host h ON h.visit = v.id',
    );
    const changes = await platform.pool.query('SELECT change::text AS text FROM change');
    const stored = JSON.stringify([rows, changes.rows]);
    for (const value of ['ada@', 'Nowhere', 'a-made-up-org', 'a-secret-of-nobody'])
      expect(stored).not.toContain(value);
  });

  test('twice is one, also where both come at once', async () => {
    const both = await Promise.all([take('openai', openaiVisit()), take('openai', openaiVisit())]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(both.map(({ body }) => body.visit.id)).size).toBe(1);
    expect(both.map(({ body }) => body.again).sort()).toEqual([false, true]);
    expect([await rowsOf('console_visit'), await rowsOf('console_visit_host')]).toEqual([1, 3]);
    expect((await ofVendor('openai')).behind.find(({ party }) => party === 'mixpanel')?.calls).toBe(1);
  });

  test('that shows a party no more says so, and does not say that it is gone', async () => {
    await take('openai', openaiVisit(4), 4);
    await take('openai', har(entry('https://platform.openai.com/v1/me', null, 2)), 2);
    const party = (await ofVendor('openai')).behind.find((one) => one.party === 'mixpanel');
    expect(party).toMatchObject({ firstSeen: dayOf(4), lastSeen: dayOf(4), notSeenIn: dayOf(2) });
    const { body } = await ask<{ edges: { to: string; note: string | null }[] }>('GET', '/chain');
    expect(body.edges).toMatchObject([{ to: 'mixpanel', note: `Not seen in the visit of ${dayOf(2)}.` }]);
  });

  test('can be withdrawn, and handed in again', async () => {
    const { body } = await take('openai', openaiVisit());
    expect((await ask('POST', `/holdings/visits/${body.visit.id}/withdraw`)).status).toBe(204);
    expect((await ask('POST', `/holdings/visits/${body.visit.id}/withdraw`)).status).toBe(204);
    const held = await ofVendor('openai');
    expect([held.visits.count, held.behind.length]).toEqual([0, 0]);
    expect(held.unknown.map(({ code }) => code)).toContain('no_visit');
    expect((await take('openai', openaiVisit())).body.again).toBe(false);
    const { body: listed } = await ask<{ items: VisitView[] }>('GET', '/holdings/vendors/openai/visits');
    expect(listed.items).toHaveLength(1);
    const acts = await platform.pool.query(
      "SELECT act FROM change WHERE act LIKE 'console%' ORDER BY at, id",
    );
    expect(acts.rows.map(({ act }) => act)).toEqual([
      'console_visit.take',
      'console_visit.take',
      'console_visit.withdraw',
    ]);
  });

  test('that is hostile is refused whole, or read without what is no name', async () => {
    const whole = openaiVisit();
    for (const file of [
      whole.subarray(0, whole.length - 40),
      Buffer.from('{"log":{"entries":'),
      Buffer.from('<html></html>'),
      Buffer.from([0, 1, 2]),
      gzipSync(whole).subarray(0, 60),
    ]) {
      expect(await take('openai', file)).toMatchObject({ status: 422, body: { code: 'visit_refused' } });
    }
    expect([await rowsOf('console_visit'), await rowsOf('change')]).toEqual([0, 0]);
    const { status, body } = await take(
      'openai',
      har(
        entry('https://platform.openai.com/'),
        entry('https://<img src=x onerror=alert(1)>.evil.example/'),
        entry('https://platform.openai.com/', { '<script>': 1, 'ada@example.com': 2 }),
      ),
    );
    expect([status, body.visit.hosts, body.visit.unread]).toEqual([200, 1, 1]);
    const { rows } = await platform.pool.query('SELECT host, fields FROM console_visit_host');
    expect(rows).toEqual([{ host: 'platform.openai.com', fields: ['body.*', 'header.cookie'] }]);
  });

  test('to another vendor, of another day or of tomorrow is refused with why', async () => {
    expect(await take('acme', openaiVisit())).toMatchObject({ status: 422 });
    expect(await take('openai', openaiVisit(9), 1)).toMatchObject({ status: 422 });
    expect(await take('openai', openaiVisit(-3), -3)).toMatchObject({ status: 422 });
    expect(await take('us', openaiVisit())).toMatchObject({ status: 400 });
    expect(await rowsOf('console_visit')).toBe(0);
    // Of a vendor of which nothing is known its own hosts are not known either.
    expect((await take('nobody', openaiVisit())).status).toBe(200);
  });
});

describe('fields', () => {
  test('are in layers that are never mixed', async () => {
    await people('openai', ['ada', 'bob']);
    await take('openai', openaiVisit());
    const stated = await ask<{ id: string }>('POST', '/holdings/vendors/openai/fields', {
      field: 'body.email',
      source: 'Notice of the vendor',
      asOf: dayOf(3),
      reason: 'It says so',
    });
    expect(stated.status).toBe(201);
    const emails = async () =>
      (await ofVendor('openai')).fields
        .filter(({ name }) => name.endsWith('email'))
        .map(({ name, layer }) => `${name} ${layer}`);
    expect(await emails()).toEqual(['body.email observed', 'body.email declared', 'account.email inferred']);
    const again = await ask('POST', '/holdings/vendors/openai/fields', {
      field: 'body.email',
      source: 'Another notice',
      asOf: dayOf(3),
      reason: 'It says so',
    });
    expect(again).toMatchObject({ status: 409, body: { code: 'field_stated' } });
    expect((await ask('POST', `/holdings/fields/${stated.body.id}/withdraw`)).status).toBe(204);
    expect(await emails()).toEqual(['body.email observed', 'account.email inferred']);
  });

  test('of a vendor of which nothing is recorded are unknown, and it says so', async () => {
    const { fields, behind, unknown } = await ofVendor('acme');
    expect([fields, behind]).toEqual([[], []]);
    expect(unknown.map(({ code }) => code)).toEqual(['no_visit', 'not_declared', 'no_accounts']);
  });
});

describe('a party', () => {
  const declare = (from: string, to: string, over: readonly string[]) =>
    ask('POST', '/chain/edges', {
      from,
      to,
      layer: 'declared',
      scopes: over,
      source: { kind: 'file', text: 'list.pdf' },
    });

  test('that no list names is seen: in the chain, and by the people it touches, each once', async () => {
    await people('openai', ['ada', 'bob', 'eve']);
    await people('acme', ['bob', 'eve', 'zoe']);
    await take('openai', openaiVisit());
    await take(
      'acme',
      har(entry('https://console.acme.example/'), entry('https://cdn.mixpanel.com/', { plan: 1 })),
    );
    const found = await ofParty('mixpanel');
    expect(found.holders).toEqual({ people: 4, accounts: 6, unnamed: 0 });
    expect(found.vendors.map((one) => [one.vendor, one.holders.people, one.link.layer])).toEqual([
      ['acme', 3, 'observed'],
      ['openai', 3, 'observed'],
    ]);
    const { body } = await ask<{ items: { from: string; to: string; scopes: string[] }[] }>(
      'GET',
      '/chain/edges?difference=observed_only',
    );
    expect(body.items.map(({ from, to, scopes }) => [from, to, scopes])).toEqual([
      ['acme', 'mixpanel', ['account_metadata']],
      ['openai', 'mixpanel', ['account_metadata']],
    ]);
    expect(await holdings.heldAt('mixpanel')).toMatchObject([
      { vendor: 'acme', people: 3, accounts: 3, layer: 'observed' },
      {
        vendor: 'openai',
        people: 3,
        layer: 'observed',
        fields: [
          { name: 'body.city', layer: 'observed' },
          { name: 'body.email', layer: 'observed' },
          { name: 'header.cookie', layer: 'observed' },
        ],
      },
    ]);
  });

  test('that a list names only is declared; one that it names for content only is none', async () => {
    await people('acme', ['ada']);
    await declare('acme', 'cloudy', ['account_metadata']);
    await declare('acme', 'mixpanel', ['content']);
    await declare('openai', 'mixpanel', []);
    expect((await ofParty('cloudy')).vendors).toMatchObject([
      { vendor: 'acme', holders: { people: 1 }, link: { layer: 'declared', declared: true } },
    ]);
    // Nobody said what for: it may be.
    expect((await ofParty('mixpanel')).vendors).toMatchObject([
      { vendor: 'openai', link: { layer: 'declared', scopes: [] } },
    ]);
    expect((await ofParty('mixpanel')).unknown.map(({ code }) => code)).toEqual([
      'not_observed',
      'no_accounts',
    ]);
    expect(await holdings.heldAt('cloudy')).toEqual([
      { vendor: 'acme', people: 1, accounts: 1, layer: 'declared', fields: [] },
    ]);
    await take(
      'acme',
      har(entry('https://console.acme.example/'), entry('https://eu.cloudy.example/', { plan: 1 })),
    );
    expect((await ofParty('cloudy')).vendors).toMatchObject([
      { link: { layer: 'observed', declared: true } },
    ]);
  });

  test('is listed by people, page by page, and an erasure takes people out of the counts', async () => {
    await people('openai', ['ada', 'bob']);
    await people('acme', ['ada']);
    await take('openai', openaiVisit());
    await take(
      'acme',
      har(entry('https://console.acme.example/'), entry('https://eu.cloudy.example/', { plan: 1 })),
    );
    const all = (await parties()).items.map(({ party, people: count }) => [party, count]);
    expect(all).toEqual([
      ['cdn.nobody-knows.example', 2],
      ['mixpanel', 2],
      ['cloudy', 1],
    ]);
    const paged: unknown[] = [];
    let next: string | null = null;
    do {
      const one = await parties(`?limit=1${next === null ? '' : `&cursor=${encodeURIComponent(next)}`}`);
      paged.push(...one.items.map(({ party, people: count }) => [party, count]));
      next = one.next;
    } while (next !== null);
    expect(paged).toEqual(all);
    const client = await platform.pool.connect();
    try {
      await eraseAccounts(client, [await pseudonymOf('ada@example.com')]);
    } finally {
      client.release();
    }
    expect((await ofParty('mixpanel')).holders).toEqual({ people: 1, accounts: 1, unnamed: 0 });
    expect((await ofParty('cloudy')).holders.people).toBe(0);
  });
});

test('reading needs the right to read accounts, and handing in the right to import them', () => {
  const needed = holdingsRoutes(holdings).getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: '', version: '' },
  }).paths;
  const found = Object.entries(needed ?? {}).flatMap(([path, of]) =>
    Object.entries(of).map(([method, one]) => [
      `${method} ${path}`,
      (one as { 'x-needs': { action: string } })['x-needs'],
    ]),
  );
  expect(found.length).toBe(8);
  for (const [what, needs] of found) {
    const action = String(what).startsWith('get ') ? 'account.read' : 'account.import';
    expect([what, JSON.stringify(needs)]).toEqual([what, expect.stringContaining(action)]);
  }
});

test('visits to one console are bounded; those that were withdrawn take no room', async () => {
  const file = (n: number) => har(entry(`https://h${n}.acme.example/`));
  await platform.pool.query(
    `INSERT INTO console_visit (id, vendor, day, name, sha256, bytes, entries, unread, overflow, at, by_id, by_name, withdrawn_at)
      SELECT gen_random_uuid(), vendor, '2025-11-01', 'x', sha256((vendor || n)::bytea), 1, 1, 0, 0, now(), 'x', 'Ada',
        CASE vendor WHEN 'acme' THEN NULL ELSE now() END
      FROM generate_series(1, 199) AS n, unnest(ARRAY['acme', 'other']) AS vendor`,
  );
  const two = await Promise.all([take('acme', file(1)), take('acme', file(2))]);
  expect(two.map(({ status }) => status).sort()).toEqual([200, 409]);
  const [refused] = two.filter(({ status }) => status === 409);
  expect(refused?.body).toMatchObject({ code: 'too_many_visits' });
  const { rows } = await platform.pool.query(
    `SELECT count(*)::int AS n FROM console_visit WHERE vendor = 'acme'`,
  );
  expect(rows).toEqual([{ n: 200 }]);
  expect((await take('other', file(1))).status).toBe(200);
});
