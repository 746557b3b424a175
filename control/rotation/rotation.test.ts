import { boundHost, credentialContext } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readBeside, readConnection, upstreamOf } from '../connections/index.ts';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { createRotation } from './index.ts';
import { Killed, MadeUpVendor, opened, watched } from './testing.ts';

const OLD = 'made-up-old-key-000000000000';
const network = { resolve: async () => [] };
const quick = { share: 100, canarySeconds: 60, canaryAnswers: 5, overlapSeconds: 3600 };

let house: TestHouse;
let vendor: MadeUpVendor;
let rotation: ReturnType<typeof createRotation>;
let hasApi = true;
beforeAll(async () => {
  house = await testHouse();
  const { platform, vault, catalogue, approvals } = house;
  vendor = new MadeUpVendor(vault);
  rotation = createRotation({
    platform,
    vault,
    catalogue,
    approvals,
    network,
    findKeys: vendor.findKeys(catalogue, () => hasApi),
  });
  house.app.route('/api/v1', rotation.routes);
});
afterAll(() => house.close());
beforeEach(async () => {
  hasApi = true;
  vendor.keys = [];
  vendor.calls = [];
  vendor.onWrite = () => undefined;
  await house.platform.pool.query(
    `TRUNCATE rotation, rotation_step, rotation_event, rotation_policy, vendor_admin, credential_use, key_alarm`,
  );
  await house.reset();
  // Everything is published, and there are no gateways to wait for.
  await house.platform.pool.query(
    `INSERT INTO published (version, revision, content_hash, published_at) VALUES (5, 1000000000, 'x', now())`,
  );
});

async function connect() {
  const connection = await house.connect({ credential: OLD });
  const key = vendor.add('made by a person', OLD);
  return { id: connection.id as string, key };
}
async function start(id: string, given: object = {}) {
  return house.ask('POST', `/connections/${id}/rotations`, { plan: quick, reason: 'A test', ...given });
}
/** As if the API of the vendor were entered: the made-up one needs no credential. */
async function startByApi(id: string, oldKey: { id: string }) {
  await house.platform.pool.query(
    `INSERT INTO rotation_policy (connection, every_days, automatic) VALUES ($1, 1, false) ON CONFLICT DO NOTHING`,
    [id],
  );
  const { body } = await start(id, { how: 'guided', oldKey: { key: oldKey.id } });
  await house.platform.pool.query(
    `UPDATE rotation SET how = 'api', needs = NULL, plan = plan || '{"lagMs":600000}' WHERE id = $1`,
    [body.id],
  );
  return body.id as string;
}
const read = async (id: string) => (await house.ask('GET', `/rotations/${id}`)).body;
const say = (id: string, says: string) =>
  house.ask('POST', `/rotations/${id}/say`, { says, reason: 'A test' });

/** What crossings were answered with a version of the credential. */
async function crossed(connection: string, version: number, answered: number, unauthorised = 0) {
  await house.platform.pool.query(
    `INSERT INTO credential_use (connection, version, sent, answered, unauthorised, forbidden, last_at)
      VALUES ($1, $2, $3::int + $4::int, $3, $4, 0, $5)
      ON CONFLICT (connection, version) DO UPDATE SET answered = $3, unauthorised = $4, last_at = $5`,
    [connection, version, answered, unauthorised, new Date(house.platform.clock.now())],
  );
}
/** Turns until the step is reached or nothing moves any more, time passing in between. */
async function until(id: string, step: string, every = 30_000) {
  for (let turn = 0; turn < 400; turn++) {
    const now = await read(id);
    if (now.step === step || now.endedAt !== null) return now;
    await rotation.turn();
    house.platform.advance(every);
  }
  return read(id);
}
async function credentials(id: string) {
  const { platform, vault } = house;
  const connection = await readConnection(platform.db, id);
  const beside = await readBeside(platform.db, id);
  const stored = await platform.pool.query(
    `SELECT version, role, placements, wrapped FROM credential WHERE connection = $1 AND dropped_at IS NULL ORDER BY version`,
    [id],
  );
  const open = stored.rows.map(async ({ version, role, placements, wrapped }) => {
    const hosts = [boundHost(upstreamOf(connection))];
    const context = credentialContext({ connection: id, version, hosts, placements });
    return { role, version, secret: await opened(vault, { wrapped, context }) };
  });
  return { beside, all: await Promise.all(open) };
}
async function acts() {
  const { rows } = await house.platform.pool.query(`SELECT act FROM change WHERE act LIKE 'rotation.%'`);
  return rows.map(({ act }) => act as string);
}

