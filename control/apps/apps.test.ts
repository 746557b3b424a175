import { hashVirtualKey, virtualKeyId } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dumpTables, spellings, type TestHouse, testHouse } from '../fleet/testing.ts';
import { readKeysForSnapshot } from './index.ts';

let house: TestHouse;
const used = new Map<
  string,
  { firstUsedAt: Date; lastUsedAt: Date; crossings24h: number; refused24h: number }
>();
beforeAll(async () => {
  house = await testHouse({ keyUse: async () => used });
});
afterAll(() => house.close());

let app: { id: string; name: string };
let analytics: { id: string };
let models: { id: string };
beforeEach(async () => {
  await house.platform.pool.query('TRUNCATE app, virtual_key, connection, change, idempotency CASCADE');
  used.clear();
  app = (await ask('POST', '/apps', { name: 'Shop', owner: 'Ada Example', reason: 'A test' })).body;
  analytics = await house.connect({ origins: ['https://shop.example.com'] });
  models = await house.connect({ name: 'Models', service: 'models' });
});

const ask: TestHouse['ask'] = (...call) => house.ask(...call);
const fieldsOf = (answer: { body: { errors?: { field: string }[] } }) =>
  answer.body.errors?.map((one) => one.field);
const makeKey = (given: object, headers = {}) =>
  ask(
    'POST',
    `/apps/${app.id}/keys`,
    { kind: 'secret', connections: [models.id], reason: 'A test', ...given },
    headers,
  );
const publishable = (given: object = {}) =>
  makeKey({
    kind: 'publishable',
    connections: [analytics.id],
    origins: ['https://shop.example.com'],
    perMinute: 600,
    ...given,
  });

test('an app is made, read and listed, with actor and reason', async () => {
  expect(app).toMatchObject({ name: 'Shop', owner: 'Ada Example' });
  expect((await ask('GET', `/apps/${app.id}`)).body).toEqual(app);
  expect((await ask('GET', '/apps')).body).toEqual({ items: [app], next: null });
  expect((await ask('GET', '/apps/unknown')).status).toBe(404);
  expect((await ask('POST', '/apps', { name: 'Shop', owner: 'Ada Example' })).body.code).toBe(
    'reason_missing',
  );
  const rows = await house.platform.pool.query(
    `SELECT actor, reason, detail FROM change WHERE act = 'app.create'`,
  );
  expect(rows.rows).toEqual([
    { actor: 'person:1', reason: 'A test', detail: { name: 'Shop', owner: 'Ada Example' } },
  ]);
});

