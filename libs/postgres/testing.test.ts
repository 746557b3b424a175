import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { withClient } from './connection.ts';
import { checkServerVersion, type PostgresConnection, startPostgres } from './index.ts';
import { copyCluster, fastFolder, type TestDatabase, testDatabase } from './testing.ts';

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

test('what they are filled with is made once, by whoever comes first, and each has it for itself', async () => {
  let times = 0;
  const filling = {
    key: `made-up ${randomUUID()}`,
    async fill(connection: PostgresConnection) {
      times++;
      const pool = new pg.Pool(connection);
      await pool.query("create table things as select 'bridge' as name");
      await pool.end();
    },
  };
  const [one, two] = await Promise.all([testDatabase(filling), testDatabase({ ...filling })]);
  databases.push(one, two);
  const [onePool, twoPool] = [new pg.Pool(one.connection), new pg.Pool(two.connection)];
  await onePool.query("insert into things values ('gate')");
  expect((await twoPool.query('select name from things')).rows).toEqual([{ name: 'bridge' }]);
  await Promise.all([onePool.end(), twoPool.end()]);
  const isOurs = process.env.DRAWBRIDGE_TEST_DATABASE_URL === undefined;
  expect(times).toBe(isOurs ? 1 : 2);
});

test('what fails while it is filled leaves no template', async () => {
  const key = `made-up ${randomUUID()}`;
  const wrong = { key, fill: () => Promise.reject(new Error('made up')) };
  await expect(testDatabase(wrong)).rejects.toThrow('made up');
  const right = { key, fill: async () => undefined };
  databases.push(await testDatabase(right));
});

test('a copy of a whole cluster is made once on a machine, whoever asks at once, and starts with what it holds', async () => {
  const folder = await mkdtemp(join(await fastFolder(), 'drawbridge-copy-'));
  await chmod(folder, 0o711);
  let times = 0;
  const filling = {
    key: `made-up ${randomUUID()}`,
    async fill(connection: PostgresConnection) {
      times++;
      await withClient(connection, (client) =>
        client.query("create table things as select 'bridge' as name"),
      );
    },
  };
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  await Promise.all([copyCluster(one, filling, folder), copyCluster(two, filling, folder)]);
  expect(times).toBe(1);
  for (const dataDir of [one, two]) {
    const server = await startPostgres({ dataDir, log: (line) => expect.fail(line) });
    const { rows } = await withClient(server.connection, (client) => client.query('select name from things'));
    expect(rows).toEqual([{ name: 'bridge' }]);
    await server.stop();
  }
  await rm(folder, { recursive: true, maxRetries: 5 });
});
