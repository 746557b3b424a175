import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { readKeysForSnapshot } from './index.ts';

let house: TestHouse;
const persons = new Map([['person-1', { id: 'person-1', name: 'Ada Example' }]]);
beforeAll(async () => {
  house = await testHouse({ findPerson: async (id) => persons.get(id) ?? null });
});
afterAll(() => house.close());

let app: { id: string };
let analytics: { id: string };
let models: { id: string };
beforeEach(async () => {
  await house.platform.pool.query(
    'TRUNCATE app, virtual_key, connection, change, idempotency, setting CASCADE',
  );
  app = (await ask('POST', '/apps', { name: 'Shop', owner: 'Ada Example', reason: 'A test' })).body;
  analytics = await house.connect({ origins: ['https://shop.example.com'] });
  models = await house.connect({ name: 'Models', service: 'models' });
});

const DAY_MS = 24 * 3600_000;
const inDays = (days: number): string => new Date(house.platform.clock.now() + days * DAY_MS).toISOString();
const ask: TestHouse['ask'] = (...call) => house.ask(...call);
const fieldsOf = (answer: { body: { errors?: { field: string }[] } }) =>
  answer.body.errors?.map((one) => one.field);
const makeKey = (given: object) =>
  ask('POST', `/apps/${app.id}/keys`, {
    kind: 'secret',
    connections: [models.id],
    reason: 'A test',
    ...given,
  });
const bound = (id: string, given: object) =>
  ask('PATCH', `/keys/${id}/bounds`, { reason: 'Less will do', ...given });
const inSnapshot = async (id: string) =>
  (await house.platform.db.transaction().execute(readKeysForSnapshot)).find((key) => key.id === id);

describe('what a key is bound to', () => {
  test('goes to gateways as it was made, and what binds nothing is left out', async () => {
    const free = (await makeKey({})).body;
    expect(free).toMatchObject({ models: null, networks: null, person: null });
    expect(Object.keys((await inSnapshot(free.id)) ?? {})).not.toContain('models');
    const made = (
      await makeKey({
        models: ['m-1', 'm-2*'],
        networks: ['10.1.0.0/16', '2001:db8::/32'],
        person: 'person-1',
      })
    ).body;
    expect(made.person).toEqual({ id: 'person-1', name: 'Ada Example' });
    expect(await inSnapshot(made.id)).toMatchObject({
      models: ['m-1', 'm-2*'],
      networks: ['10.1.0.0/16', '2001:db8::/32'],
      person: 'person-1',
    });
  });

  const wrong: [string, object, number, string][] = [
    ['a network that is none', { networks: ['10.1.0.0'] }, 400, 'networks.0'],
    ['a network that is all there are', { networks: ['0.0.0.0/0'] }, 422, 'networks.0'],
    ['no network', { networks: [] }, 400, 'networks'],
    ['a model in the middle of which a star stands', { models: ['m*1'] }, 400, 'models.0'],
    ['nobody', { person: 'person-9' }, 422, 'person'],
  ];
  test.each(wrong)('with %s is refused by field', async (_, given, status, field) => {
    const answer = await makeKey(given);
    expect([answer.status, fieldsOf(answer)]).toEqual([status, [field]]);
  });

  test('changes in one act; what is left out stays, null takes a bound away', async () => {
    const { id } = (await makeKey({ connections: [analytics.id, models.id], models: ['m-1'] })).body;
    const expiresAt = inDays(30);
    const changed = await bound(id, {
      connections: [models.id],
      classes: ['inference'],
      networks: ['10.1.2.0/24'],
      expiresAt,
    });
    expect(changed.body).toMatchObject({
      connections: [models.id],
      classes: ['inference'],
      models: ['m-1'],
      networks: ['10.1.2.0/24'],
      expiresAt,
    });
    expect(await inSnapshot(id)).toMatchObject({ networks: ['10.1.2.0/24'], connections: [models.id] });
    expect((await bound(id, { models: null, networks: null, expiresAt: null })).body).toMatchObject({
      models: null,
      networks: null,
      expiresAt: null,
      connections: [models.id],
    });
    const { rows } = await house.platform.pool.query(
      "SELECT act, reason FROM change WHERE act LIKE 'key.l%'",
    );
    expect(rows).toEqual([
      { act: 'key.limit', reason: 'Less will do' },
      { act: 'key.limit', reason: 'Less will do' },
    ]);
    // The same again is no change.
    await bound(id, { models: null });
    expect((await house.platform.pool.query("SELECT FROM change WHERE act = 'key.limit'")).rowCount).toBe(2);
  });

  test('a publishable key has neither networks nor other classes, and a dead one is not changed', async () => {
    const page = (
      await makeKey({
        kind: 'publishable',
        connections: [analytics.id],
        origins: ['https://shop.example.com'],
        perMinute: 60,
      })
    ).body.id;
    expect(fieldsOf(await bound(page, { networks: ['10.1.2.0/24'] }))).toEqual(['networks']);
    expect(fieldsOf(await bound(page, { classes: ['ingest', 'admin'] }))).toEqual(['classes']);
    expect(fieldsOf(await bound(page, { connections: [models.id] }))).toEqual(['connections']);
    const { id } = (await makeKey({})).body;
    await ask('DELETE', `/keys/${id}`, undefined, { 'x-drawbridge-reason': 'A test' });
    expect((await bound(id, { models: ['m-1'] })).body.code).toBe('key_dead');
    expect((await bound('nosuchkey', { models: ['m-1'] })).status).toBe(404);
    expect((await ask('PATCH', `/keys/${page}/bounds`, { models: ['m-1'] })).body.code).toBe(
      'reason_missing',
    );
  });

  test('a person who goes takes their keys with them, and no others', async () => {
    const mine = (await makeKey({ person: 'person-1' })).body.id;
    const other = (await makeKey({})).body.id;
    const by = { actor: { id: 'person:2', name: 'Bo Example' }, reason: 'Left' };
    expect(await house.apps.revokeKeysOf('person-1', by)).toEqual([mine]);
    expect(await inSnapshot(mine)).toBeUndefined();
    expect(await inSnapshot(other)).toBeDefined();
    expect(await house.apps.revokeKeysOf('person-1', by)).toEqual([]);
  });
});