describe('a secret key', () => {
  test('is shown once, whole; what is kept is its hash', async () => {
    const made = await makeKey({});
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    const { key, ...rest } = made.body;
    expect(virtualKeyId(key)).toBe(made.body.id);
    expect(rest).toMatchObject({
      app: { id: app.id, name: 'Shop' },
      kind: 'secret',
      connections: [models.id],
      classes: ['inference'],
      origins: [],
      perMinute: null,
      createdBy: 'Ada Example',
      expiresAt: null,
      revokedAt: null,
      replaces: null,
      replacedBy: null,
      firstUsedAt: null,
      lastUsedAt: null,
      crossings24h: 0,
      refused24h: 0,
    });
    expect((await ask('GET', '/keys')).body.items).toEqual([rest]);
    expect((await ask('GET', `/apps/${app.id}/keys`)).body.items).toEqual([rest]);
    const rows = await house.platform.pool.query<{ hash: Buffer }>('SELECT hash FROM virtual_key');
    expect(rows.rows[0]?.hash).toEqual(hashVirtualKey(key));
  });

  test('reaches what its services offer, but administration only by name', async () => {
    expect((await makeKey({ connections: [analytics.id, models.id] })).body.classes).toEqual([
      'inference',
      'ingest',
    ]);
    expect((await makeKey({ connections: [analytics.id], classes: ['admin'] })).body.classes).toEqual([
      'admin',
    ]);
  });

  test('says how it was used', async () => {
    const { id } = (await makeKey({})).body;
    const [firstUsedAt, lastUsedAt] = [new Date('2025-11-08T10:00:00Z'), new Date('2025-11-09T10:00:00Z')];
    used.set(id, { firstUsedAt, lastUsedAt, crossings24h: 40, refused24h: 2 });
    expect((await ask('GET', '/keys')).body.items[0]).toMatchObject({
      firstUsedAt: '2025-11-08T10:00:00.000Z',
      lastUsedAt: '2025-11-09T10:00:00.000Z',
      crossings24h: 40,
      refused24h: 2,
    });
  });

  const wrong: [string, object, number, string][] = [
    ['an unknown connection', { connections: ['nowhere'] }, 422, 'connections.0'],
    ['no connection', { connections: [] }, 400, 'connections'],
    ['an unknown class', { classes: ['everything'] }, 400, 'classes.0'],
    ['origins', { origins: ['https://shop.example.com'] }, 422, 'origins'],
    ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 422, 'expiresAt'],
    ['an end that is no time', { expiresAt: 'tomorrow' }, 400, 'expiresAt'],
    ['a cap of none', { perMinute: 0 }, 400, 'perMinute'],
  ];
  test.each(wrong)('with %s is refused by field', async (_what, given, status, field) => {
    const answer = await makeKey(given);
    expect([answer.status, fieldsOf(answer)]).toEqual([status, [field]]);
    expect((await ask('GET', '/keys')).body.items).toEqual([]);
  });

  test('of an unknown app is a problem 404', async () => {
    expect(
      (await ask('POST', '/apps/unknown/keys', { kind: 'secret', connections: [models.id] })).status,
    ).toBe(400);
    expect(
      (
        await ask('POST', '/apps/unknown/keys', {
          kind: 'secret',
          connections: [models.id],
          reason: 'A test',
        })
      ).status,
    ).toBe(404);
    expect((await ask('GET', '/apps/unknown/keys')).status).toBe(404);
  });
});

describe('a publishable key', () => {
  test('calls ingest endpoints only, from its origins, capped', async () => {
    expect((await publishable()).body).toMatchObject({
      kind: 'publishable',
      classes: ['ingest'],
      origins: ['https://shop.example.com'],
      perMinute: 600,
    });
    expect((await publishable({ classes: ['ingest'] })).status).toBe(201);
  });

  const wrong: [string, () => object, string][] = [
    ['another class', () => ({ classes: ['ingest', 'admin'] }), 'classes'],
    ['no origin', () => ({ origins: [] }), 'origins'],
    ['an origin that is none', () => ({ origins: ['shop.example.com'] }), 'origins.0'],
    ['an origin that the connection has not', () => ({ origins: ['https://other.example.com'] }), 'origins'],
    ['no cap', () => ({ perMinute: undefined }), 'perMinute'],
    ['a service that browsers must not call', () => ({ connections: [models.id] }), 'connections'],
    ['one such service among others', () => ({ connections: [analytics.id, models.id] }), 'connections'],
  ];
  test.each(wrong)('with %s is refused by field', async (_what, given, field) => {
    const answer = await publishable(given());
    expect([answer.status, fieldsOf(answer)]).toEqual([422, [field]]);
  });
});

test('a revoked key stays in the list, and revoking it again changes nothing', async () => {
  const { id } = (await makeKey({})).body;
  const revoke = () => ask('DELETE', `/keys/${id}`, undefined, { 'x-drawbridge-reason': 'Leaked%21' });
  expect((await ask('DELETE', `/keys/${id}`)).body.code).toBe('reason_missing');
  expect((await revoke()).status).toBe(204);
  const at = (await ask('GET', '/keys')).body.items[0].revokedAt;
  expect(at).toBe(new Date(house.platform.clock.now()).toISOString());
  house.platform.advance(1_000);
  expect((await revoke()).status).toBe(204);
  expect((await ask('GET', '/keys')).body.items[0].revokedAt).toBe(at);
  expect((await ask('DELETE', '/keys/unknown', undefined, { 'x-drawbridge-reason': 'A test' })).status).toBe(
    404,
  );
  const rows = await house.platform.pool.query(
    `SELECT reason, subject_id FROM change WHERE act = 'key.revoke'`,
  );
  expect(rows.rows).toEqual([{ reason: 'Leaked!', subject_id: id }]);
});

