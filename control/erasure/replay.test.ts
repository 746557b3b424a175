import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forgetJournals } from '../crossings/testing.ts';
import { erasuresFile } from './file.ts';
import { type ErasureHouse, erasureHouse, everyRow, itemOf, projections } from './testing.ts';

let house: ErasureHouse;
let ada: string;
let adaMail: string;
let bob: string;
beforeAll(async () => {
  house = await erasureHouse();
  ada = await house.pseudonym('user-ada-made-up');
  adaMail = await house.pseudonym('ada@example.com');
  bob = await house.pseudonym('user-bob-made-up');
});
afterAll(() => house.remove());

let logs = 0;
beforeEach(async () => {
  await forgetJournals(house.platform, projections);
  await house.platform.pool.query('TRUNCATE erasure, legal_hold, legal_hold_subject, change CASCADE');
  await rm(house.file, { force: true });
  await house.restart();
  logs += 1;
  const log = house.log(`gateway-1/replay-${logs}`);
  await house.cross(log, [itemOf(ada, 'user', [adaMail]), itemOf(bob, 'user')]);
  await house.cross(log, [itemOf(bob, 'user', [ada])], 50_000, {
    decision: 'refused',
    reason: 'field_refused',
  });
  await house.project();
});

const ask = (subject: string, on?: Parameters<ErasureHouse['call']>[3]) =>
  house.call('POST', '/erasures', { subject, reason: 'Asked for by letter' }, on);

/** Tables that a backup holds, and a restore puts back. */
const tables = [
  'payload_item',
  'journal_entry',
  'journal_log',
  'projection_cursor',
  'erasure',
  ...projections.flatMap((projection) => projection.tables),
];
async function backUp(): Promise<void> {
  const { pool } = house.platform;
  await pool.query('DROP SCHEMA IF EXISTS made_up_backup CASCADE; CREATE SCHEMA made_up_backup');
  for (const table of tables)
    await pool.query(`CREATE TABLE made_up_backup.${table} AS SELECT * FROM ${table}`);
}
async function restoreBackup(): Promise<void> {
  const { pool } = house.platform;
  for (const table of tables) {
    await pool.query(`DELETE FROM ${table}`);
    await pool.query(`INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM made_up_backup.${table}`);
  }
}

async function expectErased(): Promise<void> {
  const rows = await everyRow(house.platform);
  for (const gone of [ada, adaMail]) expect(rows).not.toContain(gone);
  expect(rows).toContain(bob);
  const projected = await house.rows();
  expect(await house.rebuilt()).toEqual(projected);
}

