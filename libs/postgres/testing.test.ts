import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { checkServerVersion } from './index.ts';
import { type TestDatabase, testDatabase } from './testing.ts';

const databases: TestDatabase[] = [];
async function fresh(): Promise<TestDatabase> {
  const database = await testDatabase();
  databases.push(database);
  return database;
}
afterAll(() => Promise.all(databases.map((database) => database.drop())));

test('two databases of one server know nothing of each other, and the role may do in its own what it likes', async () => {
  const [one, two] = [await fresh(), await fresh()];
  const [onePool, twoPool] = [new pg.Pool(one.connection), new pg.Pool(two.connection)];
  await onePool.query('create table things (name text)');
  await onePool.query("insert into things values ('bridge')");
  await expect(twoPool.query('select * from things')).rejects.toThrow(/does not exist/);
  expect((await onePool.query('select name from things')).rows).toEqual([{ name: 'bridge' }]);
  await checkServerVersion(onePool);
  await Promise.all([onePool.end(), twoPool.end()]);
});

test('the url leads to the same database as the connection', async () => {
  const { connection, url } = await fresh();
  const pool = new pg.Pool({ connectionString: url });
  const { rows } = await pool.query('select current_database() as name');
  expect(rows).toEqual([{ name: connection.database }]);
  await pool.end();
});

test('a dropped database is gone, although somebody was connected', async () => {
  const { connection, drop } = await testDatabase();
  const pool = new pg.Pool(connection);
  pool.on('error', () => undefined);
  await pool.query('select 1');
  await drop();
  await expect(pool.query('select 1')).rejects.toThrow();
  await pool.end();
});
