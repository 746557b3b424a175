import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { createInventory, inventoryRoutes, keysAt, keyUseProjection } from './index.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await testHouse({ keyUse: async () => used });
  house.app.route(
    '/api/v1',
    inventoryRoutes(createInventory({ platform: house.platform, apps: house.apps })),
  );
});
afterAll(() => house.close());
const used = new Map<
  string,
  { firstUsedAt: Date; lastUsedAt: Date; crossings24h: number; refused24h: number }
>();
beforeEach(async () => {
  used.clear();
  await house.platform.pool.query(
    'TRUNCATE app, virtual_key, connection, change, idempotency, held_key, held_key_import, key_use_day CASCADE',
  );
});

const DAY_MS = 24 * 3600_000;
const ask: TestHouse['ask'] = (...call) => house.ask(...call);

describe('what keys do against what they may', () => {
  async function key(given: object = {}) {
    const app = (await ask('POST', '/apps', { name: 'Shop', owner: 'Ada Example', reason: 'A test' })).body;
    const models = await house.connect({ name: 'Models', service: 'models' });
    const other = await house.connect({ origins: [] });
    const made = await ask('POST', `/apps/${app.id}/keys`, {
      kind: 'secret',
      connections: [models.id, other.id],
      reason: 'A test',
      ...given,
    });
    house.platform.advance(40 * DAY_MS);
    return {
      id: made.body.id as string,
      app: app.id as string,
      models: models.id as string,
      other: other.id as string,
    };
  }
  let index = 0;
  /** Records as gateways ship them, projected. */
  async function cross(count: number, of: { id: string; app: string; models: string }, given: object = {}) {
    const client = await house.platform.pool.connect();
    const entries = Array.from({ length: count }, () => ({
      log: 1,
      index: index++,
      items: [],
      entry: {
        type: 'crossing',
        at: house.platform.clock.now() - DAY_MS,
        key: of.id,
        app: of.app,
        connection: of.models,
        class: 'inference',
        method: 'POST',
        decision: 'forwarded',
        reason: null,
        model: 'm-1*',
        network: '10.1.2.0/24',
        ...given,
      },
    }));
    await keyUseProjection.apply(client, entries as unknown as Parameters<typeof keyUseProjection.apply>[1]);
    client.release();
    const at = new Date(house.platform.clock.now() - DAY_MS);
    used.set(of.id, { firstUsedAt: at, lastUsedAt: at, crossings24h: count, refused24h: 0 });
  }

  test('is measured, previewed, and tightened in one act', async () => {
    const mine = await key();
    await cross(3_200, mine);
    await cross(3, mine, { decision: 'refused', reason: 'field_refused' });
    const [item] = (await ask('GET', '/key-use?days=30')).body.items;
    expect(item).toMatchObject({
      id: mine.id,
      crossings: 3_200,
      refused: 3,
      unused: { connections: [mine.other], classes: ['ingest'], models: [] },
      findings: ['unused_grants', 'one_network', 'no_end'],
      proposal: {
        connections: [mine.models],
        classes: ['inference'],
        models: ['m-1*'],
        networks: ['10.1.2.0/24'],
      },
      effect: { crossings: 3_200, refused: 0, unknown: 0 },
    });
    const preview = await ask('POST', `/keys/${mine.id}/bounds/preview`, item.proposal);
    expect(preview.body.text).toBe('Would have refused 0 of 3,200 crossings of the last 30 days.');
    const tooTight = await ask('POST', `/keys/${mine.id}/bounds/preview`, { networks: ['10.9.0.0/16'] });
    expect(tooTight.body).toMatchObject({
      refused: 3_200,
      refusals: [{ network: '10.1.2.0/24', crossings: 3_200 }],
    });
    const applied = await ask('PATCH', `/keys/${mine.id}/bounds`, {
      ...item.proposal,
      reason: 'As it is used',
    });
    expect(applied.body).toMatchObject({ connections: [mine.models], networks: ['10.1.2.0/24'] });
    expect((await ask('GET', '/key-use?days=30')).body.items[0]).toMatchObject({ proposal: null });
    const changes = await house.platform.pool.query(
      "SELECT act FROM change WHERE subject_kind = 'key' ORDER BY at, id",
    );
    expect(changes.rows.map(({ act }) => act)).toEqual(['key.create', 'key.limit']);
  });

  test('counts what is alike once, over batches', async () => {
    const mine = await key();
    await cross(2, mine);
    await cross(5, mine);
    await cross(1, mine, { model: undefined, method: 'GET', network: undefined });
    expect((await ask('GET', `/keys/${mine.id}/use`)).body.used).toEqual({
      connections: [{ name: mine.models, crossings: 8 }],
      classes: [{ name: 'inference', crossings: 8 }],
      models: [
        { name: 'm-1*', crossings: 7 },
        { name: '-', crossings: 1 },
      ],
      networks: [
        { name: '10.1.2.0/24', crossings: 7 },
        { name: '', crossings: 1 },
      ],
    });
    expect((await ask('GET', '/keys/unknown/use')).status).toBe(404);
  });

  test('of an app: what none of its keys used, and those that lie idle', async () => {
    const mine = await key();
    await ask('POST', `/apps/${mine.app}/keys`, {
      kind: 'secret',
      connections: [mine.models],
      reason: 'A test',
    });
    house.platform.advance(20 * DAY_MS);
    await cross(4, mine);
    expect((await ask('GET', '/key-use?days=90')).body.apps).toEqual([
      {
        id: mine.app,
        name: 'Shop',
        keys: 2,
        crossings: 4,
        idleKeys: 1,
        unused: { connections: [mine.other], classes: ['ingest'] },
      },
    ]);
  });

  test('nothing crossed: nothing is said', async () => {
    const mine = await key();
    const preview = await ask('POST', `/keys/${mine.id}/bounds/preview`, { models: ['m-1'] });
    expect(preview.body.text).toBe(
      'Nothing crossed with this key in the last 30 days, so this says nothing.',
    );
  });
});

