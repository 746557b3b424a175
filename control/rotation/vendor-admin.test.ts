import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConnection } from '../connections/index.ts';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { createRotation } from './index.ts';
import { adminContext, findKeysBy } from './keys-of.ts';
import { MadeUpVendor } from './testing.ts';

/** Credentials that are entered beside the form for credentials, and what begins by itself with them. All is made up. */
const ADMIN = 'made-up-admin-credential-0000';
const THEIRS = { scheme: 'https', host: 'collect.attacker.example', port: 443, private: false };
const ada = { id: 'person:1', name: 'Ada Example' };
const ben = { id: 'person:2', name: 'Ben Example' };
const reason = 'A test';

const boltPack = (list = '/keys') => `format: drawbridge.pack/1
vendor: bolt
name: Bolt
as_of: 2025-11-09
services:
  - id: events
    regions: [{ id: us, host: api.bolt.test }]
    auth: [{ in: header, name: x-bolt-key }]
    endpoints:
      - id: track
        methods: [POST]
        path: /v2/events
        fields:
          fields: { user.id: person.id }
rotation:
  - service: events
    probe: { method: GET, path: /me }
    manual: { url: https://bolt.test/keys, text: Make a key there. }
    admin:
      source: made up for tests
      as_of: '2026-11-22'
      host: admin.bolt.test
      place: { in: header, name: authorization, prefix: 'Bearer ' }
      credential: An admin key
      parameters: []
      refs: [{ id: key, label: Id of the key }]
      create:
        request: { method: POST, path: /keys, body: '{"name":"{name}"}' }
        read: { key: $.id }
        secret: { parts: { value: $.value }, template: '{value}' }
      list: { request: { method: GET, path: ${list} }, items: $.items, read: { key: $.id, name: $.name } }
      delete: [{ method: DELETE, path: '/keys/{key}' }]
`;

let house: TestHouse;
let rotation: ReturnType<typeof createRotation>;
beforeAll(async () => {
  house = await testHouse();
  const { platform, vault, catalogue, approvals } = house;
  const vendor = new MadeUpVendor(vault);
  const network = { resolve: async () => [] };
  const findKeys = vendor.findKeys(catalogue);
  rotation = createRotation({ platform, vault, catalogue, approvals, network, findKeys });
  house.app.route('/api/v1', rotation.routes);
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.platform.pool.query('TRUNCATE vendor_admin, rotation, rotation_step, rotation_policy');
  await house.reset();
  await house.ownPacks.load();
  expect((await house.ask('POST', '/packs', { pack: boltPack(), reason })).status).toBe(201);
  await house.platform.pool.query('TRUNCATE setting, approval');
  house.people.actor = ada;
  house.people.count = 2;
});

const turn = () => house.ask('PATCH', '/settings', { secondPerson: true, reason });
async function approve(id: string) {
  house.people.actor = ben;
  const answer = await house.ask('POST', `/approvals/${id}/approve`, { reason });
  house.people.actor = ada;
  expect(answer.status).toBe(200);
}
const enterAdmin = (id: string, given: object = {}) =>
  house.ask('PUT', `/connections/${id}/vendor-admin`, { value: ADMIN, parameters: {}, reason, ...given });
const entered = async () => {
  const { rows } = await house.platform.pool.query('SELECT host, private FROM vendor_admin');
  return rows;
};
/** Whether the admin credential would be used for what the pack says now. */
async function isUsed(id: string) {
  const { platform, catalogue } = house;
  const findKeys = findKeysBy(catalogue, async () => {
    throw new Error('nothing is called here');
  });
  return (await findKeys(platform.db, await readConnection(platform.db, id))).vendor !== null;
}

test('a key that a rotation waits for is entered for a new host by two, as any credential', async () => {
  const made = await house.connect({ credential: 'made-up-old-key-000000000000' });
  const { body } = await house.ask('POST', `/connections/${made.id}/rotations`, { how: 'guided', reason });
  // Moved before the rule was set, and before the rotation noticed.
  await house.ask('PATCH', `/connections/${made.id}`, { upstream: THEIRS, reason });
  await turn();
  const enter = () =>
    house.ask('PUT', `/rotations/${body.id}/credential`, { value: 'made-up-new-key-00000000', reason });
  const asked = await enter();
  expect(asked).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  const { what } = (await house.ask('GET', `/approvals/${asked.body.approval}`)).body;
  expect(what).toMatchObject({ host: 'https://collect.attacker.example:443' });
  const { rows } = await house.platform.pool.query(`SELECT id FROM credential WHERE role = 'next'`);
  expect(rows).toEqual([]);
  await approve(asked.body.approval);
  expect((await enter()).status).toBe(200);
});