test('keys are listed page by page, each once, also where they were made at the same moment', async () => {
  const made = new Set<string>();
  for (let index = 0; index < 7; index++) made.add((await makeKey({})).body.id);
  const seen: string[] = [];
  let query = '?limit=3';
  for (;;) {
    const { items, next } = (await ask('GET', `/keys${query}`)).body;
    seen.push(...items.map((item: { id: string }) => item.id));
    if (next === null) break;
    query = `?limit=3&cursor=${next}`;
  }
  expect(seen).toHaveLength(7);
  expect(new Set(seen)).toEqual(made);
});

test('a repeated POST shows the same key, makes one, and no table holds it', async () => {
  const headers = { 'idempotency-key': 'made-up-key-1' };
  const first = (await makeKey({}, headers)).body;
  expect((await makeKey({}, headers)).body).toEqual(first);
  expect((await ask('GET', '/keys')).body.items).toHaveLength(1);
  const tables = await dumpTables(house.platform);
  const log = house.platform.logged();
  const secret = first.key.slice(-59);
  for (const spelling of [...spellings(first.key), ...spellings(secret)]) {
    expect(tables.includes(spelling)).toBe(false);
    expect(log.includes(spelling)).toBe(false);
  }
  expect(tables).toContain(first.id);
});

describe('changing a key', () => {
  /** The latest of this kind. */
  const latest = async (act: string) => (await acts()).findLast((change) => change.act === act);
  const acts = async () => {
    const { rows } = await house.platform.pool.query<{ act: string; reason: string; detail: object }>(
      "SELECT act, reason, detail FROM change WHERE subject_kind IN ('key', 'app') ORDER BY at, id",
    );
    return rows;
  };
  const bind = (id: string, connections: string[]) =>
    ask('PUT', `/keys/${id}/connections`, { connections, reason: 'Another vendor' });
  const roll = (id: string, overlapHours: number) =>
    ask('POST', `/keys/${id}/roll`, { overlapHours, reason: 'Quarterly' });
  const shown = async (id: string) =>
    (await ask('GET', '/keys')).body.items.find((key: { id: string }) => key.id === id);

  test('binds it to other connections, with what came and went on record', async () => {
    const { id } = (await makeKey({ connections: [analytics.id] })).body;
    const answer = await bind(id, [models.id]);
    expect(answer).toMatchObject({ status: 200, body: { id, connections: [models.id] } });
    expect(await latest('key.bind')).toEqual({
      act: 'key.bind',
      reason: 'Another vendor',
      detail: { added: [models.id], removed: [analytics.id] },
    });
    const before = (await acts()).length;
    await bind(id, [models.id]);
    expect(await acts()).toHaveLength(before);
    expect(fieldsOf(await bind(id, ['nowhere']))).toEqual(['connections.0']);
    const money = { requests: null, tokens: null, money: { micros: 5, currency: 'XTS' } };
    await house.platform.pool.query('UPDATE virtual_key SET per_day = $1 WHERE id = $2', [money, id]);
    expect(fieldsOf(await bind(id, [analytics.id]))).toEqual(['perDay.money']);
    expect((await bind(id, [])).status).toBe(400);
    expect((await shown(id)).connections).toEqual([models.id]);
  });

  test('a publishable key is bound to nothing that browsers must not call', async () => {
    const origins = ['https://shop.example.com'];
    const given = { kind: 'publishable', connections: [analytics.id], origins, perMinute: 60 };
    const { id } = (await makeKey(given)).body;
    expect(fieldsOf(await bind(id, [models.id]))).toEqual(['connections']);
    const elsewhere = await house.connect({ origins: ['https://other.example.com'] });
    expect(fieldsOf(await bind(id, [analytics.id, elsewhere.id]))).toEqual(['origins']);
    expect((await shown(id)).connections).toEqual([analytics.id]);
  });

  const perDay = { requests: 100, tokens: null, money: null };

  test('rolled, it lives for the overlap, and the new one has the same rights', async () => {
    const old = (await makeKey({ connections: [analytics.id, models.id], perMinute: 7, perDay })).body;
    const answer = await roll(old.id, 24);
    expect(answer.status).toBe(201);
    expect(answer.body.key).toMatch(/^dbk_/);
    expect(answer.body.key).not.toBe(old.key);
    expect(answer.body).toMatchObject({ perMinute: 7, perDay });
    const { id: _id, key: _key, createdAt: _made, replaces, ...rights } = answer.body;
    const { id: _oldId, key: _oldKey, createdAt: _oldMade, replaces: _none, ...oldRights } = old;
    expect(rights).toEqual(oldRights);
    expect(replaces).toBe(old.id);
    const end = house.platform.clock.now() + 24 * 3600_000;
    expect(await shown(old.id)).toMatchObject({
      expiresAt: new Date(end).toISOString(),
      replacedBy: answer.body.id,
    });
    expect(await latest('key.roll')).toMatchObject({ detail: { followedBy: answer.body.id } });
    expect((await roll(old.id, 24)).body.code).toBe('key_rolled');
    expect(await dumpTables(house.platform)).not.toContain(answer.body.key);
  });

  test('rolling never lets the key before live longer than it would have', async () => {
    const expiresAt = new Date(house.platform.clock.now() + 3600_000).toISOString();
    const old = (await makeKey({ expiresAt })).body;
    const next = (await roll(old.id, 720)).body;
    expect((await shown(old.id)).expiresAt).toBe(expiresAt);
    expect(next.expiresAt).toBe(expiresAt);
  });

  test('what is dead is neither bound nor rolled', async () => {
    const revoked = (await makeKey({})).body.id;
    await ask('DELETE', `/keys/${revoked}`, undefined, { 'x-drawbridge-reason': 'A test' });
    const over = (await makeKey({})).body.id;
    await roll(over, 0);
    for (const id of [revoked, over]) {
      expect((await bind(id, [models.id])).body.code).toBe('key_dead');
      expect((await roll(id, 1)).body.code).toBe('key_dead');
    }
    expect((await roll('nosuchkey', 1)).status).toBe(404);
    expect((await roll(over, 721)).status).toBe(400);
    expect((await ask('POST', `/keys/${over}/roll`, { overlapHours: 1 })).body.code).toBe('reason_missing');
  });

  test('an app gets another name and owner', async () => {
    const answer = await ask('PATCH', `/apps/${app.id}`, { name: 'Web shop', reason: 'Renamed' });
    expect(answer.body).toMatchObject({ id: app.id, name: 'Web shop', owner: 'Ada Example' });
    expect((await ask('GET', `/apps/${app.id}`)).body.name).toBe('Web shop');
    expect(await latest('app.change')).toMatchObject({
      detail: { name: 'Web shop', was: { name: 'Shop', owner: 'Ada Example' } },
    });
    expect((await ask('PATCH', '/apps/nowhere', { name: 'X', reason: 'A test' })).status).toBe(404);
  });
});