describe('keys that are held elsewhere', () => {
  const load = (given: object) => ask('POST', '/held-keys/imports', { reason: 'A test', ...given });
  const held = async (query = '') => (await ask('GET', `/held-keys${query}`)).body.items;
  const mapping = { id: 'id', owner: 'owner', place: 'where', madeAt: 'made', lastUsedAt: 'used' };
  const csv = (...rows: string[]) => ['id,owner,where,made,used', ...rows].join('\n');

  test('are updated by source and id, and marked gone when they vanish; what people wrote stays', async () => {
    const source = 'Register of keys';
    const first = await load({
      source,
      format: 'csv',
      mapping,
      content: csv('k-1,Bo Example,Laptop,2025-01-01,2025-11-01', 'k-2,,,2025-10-01,'),
    });
    expect(first.body).toMatchObject({ taken: 2, fresh: 2, gone: 0, refused: 0 });
    const [, second] = await held();
    expect(second).toMatchObject({ externalId: 'k-2', owner: null, use: 'never' });
    await ask('PATCH', `/held-keys/${second.id}`, {
      owner: 'Cy Example',
      place: 'Drawbridge',
      reason: 'Asked',
    });
    const again = await load({ source, format: 'csv', mapping, content: csv('k-2,,,2025-10-01,2025-11-08') });
    expect(again.body).toMatchObject({ taken: 1, fresh: 0, gone: 1 });
    expect(await held()).toMatchObject([
      { externalId: 'k-2', owner: 'Cy Example', place: 'Drawbridge', use: 'used' },
    ]);
    expect((await held('?gone=true')).map((one: { goneAt: string | null }) => one.goneAt !== null)).toEqual([
      true,
      false,
    ]);
    await load({ source, format: 'csv', mapping, content: csv('k-1,,,2025-01-01,') });
    expect(await held()).toMatchObject([{ externalId: 'k-1', owner: 'Bo Example', goneAt: null }]);
  });

  test('are found: never made anew, no owner, stored outside, idle', async () => {
    await load({
      source: 'S',
      format: 'csv',
      mapping,
      content: csv('old,Bo,Laptop,2020-01-01,2020-02-01', `new,,drawbridge,2026-01-01,2026-01-02`),
    });
    const [fresh, old] = await held();
    expect(old.findings).toEqual(['never_rotated', 'stored_outside', 'idle']);
    expect(fresh.findings).not.toContain('stored_outside');
    expect(await held('?finding=never_rotated')).toMatchObject([{ externalId: 'old' }]);
    const { findings, sources, ages } = (await ask('GET', '/key-inventory')).body;
    expect(findings).toMatchObject({ never_rotated: 1, no_owner: 1, stored_outside: 1 });
    expect(sources).toMatchObject([{ source: 'S', keys: 2, importedBy: 'Ada Example' }]);
    expect(ages.reduce((sum: number, age: { held: number }) => sum + age.held, 0)).toBe(2);
  });

  test('of a vendor are found by list or name, with when they ended as of a time', async () => {
    const now = () => new Date(house.platform.clock.now());
    const at = (names: string[], time = now()) => keysAt(house.platform, names, time);
    await load({ source: 'Acme keys', format: 'csv', mapping, content: csv('k-1,,,,', 'k-2,,,,') });
    await load({ source: 'Laptops', format: 'csv', mapping, content: csv('acme-deploy,,,,', 'other,,,,') });
    expect((await at(['Acme'])).map(({ label, endedAt }) => [label, endedAt])).toEqual([
      ['acme-deploy', null],
      ['k-1', null],
      ['k-2', null],
    ]);
    const before = now();
    house.platform.advance(DAY_MS);
    await load({ source: 'Acme keys', format: 'csv', mapping, content: csv('k-1,,,,') });
    expect((await at(['acme']))[0]).toMatchObject({ label: 'k-2', source: 'Acme keys', endedAt: now() });
    expect((await at(['acme'], before)).every(({ endedAt }) => endedAt === null)).toBe(true);
    expect(await at(['acme'], new Date(before.getTime() - 1))).toEqual([]);
    expect(await at(['k-1', 'Umbrella'])).toEqual([]);
  });

  test('a row with a whole key is refused and not shown; nothing vanishes for it', async () => {
    await load({ source: 'S', format: 'csv', mapping, content: csv('k-1,Bo,Laptop,2025-01-01,') });
    const secret = `sk-proj-${'aB3'.repeat(20)}`;
    const answer = await load({
      source: 'S',
      format: 'csv',
      mapping,
      content: csv(`k-1,Bo,${secret},2025-01-01,`, 'k-2,Bo,Laptop,2025-01-01,'),
    });
    expect(answer.body).toMatchObject({
      taken: 1,
      gone: 0,
      refused: 1,
      refusals: [{ line: 2, column: 'where', message: 'looks like a whole key: this row was not taken in' }],
    });
    expect(JSON.stringify([answer.body, await held(), house.platform.logged()])).not.toContain(secret);
    expect(await held()).toHaveLength(2);
  });

  test.each([
    ['a day that is none', csv('k-1,Bo,Laptop,yesterday,'), 'line 2, made'],
    ['no id', csv('k-1,,,,', ',Bo,Laptop,2025-01-01,'), 'line 3, id'],
    ['a missing column', 'id,owner\nk-1,Bo', 'line 1: there is no column "where"'],
  ])('%s is refused by line and column, and nothing is taken in', async (_, content, where) => {
    const answer = await load({ source: 'S', format: 'csv', mapping, content });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toContain(where);
    expect(await held()).toEqual([]);
  });
});