describe('a rotation over the vendor’s API', () => {
  test('puts a new key in force and deletes the old one, which is then refused', async () => {
    const { id, key } = await connect();
    const rotationId = await startByApi(id, key);
    await until(rotationId, 'canary');
    expect((await credentials(id)).beside).toMatchObject([{ role: 'next', share: 100, version: 2 }]);
    await crossed(id, 2, 10);
    await until(rotationId, 'overlap');
    expect((await credentials(id)).all).toMatchObject([
      { role: 'previous', version: 1, secret: OLD },
      { role: 'in_force', version: 2 },
    ]);
    expect(vendor.keys).toHaveLength(2);
    const end = await until(rotationId, 'done', 300_000);
    expect(end).toMatchObject({ step: 'done', needs: null, fromVersion: 1, toVersion: 2 });
    expect(vendor.keys).toHaveLength(1);
    expect((await credentials(id)).all).toEqual([
      { role: 'in_force', version: 2, secret: vendor.keys[0]?.secret },
    ]);
    expect(await acts()).toEqual(['rotation.start', ...Array(7).fill('rotation.advance'), 'rotation.finish']);
  });

  test('killed at any write, goes on where it was: one key at the vendor, the one in force, and nothing twice', async () => {
    const { platform, vault, catalogue, approvals } = house;
    /** Runs one rotation whose process dies at the nth write; returns how many writes there were. */
    async function run(killAt: number): Promise<number> {
      await house.reset();
      await platform.pool.query(`TRUNCATE rotation, rotation_step, rotation_policy, credential_use`);
      await platform.pool.query(
        `INSERT INTO published (version, revision, content_hash, published_at) VALUES (5, 1000000000, 'x', now())`,
      );
      vendor.keys = [];
      let writes = 0;
      const onWrite = () => {
        writes += 1;
        if (writes === killAt) throw new Killed();
      };
      const { id, key } = await connect();
      const rotationId = await startByApi(id, key);
      const findKeys = vendor.findKeys(catalogue);
      let process = createRotation({
        platform: watched(platform, onWrite),
        vault,
        catalogue,
        approvals,
        network,
        findKeys,
      });
      vendor.onWrite = onWrite;
      for (let turn = 0; turn < 60; turn++) {
        try {
          await process.turn();
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          process = createRotation({ platform, vault, catalogue, approvals, network, findKeys });
          vendor.onWrite = () => undefined;
        }
        const { rows } = await platform.pool.query(
          `SELECT step, to_version, ended_at, (SELECT count(*)::int FROM credential c WHERE c.connection = r.connection
            AND role = 'in_force' AND dropped_at IS NULL) AS in_force FROM rotation r WHERE id = $1`,
          [rotationId],
        );
        const [now] = rows;
        expect(now.in_force).toBe(1);
        if (now.ended_at !== null) break;
        if (now.step === 'canary') await crossed(id, now.to_version, 10);
        platform.advance(now.step === 'overlap' ? 3_700_000 : 61_000);
      }
      expect(await read(rotationId)).toMatchObject({ step: 'done', needs: null });
      const { all } = await credentials(id);
      expect(vendor.keys.map(({ secret }) => secret)).toEqual(all.map(({ secret }) => secret));
      expect(all).toMatchObject([{ role: 'in_force' }]);
      const done = await acts();
      expect(done.filter((act) => act === 'rotation.finish')).toHaveLength(1);
      expect(done.filter((act) => act === 'rotation.advance')).toHaveLength(7);
      return writes;
    }
    const writes = await run(0);
    expect(writes).toBeGreaterThan(20);
    // All of them in the long run; every second one otherwise, other ones with another seed.
    const stride = process.env.DRAWBRIDGE_SOAK === '1' ? 1 : 2;
    const first = 1 + (Number(process.env.DRAWBRIDGE_SEED ?? 1) % stride);
    for (let killAt = first; killAt <= writes; killAt += stride) await run(killAt);
  }, 120_000);

  test('ends by itself where the vendor refuses the new key in the canary: the old one serves all, the new one is deleted', async () => {
    const { id, key } = await connect();
    const rotationId = await startByApi(id, key);
    await until(rotationId, 'canary');
    await crossed(id, 2, 3, 1);
    await rotation.turn();
    expect((await credentials(id)).beside).toMatchObject([{ share: 0 }]);
    const end = await until(rotationId, 'undone');
    expect(end.step).toBe('undone');
    expect(end.steps.map((one: { said: string | null }) => one.said)).toContain(
      'The vendor refused 1 crossings with the new key.',
    );
    expect((await credentials(id)).all).toEqual([{ role: 'in_force', version: 1, secret: OLD }]);
    expect(vendor.keys.map(({ secret }) => secret)).toEqual([OLD]);
  });

  test('can be taken back after the switch, and can’t once the old key is to be deleted', async () => {
    const { id, key } = await connect();
    const first = await startByApi(id, key);
    await until(first, 'canary');
    await crossed(id, 2, 10);
    await until(first, 'overlap');
    expect((await say(first, 'roll_back')).status).toBe(200);
    expect((await until(first, 'undone')).step).toBe('undone');
    expect((await credentials(id)).all).toEqual([{ role: 'in_force', version: 1, secret: OLD }]);

    const second = await startByApi(id, key);
    await until(second, 'canary');
    await crossed(id, 3, 10);
    await until(second, 'done', 300_000);
    expect(await say(second, 'roll_back')).toMatchObject({ status: 409, body: { code: 'not_now' } });
  });

  test('taken back, deletes the new key only once no gateway sends with it any more, or a person says so', async () => {
    const { pool } = house.platform;
    for (const goesOn of [false, true]) {
      const { id, key } = await connect();
      const rotationId = await startByApi(id, key);
      const inCanary = await until(rotationId, 'canary');
      await crossed(id, inCanary.toVersion, 10);
      await until(rotationId, 'overlap');
      await pool.query(
        `INSERT INTO gateway (id, name, public_key, token_hash, enrolled_at, snapshot_version)
          VALUES ('behind', 'Behind', $1, $2, now(), 4)`,
        [Buffer.alloc(32), Buffer.alloc(32, goesOn ? 2 : 1)],
      );
      await say(rotationId, 'roll_back');
      const keys = vendor.keys.length;
      for (let turn = 0; turn < 70; turn++) {
        await rotation.turn();
        house.platform.advance(60_000);
      }
      expect(await read(rotationId)).toMatchObject({
        step: 'clean_up',
        needs: 'gateways_behind',
        canGoOn: true,
      });
      expect(vendor.keys).toHaveLength(keys);
      if (goesOn) await say(rotationId, 'go_on');
      else await pool.query(`UPDATE gateway SET snapshot_version = 5`);
      expect((await until(rotationId, 'undone')).step).toBe('undone');
      expect(vendor.keys).toHaveLength(keys - 1);
      await pool.query(`DELETE FROM gateway`);
    }
  });

  test('raises an alarm and deletes nothing where somebody else uses the old key, until a person says so', async () => {
    const { id, key } = await connect();
    const rotationId = await startByApi(id, key);
    await until(rotationId, 'canary');
    await crossed(id, 1, 100);
    await crossed(id, 2, 10);
    await until(rotationId, 'overlap');
    key.lastUsed = new Date(house.platform.clock.now() + 900_000);
    house.platform.advance(1_000_000);
    await rotation.turn();
    expect(await read(rotationId)).toMatchObject({ step: 'overlap', needs: 'old_key_in_use', canGoOn: true });
    const alarms = await house.platform.pool.query('SELECT kind, about_id, times FROM key_alarm');
    expect(alarms.rows).toEqual([{ kind: 'foreign_use', about_id: id, times: 1 }]);
    house.platform.advance(7_200_000);
    await rotation.turn();
    expect((await read(rotationId)).step).toBe('overlap');
    await say(rotationId, 'go_on');
    expect((await until(rotationId, 'done')).step).toBe('done');
  });
});

