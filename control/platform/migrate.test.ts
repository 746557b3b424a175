import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testDatabase } from '@drawbridge/postgres/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { collectMigrations, migrate } from './migrate.ts';

let root: string;
let pool: pg.Pool;
let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool(database.connection);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'drawbridge-migrations-'));
  await pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
});
afterEach(() => rm(root, { recursive: true }));

async function file(capability: string, name: string, sql: string): Promise<void> {
  await mkdir(join(root, capability, 'migrations'), { recursive: true });
  await writeFile(join(root, capability, 'migrations', name), sql);
}
const apply = async () => migrate(pool, await collectMigrations(root));
const tables = async () =>
  (
    await pool.query(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    )
  ).rows.map((row: { table_name: string }) => row.table_name);

test('one order over all capabilities, each applied once', async () => {
  await file('b', '0002_b_second.sql', 'ALTER TABLE first ADD COLUMN two int');
  await file('a', '0001_a_first.sql', 'CREATE TABLE first (one int)');
  expect(await apply()).toBe(2);
  expect(await apply()).toBe(0);
  await file('a', '0003_a_third.sql', 'CREATE TABLE third (x int)');
  expect(await apply()).toBe(1);
  expect(await tables()).toEqual(['first', 'migration', 'third']);
});

test('two control planes that start at once apply each migration once', async () => {
  await file('a', '0001_a_first.sql', 'CREATE TABLE first (one int)');
  const counts = await Promise.all([apply(), apply(), apply()]);
  expect(counts.reduce((sum, count) => sum + count)).toBe(1);
});

test('a migration that fails leaves nothing of itself behind', async () => {
  await file('a', '0001_a_first.sql', 'CREATE TABLE first (one int); SELECT 1/0');
  await expect(apply()).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringContaining('0001_a_first.sql'),
  });
  expect(await tables()).toEqual(['migration']);
});

test('an applied file that was changed, a newer database and a late number are refused', async () => {
  await file('a', '0001_a_first.sql', 'CREATE TABLE first (one int)');
  await file('a', '0003_a_third.sql', 'CREATE TABLE third (one int)');
  await apply();
  await file('a', '0002_a_second.sql', 'SELECT 1');
  await expect(apply()).rejects.toMatchObject({ code: 'order' });
  await rm(join(root, 'a', 'migrations', '0002_a_second.sql'));
  await file('a', '0001_a_first.sql', 'CREATE TABLE first (one bigint)');
  await expect(apply()).rejects.toMatchObject({ code: 'changed' });
  await file('a', '0001_a_first.sql', 'CREATE TABLE first (one int)');
  await rm(join(root, 'a', 'migrations', '0003_a_third.sql'));
  await expect(apply()).rejects.toMatchObject({ code: 'newer' });
});

test('names say the capability, and a number is used once', async () => {
  await file('a', '0001_b_first.sql', '');
  await expect(collectMigrations(root)).rejects.toMatchObject({ code: 'name' });
  await rm(join(root, 'a'), { recursive: true });
  await file('a', '0001_a_first.sql', '');
  await file('b', '0001_b_first.sql', '');
  await expect(collectMigrations(root)).rejects.toMatchObject({ code: 'order' });
});

test("this project's own migrations are numbered without gaps", async () => {
  const own = await collectMigrations(dirname(dirname(fileURLToPath(import.meta.url))));
  expect(own.map((migration) => migration.number)).toEqual(own.map((_, index) => index + 1));
});
