import { createHash } from 'node:crypto';
import { VIRTUAL_KEY_PATTERN } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRouter, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { createCatalogue } from '../vendors/index.ts';
import { acmeCatalogue } from '../vendors/testing.ts';
import {
  canaryProjection,
  canaryRoutes,
  canaryUseRoutes,
  createCanaries,
  readCanariesForSnapshot,
} from './index.ts';
import { raiseUntold } from './watch.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(() =>
  platform.pool.query('TRUNCATE canary, canary_use, canary_source, key_alarm, change CASCADE'),
);

const made = { source: 'made up for tests', as_of: '2025-11-09' };
const catalogue = createCatalogue(
  acmeCatalogue().packs.map((pack) => ({
    ...pack,
    key_forms: [{ id: 'api', name: 'API key', form: 'acme-{alnum:40}.{hex:16}', ...made }],
  })),
);

function api() {
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller({ id: 'person:1', name: 'Ada Example' }));
    await next();
  });
  app.route('/', canaryRoutes(createCanaries({ platform, catalogue })));
  app.route('/fleet', canaryUseRoutes(platform));
  return app;
}
async function ask(method: string, path: string, body?: object) {
  const answer = await api().request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}
const plant = (given: object = {}) =>
  ask('POST', '/canaries', {
    vendor: 'acme',
    form: 'api',
    place: 'The wiki page "Deploying"',
    owner: 'Ada Example',
    reason: 'A test',
    ...given,
  });
const alarms = async () =>
  (await platform.pool.query('SELECT kind, about_id, said, evidence, times FROM key_alarm ORDER BY id')).rows;

const CROSSING = '0197e1f0-0000-7000-8000-000000000001';
const told = (canary: string, given: object = {}) =>
  ask('POST', '/fleet/canary-uses', {
    canary,
    crossing: CROSSING,
    at: platform.clock.now(),
    address: '203.0.113.5',
    client: 'python',
    connection: 'c-1',
    endpoint: '/v1/models',
    ...given,
  });

test('a canary looks as its vendor’s keys do, is shown once, and gateways get its hash', async () => {
  const { status, body } = await plant();
  expect(status).toBe(201);
  expect(body.key).toMatch(/^acme-[A-Za-z0-9]{40}\.[0-9a-f]{16}$/);
  expect(body).toMatchObject({ vendorName: 'Acme', form: 'API key', uses: 0, plantedBy: 'Ada Example' });
  expect((await plant()).body.key).not.toBe(body.key);
  const own = (await plant({ vendor: 'drawbridge', form: 'virtual' })).body;
  expect(own.key).toMatch(new RegExp(`^${VIRTUAL_KEY_PATTERN.source}$`));
  const known = await platform.db.transaction().execute(readCanariesForSnapshot);
  expect(known.find(({ id }) => id === body.id)?.hash).toBe(
    createHash('sha256').update(body.key).digest('base64url'),
  );
  expect(JSON.stringify((await platform.pool.query('SELECT * FROM canary')).rows)).not.toContain(body.key);
  const { items } = (await ask('GET', '/canaries')).body;
  expect(items).toHaveLength(3);
  expect(JSON.stringify(items)).not.toContain(body.key);
});

test.each([
  ['a vendor whose keys nobody knows', { vendor: 'nobody' }, 'vendor'],
  ['a form that the vendor has not', { form: 'other' }, 'form'],
])('%s is refused by field', async (_, given, field) => {
  const answer = await plant(given);
  expect([answer.status, answer.body.errors[0].field]).toEqual([422, field]);
});

test('what a gateway tells is an alarm at once, with its source; the journal’s record of it is no second one', async () => {
  const { id } = (await plant()).body;
  expect((await told(id)).status).toBe(204);
  await told(id);
  expect(await alarms()).toMatchObject([
    {
      kind: 'canary_used',
      about_id: id,
      said: expect.stringContaining(
        '"The wiki page "Deploying"" was used at the gateway from 203.0.113.5 (python)',
      ),
      evidence: { address: '203.0.113.5', client: 'python', crossing: CROSSING, owner: 'Ada Example' },
      times: 1,
    },
  ]);
  await projected(id, platform.clock.now());
  platform.advance(60_000);
  await raiseUntold(platform);
  expect(await alarms()).toHaveLength(1);
  expect((await ask('GET', `/canaries/${id}`)).body).toMatchObject({
    uses: 1,
    latestUses: [{ crossing: CROSSING, address: '203.0.113.5', client: 'python' }],
  });
});