describe('a guided rotation', () => {
  test('waits for a key, tries it, and is done only when the old one is refused', async () => {
    hasApi = false;
    const { id, key } = await connect();
    const { body: begun } = await start(id);
    expect(begun).toMatchObject({ how: 'guided', step: 'create', needs: 'enter_new_key' });
    const fresh = vendor.add('made by a person', 'made-up-new-key-111111111111');
    const entered = await house.ask('PUT', `/rotations/${begun.id}/credential`, {
      value: fresh.secret,
      reason: 'Made at the vendor',
    });
    expect(entered).toMatchObject({ status: 200, body: { step: 'probe', toVersion: 2 } });
    await until(begun.id, 'canary');
    await crossed(id, 2, 10);
    expect(await until(begun.id, 'delete', 300_000)).toMatchObject({ needs: 'delete_old_key' });
    await say(begun.id, 'deleted');
    for (let turn = 0; turn < 4; turn++) {
      await rotation.turn();
      house.platform.advance(40_000);
    }
    expect(await read(begun.id)).toMatchObject({ step: 'prove', needs: 'old_key_still_works' });
    key.works = false;
    expect((await until(begun.id, 'done')).step).toBe('done');
    expect((await credentials(id)).all).toEqual([{ role: 'in_force', version: 2, secret: fresh.secret }]);
  });

  test('with a wrong key asks again, and another key takes its place', async () => {
    const { id } = await connect();
    const { body: begun } = await start(id);
    const enter = (value: string) =>
      house.ask('PUT', `/rotations/${begun.id}/credential`, { value, reason: 'A test' });
    await enter('made-up-mistyped-key-2222222');
    for (let turn = 0; turn < 5; turn++) {
      await rotation.turn();
      house.platform.advance(30_000);
    }
    expect(await read(begun.id)).toMatchObject({ step: 'probe', needs: 'new_key_refused' });
    const fresh = vendor.add('made by a person', 'made-up-new-key-111111111111');
    expect((await enter(fresh.secret)).status).toBe(200);
    expect((await until(begun.id, 'canary')).step).toBe('canary');
    expect((await credentials(id)).all).toMatchObject([{ version: 1 }, { version: 3, secret: fresh.secret }]);
  });

  test('that loses its ground says so, and can be ended', async () => {
    const { id } = await connect();
    const { body: begun } = await start(id);
    await house.ask('PUT', `/connections/${id}/credential`, {
      value: 'made-up-other-key-33333333',
      reason: 'A test',
    });
    await rotation.turn();
    await house.platform.pool.query('UPDATE rotation SET needs = NULL');
    await rotation.turn();
    expect((await read(begun.id)).needs).toBe('credential_gone');
    await say(begun.id, 'roll_back');
    expect((await until(begun.id, 'undone')).step).toBe('undone');
    expect((await credentials(id)).all).toMatchObject([{ role: 'in_force', version: 2 }]);
  });
});