describe('a start', () => {
  test('catches a restored older database up, once, and the file names nobody', async () => {
    await backUp();
    expect((await ask('ada@example.com')).status).toBe(201);
    await restoreBackup();
    expect(await everyRow(house.platform)).toContain(ada);
    expect(await house.restart()).toEqual({ done: 1 });
    await expectErased();
    const { rows } = await house.platform.pool.query('SELECT state, actor, reason, report FROM erasure');
    expect(rows).toMatchObject([
      { state: 'done', actor: 'person:ada', reason: 'Asked for by letter', report: { counts: { items: 1 } } },
    ]);
    expect(await house.restart()).toEqual({ done: 0 });
    const kept = await readFile(house.file, 'utf8');
    for (const word of [ada, adaMail, 'ada', 'letter', 'person']) expect(kept).not.toContain(word);
    expect(((await stat(house.file)).mode & 0o777).toString(8)).toBe('600');
  });

  test('of two control processes at once does it once, and neither loses what the other adds to the file', async () => {
    await ask('user-bob-made-up');
    await backUp();
    await rm(house.file);
    await ask('ada@example.com');
    await restoreBackup();
    await Promise.all([house.starting().replay(), house.starting().replay()]);
    const stored = await everyRow(house.platform);
    for (const gone of [ada, adaMail, bob]) expect(stored).not.toContain(gone);
    const { rows } = await house.platform.pool.query(
      "SELECT FROM change WHERE act = 'subject.erase' AND detail->>'replayed' = 'true'",
    );
    expect(rows).toHaveLength(1);
    expect(await erasuresFile(house.file).read()).toHaveLength(2);
  });

  test('takes what was recorded until then, and leaves what crossed since', async () => {
    await ask('ada@example.com');
    house.platform.advance(60_000);
    await house.cross(house.log(`gateway-1/later-${logs}`), [itemOf(ada, 'user')], 1000);
    await house.project();
    // As if the database had been restored from between: it holds later items and knows of no erasure.
    await house.platform.pool.query('DELETE FROM erasure');
    expect(await house.restart()).toEqual({ done: 1 });
    const rows = await house.rows();
    expect((rows.exposures as string[]).filter((row) => row.includes(ada))).toHaveLength(1);
    expect(await house.rebuilt()).toEqual(rows);
  });

  test('puts into the file what only the database knows, as after an older copy of the keys', async () => {
    await ask('ada@example.com');
    const before = await readFile(house.file, 'utf8');
    await rm(house.file);
    expect(await house.restart()).toEqual({ done: 0 });
    expect(await readFile(house.file, 'utf8')).toBe(before);
  });

  test.each<[string, (text: string) => string, string]>([
    ['cut off', (text) => text.slice(0, -20), 'erasures_unreadable'],
    ['of a later version', (text) => text.replace('"v":1', '"v":2'), 'erasures_unreadable'],
    ['of another deployment', (text) => text.replaceAll(/"ct":"..../g, '"ct":"AAAA'), 'unreadable'],
  ])('does not go on with a file that is %s', async (_what, spoil, code) => {
    await ask('ada@example.com');
    await house.platform.pool.query('DELETE FROM erasure');
    const spoiled = spoil(await readFile(house.file, 'utf8'));
    await writeFile(house.file, spoiled);
    await expect(house.restart()).rejects.toMatchObject({ code });
    expect(await readFile(house.file, 'utf8')).toBe(spoiled);
  });

  test('mends a line of the file that is not what the database knows, and says so', async () => {
    for (const subject of ['ada@example.com', 'bob@example.com']) await ask(subject);
    const whole = await readFile(house.file, 'utf8');
    const at = whole.indexOf('"ct":"') + 20;
    await writeFile(house.file, whole.slice(0, at) + (whole[at] === 'A' ? 'B' : 'A') + whole.slice(at + 1));
    expect(await house.restart()).toEqual({ done: 0 });
    expect(await readFile(house.file, 'utf8')).toBe(whole);
    expect(house.platform.logged()).toContain('erasures_damaged');
  });

  test('does not trip over an erasure that the database refused', async () => {
    await ask('ada@example.com');
    const before = await readFile(house.file, 'utf8');
    const { pool } = house.platform;
    await pool.query(`ALTER TABLE erasure ADD CONSTRAINT made_up CHECK (reason <> 'made up')`);
    const refused = await house.call('POST', '/erasures', { subject: bob, reason: 'made up' });
    await pool.query('ALTER TABLE erasure DROP CONSTRAINT made_up');
    expect(refused.status).toBe(500);
    expect(await readFile(house.file, 'utf8')).toBe(before);
    expect(await everyRow(house.platform)).toContain(bob);
  });

  test('does not go on with a file that others may read', async () => {
    await ask('ada@example.com');
    await chmod(house.file, 0o644);
    await expect(house.restart()).rejects.toMatchObject({ code: 'erasures_permissions' });
  });
});

/** A pool whose connections die at the given query: nothing of it is done, and nothing after it. */
function dyingAt(pool: pg.Pool, at: number, seen: { queries: number }): pg.Pool {
  return new Proxy(pool, {
    get(target, name) {
      if (name !== 'connect') return Reflect.get(target, name);
      return async () => {
        const client = await target.connect();
        return new Proxy(client, {
          get(inner, member) {
            const value = Reflect.get(inner, member);
            if (member !== 'query') return typeof value === 'function' ? value.bind(inner) : value;
            return async (...args: Parameters<typeof inner.query>) => {
              if (seen.queries++ < at) return inner.query(...args);
              throw new Error('made to fail');
            };
          },
        });
      };
    },
  });
}

test('whichever step before the commit it dies at, it was not begun', async () => {
  await backUp();
  for (const at of [2, 16, 24, 32, 39]) {
    await restoreBackup();
    await rm(house.file, { force: true });
    const seen = { queries: 0 };
    const dying = { ...house.platform, pool: dyingAt(house.platform.pool, at, seen) };
    expect((await ask('ada@example.com', house.starting(dying))).status).toBe(500);
    expect(await erasuresFile(house.file).read()).toEqual([]);
    expect(await house.restart()).toEqual({ done: 0 });
    const after = await everyRow(house.platform);
    expect([after.includes(ada), after.includes(adaMail)]).toEqual([true, true]);
  }
}, 60_000);

test('one that dies in the commit is begun, and the next start ends it', async () => {
  const { pool } = house.platform;
  await pool.query(`CREATE FUNCTION made_up() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'made to fail'; END $$;
    CREATE CONSTRAINT TRIGGER made_up AFTER INSERT ON erasure DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION made_up()`);
  const died = await ask('ada@example.com');
  await pool.query('DROP TRIGGER made_up ON erasure; DROP FUNCTION made_up');
  expect(died.status).toBe(500);
  expect(await erasuresFile(house.file).read()).toHaveLength(1);
  expect(await everyRow(house.platform)).toContain(ada);
  expect(await house.restart()).toEqual({ done: 1 });
  await expectErased();
});