test('one that was found in what an app sent is an alarm that says so, told or by its record', async () => {
  const [{ id }, { id: another }] = [(await plant()).body, (await plant()).body];
  expect((await told(id, { seen: { app: 'app-1', key: 'key-1' } })).status).toBe(204);
  expect(await alarms()).toMatchObject([
    {
      about_id: id,
      said: expect.stringContaining('was found in what an app of yours sent to a vendor from 203.0.113.5'),
      evidence: { foundIn: 'request', app: 'app-1', key: 'key-1' },
    },
  ]);
  await projected(another, platform.clock.now(), { app: 'app-1', reason: null, kept: [`canary:${another}`] });
  platform.advance(5_000);
  await raiseUntold(platform);
  expect((await alarms()).map(({ about_id }) => about_id)).toEqual([id, another]);
});

/** What the journal has of a use, as the projection reads it. */
async function projected(canary: string, at: number, given: object = {}): Promise<void> {
  const client = await platform.pool.connect();
  const leaf = {
    type: 'crossing',
    id: CROSSING,
    at,
    app: 'canary',
    key: canary,
    reason: 'canary_used',
    connection: 'c-1',
    endpoint: '/v1/models',
    ...given,
  };
  const other = { ...leaf, app: 'shop', reason: 'key_expired', kept: ['credential:1'] };
  const entries = [leaf, other].map((entry, index) => ({ log: 1, index, entry, items: [] }));
  await canaryProjection.apply(client, entries as unknown as Parameters<typeof canaryProjection.apply>[1]);
  client.release();
}

test('a use that no gateway told in time is an alarm by its record', async () => {
  const { id } = (await plant()).body;
  await projected(id, platform.clock.now());
  await raiseUntold(platform);
  expect(await alarms()).toEqual([]);
  platform.advance(5_000);
  await raiseUntold(platform);
  await raiseUntold(platform);
  expect(await alarms()).toMatchObject([{ kind: 'canary_used', about_id: id, evidence: { address: null } }]);
});

test('where a use came from is forgotten after 180 days', async () => {
  const { id } = (await plant()).body;
  await told(id);
  platform.advance(181 * 24 * 3600_000);
  await raiseUntold(platform);
  expect((await platform.pool.query('SELECT FROM canary_source')).rowCount).toBe(0);
});

test('a retired one is forgotten by gateways, and stays in the list', async () => {
  const { id } = (await plant()).body;
  // Changes of one millisecond have no order.
  platform.advance(1);
  expect(
    (await ask('POST', `/canaries/${id}/retire`, { reason: 'The page is gone' })).body.retiredAt,
  ).not.toBeNull();
  await ask('POST', `/canaries/${id}/retire`, { reason: 'Again' });
  expect(await platform.db.transaction().execute(readCanariesForSnapshot)).toEqual([]);
  expect((await ask('GET', '/canaries')).body.items).toHaveLength(1);
  const acts = await platform.pool.query('SELECT act FROM change ORDER BY at, id');
  expect(acts.rows.map(({ act }) => act)).toEqual(['canary.plant', 'canary.retire']);
});

test('what a vendor or a person tells is an alarm too', async () => {
  const { id } = (await plant()).body;
  const report = { by: 'vendor', text: 'Disabled after a leak report.', reason: 'Their mail of today' };
  expect((await ask('POST', `/canaries/${id}/reports`, report)).status).toBe(204);
  expect(await alarms()).toMatchObject([
    { kind: 'canary_reported', said: expect.stringContaining('Acme reports that the canary key planted at') },
  ]);
  expect((await ask('POST', '/canaries/unknown/reports', report)).status).toBe(404);
});

test('a time that lies ahead makes no later use nothing new', async () => {
  const { id } = (await plant()).body;
  const ahead = platform.clock.now() + 30 * 24 * 3600_000;
  const report = { by: 'vendor', text: 'Disabled.', reason: 'A test', at: new Date(ahead).toISOString() };
  const answer = await ask('POST', `/canaries/${id}/reports`, report);
  expect([answer.status, answer.body.errors[0].field]).toEqual([422, 'at']);
  await told(id, { at: ahead });
  await platform.pool.query(`UPDATE key_alarm SET acknowledged_at = now(), acknowledged_by = 'person:1',
      acknowledged_by_name = 'Ada Example', acknowledged_reason = 'A test'`);
  platform.advance(60_000);
  await told(id, { crossing: CROSSING.replace(/1$/, '2') });
  expect(await alarms()).toHaveLength(2);
});

test.each([
  ['no JSON', '{'],
  ['an address that is none', JSON.stringify({ canary: 'x', address: 'here' })],
])('a gateway that tells %s is refused', async (_, body) => {
  const answer = await api().request('/fleet/canary-uses', { method: 'POST', body });
  expect(answer.status).toBe(400);
});