test('an admin credential is entered for a new host by two, in a private network too, and then just there', async () => {
  const made = await house.connect({ vendor: 'bolt', service: 'events' });
  await turn();
  const mine = { ...THEIRS, scheme: 'http', host: '10.1.2.3', port: 8080, private: true };
  const asked = await enterAdmin(made.id, { upstream: mine });
  expect(asked).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  expect((await house.ask('GET', `/approvals/${asked.body.approval}`)).body).toMatchObject({
    act: 'vendor_admin.enter',
    what: { host: '10.1.2.3', private: true, pack: 'entered' },
  });
  expect(await entered()).toEqual([]);
  await approve(asked.body.approval);
  expect((await enterAdmin(made.id)).body.code).toBe('approval_needed');
  expect((await enterAdmin(made.id, { upstream: { ...mine, port: 8081 } })).body.code).toBe(
    'approval_needed',
  );
  expect((await enterAdmin(made.id, { upstream: mine })).status).toBe(204);
  expect(await entered()).toEqual([{ host: '10.1.2.3', private: true }]);
  // Once more for the same place is one person's matter.
  expect((await enterAdmin(made.id, { upstream: mine })).status).toBe(204);
});

test('an admin credential is used for what the pack said of the API when it was entered, and for nothing else', async () => {
  const made = await house.connect({
    vendor: 'bolt',
    service: 'events',
    credential: 'made-up-old-key-000000000000',
  });
  expect((await enterAdmin(made.id)).status).toBe(204);
  expect(await isUsed(made.id)).toBe(true);
  const mine = boltPack('/everything');
  expect((await house.ask('PUT', '/packs/bolt', { pack: mine, basedOn: 1, reason })).status).toBe(200);
  expect(await isUsed(made.id)).toBe(false);
  const start = () => house.ask('POST', `/connections/${made.id}/rotations`, { how: 'api', reason });
  expect((await start()).body.code).toBe('no_vendor_admin');
  const [due] = (await house.ask('GET', '/rotations-due')).body.items;
  expect(due.admin.entered).toBeNull();
  // What was approved once was this API: another one at the same host is looked at anew.
  await turn();
  expect((await enterAdmin(made.id)).body.code).toBe('approval_needed');
  await house.platform.pool.query('TRUNCATE setting');
  expect((await enterAdmin(made.id)).status).toBe(204);
  expect(await isUsed(made.id)).toBe(true);
  // What is changed behind the back of the vault does not open.
  const { vault } = house;
  const { rows } = await house.platform.pool.query('SELECT * FROM vendor_admin');
  const opens = (row: object) => vault.keyedHash(rows[0].wrapped, adminContext({ ...rows[0], ...row }), 'x');
  await expect(opens({})).resolves.toHaveLength(32);
  for (const other of [{ api_hash: 'x' }, { api_hash: null }, { private: true }, { host: 'x.test' }])
    await expect(opens(other)).rejects.toThrow();
});

test('a rotation that is due begins by itself where that is set, once, and rests after it was undone', async () => {
  const DAY = 86_400_000;
  const made = await house.connect({
    vendor: 'bolt',
    service: 'events',
    credential: 'made-up-old-key-000000000000',
  });
  const other = await house.connect({
    ...{ name: 'Other', vendor: 'bolt', service: 'events' },
    credential: 'made-up-other-key-0000000000',
  });
  const set = (id: string, automatic: boolean) =>
    house.ask('PUT', `/connections/${id}/rotation-policy`, { everyDays: 30, automatic, reason });
  await set(made.id, true);
  await set(other.id, false);
  const begun = async () => {
    house.platform.advance(61_000);
    await rotation.turn();
    const { rows } = await house.platform.pool.query(
      'SELECT connection, how, started_by, reason FROM rotation ORDER BY started_at',
    );
    return rows;
  };
  await enterAdmin(other.id);
  expect(await begun()).toEqual([]);
  house.platform.advance(31 * DAY);
  // Due, and without an admin credential nothing begins by itself.
  expect(await begun()).toEqual([]);
  await enterAdmin(made.id);
  const first = { connection: made.id, how: 'api', started_by: expect.stringMatching(/^system:/) };
  expect(await begun()).toMatchObject([first]);
  expect(await begun()).toMatchObject([first]);
  // As if a person had taken it back.
  await house.platform.pool.query(`DELETE FROM credential WHERE role = 'next'`);
  await house.platform.pool.query(`UPDATE rotation SET step = 'undone', needs = NULL, ended_at = $1`, [
    new Date(house.platform.clock.now()),
  ]);
  house.platform.advance(6 * DAY);
  expect(await begun()).toMatchObject([first]);
  house.platform.advance(DAY);
  expect(await begun()).toMatchObject([first, first]);
});