describe('how long keys live', () => {
  const set = (workload: object, person: object = { defaultDays: 30, mostDays: 90 }) =>
    ask('PUT', '/key-lifetime', { workload, person, reason: 'A rule of ours' });

  test('at first: a workload’s has no end, a person’s own has one', async () => {
    expect((await makeKey({})).body.expiresAt).toBeNull();
    expect((await makeKey({ person: 'person-1' })).body.expiresAt).toBe(inDays(30));
    expect(fieldsOf(await makeKey({ person: 'person-1', expiresAt: null }))).toEqual(['expiresAt']);
    expect(fieldsOf(await makeKey({ person: 'person-1', expiresAt: inDays(91) }))).toEqual(['expiresAt']);
    expect((await makeKey({ person: 'person-1', expiresAt: inDays(90) })).status).toBe(201);
  });

  test('as it is set: by default, and at most', async () => {
    expect((await set({ defaultDays: 7, mostDays: 3 })).status).toBe(400);
    expect((await set({ defaultDays: 7, mostDays: 20 })).body.workload).toEqual({
      defaultDays: 7,
      mostDays: 20,
    });
    expect((await ask('GET', '/key-lifetime')).body.workload.mostDays).toBe(20);
    const { id, expiresAt } = (await makeKey({})).body;
    expect(expiresAt).toBe(inDays(7));
    expect(fieldsOf(await makeKey({ expiresAt: inDays(21) }))).toEqual(['expiresAt']);
    expect(fieldsOf(await bound(id, { expiresAt: null }))).toEqual(['expiresAt']);
    // Minutes are as good: workloads fetch such keys for themselves.
    expect((await makeKey({ expiresAt: inDays(0.01) })).status).toBe(201);
  });

  test('a key that follows another lives as long as that was to live, at most as long as is permitted', async () => {
    const { id } = (await makeKey({ expiresAt: inDays(40) })).body;
    house.platform.advance(10 * DAY_MS);
    const roll = (key: string) => ask('POST', `/keys/${key}/roll`, { overlapHours: 1, reason: 'Quarterly' });
    const next = (await roll(id)).body;
    expect(next.expiresAt).toBe(inDays(40));
    await set({ defaultDays: null, mostDays: 20 });
    expect((await roll(next.id)).body.expiresAt).toBe(inDays(20));
  });
});