describe('what is due', () => {
  const due = async () => (await house.ask('GET', '/rotations-due')).body.items;

  test('is due by age, by the connection’s own policy, and by what happened', async () => {
    const { id } = await connect();
    expect(await due()).toMatchObject([{ ageDays: 0, everyDays: 90, due: false, why: null }]);
    house.platform.advance(91 * 86_400_000);
    expect(await due()).toMatchObject([{ ageDays: 91, due: true, why: { kind: 'age' } }]);
    await house.ask('PUT', `/connections/${id}/rotation-policy`, {
      everyDays: 365,
      automatic: false,
      reason: 'A test',
    });
    expect(await due()).toMatchObject([{ everyDays: 365, ownPolicy: true, due: false }]);
    const other = { kind: 'vendor_breached', vendor: 'other', reason: 'In the news' };
    await house.ask('POST', '/rotation-events', other);
    expect((await due())[0].due).toBe(false);
    await house.ask('POST', '/rotation-events', { ...other, vendor: 'acme' });
    expect(await due()).toMatchObject([
      { due: true, why: { kind: 'vendor_breached', reason: 'In the news' } },
    ]);
    house.platform.advance(1000);
    await house.ask('PUT', `/connections/${id}/credential`, {
      value: 'made-up-other-key-33333333',
      reason: 'A test',
    });
    expect((await due())[0].due).toBe(false);
  });

  test('one rotation at a time, and none without a credential', async () => {
    const { id } = await connect();
    await start(id);
    expect(await start(id)).toMatchObject({ status: 409, body: { code: 'rotation_under_way' } });
    const bare = await house.connect({ name: 'Bare' });
    expect(await start(bare.id)).toMatchObject({ status: 409, body: { code: 'no_credential' } });
    expect(await start(bare.id, { how: 'api' })).toMatchObject({ status: 409 });
  });
});