describe('caps and budgets', () => {
  const perDay = { requests: 100, tokens: null, money: null };

  test('are set with a key, changed with a reason, and reach the snapshot', async () => {
    const made = await makeKey({ perMinute: 5, perDay });
    expect(made.body).toMatchObject({ perMinute: 5, perDay });
    const change = (given: object) => ask('PATCH', `/keys/${made.body.id}`, given);
    expect((await change({ perDay: { ...perDay, tokens: 7 } })).body.code).toBe('reason_missing');
    const changed = await change({ perDay: { ...perDay, tokens: 7 }, reason: 'A test' });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ perMinute: 5, perDay: { requests: 100, tokens: 7, money: null } });
    const kept = async () =>
      house.platform.db
        .transaction()
        .execute(async (tx) => (await readKeysForSnapshot(tx)).find(({ id }) => id === made.body.id));
    expect(await kept()).toMatchObject({ per_minute: 5, per_day: { requests: 100, tokens: 7, money: null } });
    expect((await change({ perMinute: null, perDay: null, reason: 'A test' })).body).toMatchObject({
      perMinute: null,
      perDay: null,
    });
    expect(await kept()).not.toHaveProperty('per_day');
    const told = await house.platform.pool.query(
      `SELECT detail FROM change WHERE act = 'key.caps' ORDER BY at`,
    );
    expect(told.rows[0]?.detail).toMatchObject({ before: { perDay }, after: { perDay: { tokens: 7 } } });
  });

  test('in money need a price; a publishable key keeps its cap; a revoked key has none to change', async () => {
    const money = { requests: null, tokens: null, money: { micros: 5, currency: 'XTS' } };
    const refused = await makeKey({ perDay: money });
    expect([refused.status, fieldsOf(refused)]).toEqual([422, ['perDay.money']]);
    const page = await publishable();
    const bare = await ask('PATCH', `/keys/${page.body.id}`, { perMinute: null, reason: 'A test' });
    expect([bare.status, fieldsOf(bare)]).toEqual([422, ['perMinute']]);
    await ask('DELETE', `/keys/${page.body.id}`, undefined, { 'x-drawbridge-reason': 'A test' });
    const dead = await ask('PATCH', `/keys/${page.body.id}`, { perMinute: 1, reason: 'A test' });
    expect([dead.status, dead.body.code]).toEqual([409, 'key_dead']);
    expect((await ask('PATCH', '/keys/nosuchkey', { perMinute: 1, reason: 'A test' })).status).toBe(404);
  });

  test('the same again changes nothing and is not recorded', async () => {
    const { id } = (await makeKey({ perMinute: 5, perDay })).body;
    expect((await ask('PATCH', `/keys/${id}`, { perMinute: 5, perDay, reason: 'A test' })).status).toBe(200);
    const told = await house.platform.pool.query("SELECT FROM change WHERE act = 'key.caps'");
    expect(told.rowCount).toBe(0);
  });

  test.each([
    ['another cap was set', 'per_day = \'{"requests":9,"tokens":null,"money":null}\'', 200],
    ['the key was revoked', 'revoked_at = now()', 409],
  ])('what is changed while %s puts nothing of before back', async (_what, meanwhile, status) => {
    const { id } = (await makeKey({ perDay })).body;
    const other = await house.platform.pool.connect();
    await other.query('BEGIN');
    await other.query(`UPDATE virtual_key SET ${meanwhile} WHERE id = $1`, [id]);
    const change = ask('PATCH', `/keys/${id}`, { perMinute: 7, reason: 'A test' });
    const waits =
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%virtual_key%'";
    await expect.poll(async () => (await house.platform.pool.query(waits)).rowCount).toBe(1);
    await other.query('COMMIT');
    other.release();
    expect((await change).status).toBe(status);
    const [row] = (await house.platform.pool.query('SELECT per_minute, per_day FROM virtual_key')).rows;
    expect(row).toEqual(
      status === 200
        ? { per_minute: 7, per_day: { ...perDay, requests: 9 } }
        : { per_minute: null, per_day: perDay },
    );
  });

  test.each([
    [{ perDay: { requests: 0, tokens: null, money: null } }],
    [{ perDay: { requests: 1 } }],
    [{ perDay: { requests: null, tokens: null, money: { micros: 1, currency: 'euro' } } }],
  ])('%j is no budget', async (given) => {
    expect((await makeKey(given)).status).toBe(400);
  });
});
