import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@drawbridge/control';
import { type TestDatabase, testDatabase } from '@drawbridge/postgres/testing';
import { type OpenaiStandin, startOpenaiStandin } from '@drawbridge/standins';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backup } from './backup/backup.ts';
import { restore } from './backup/restore.ts';
import { issueKey, makeConnection } from './proofs/testing/connect.ts';
import { eventually } from './proofs/testing/eventually.ts';
import { bearer, send } from './proofs/testing/http.ts';
import { crossingsOf } from './proofs/testing/ledger.ts';
import { type TestDeployment, testDeployment } from './testing/deployment.ts';

interface GatewayView {
  about: { workers: { serving: number } } | null;
  journal: { behind: number | null };
}

/** A whole deployment on a PostgreSQL of someone else's, and its gateway of two workers on IPv6. All data is made up. */
let database: TestDatabase;
let drawbridge: TestDeployment;
let openai: OpenaiStandin;
beforeAll(async () => {
  database = await testDatabase();
  openai = await startOpenaiStandin({ validKeys: ['sk-made-up-credential'] });
  drawbridge = await testDeployment({
    databaseUrl: database.url,
    gatewayHost: '::1',
    logLevel: 'error',
    env: { DRAWBRIDGE_GATEWAY_WORKERS: '2', DRAWBRIDGE_GATEWAY_DURABILITY: 'written' },
  });
}, 180_000);
afterAll(async () => {
  await drawbridge?.remove();
  await Promise.all([openai?.stop(), database?.drop()]);
});

const ask = (key: string) =>
  send(`${drawbridge.gatewayUrl}/ai/v1/chat/completions`, {
    headers: bearer(key),
    body: JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] }),
  });

test('a crossing walks, and is kept in that database and in no other', async () => {
  expect(drawbridge.gatewayUrl).toMatch(/^http:\/\/\[::1\]:\d+$/);
  const connection = await makeConnection(drawbridge.call, {
    slug: 'ai',
    service: 'openai/api/global',
    url: openai.url,
    credential: 'sk-made-up-credential',
    contract: 'recommended',
  });
  const { key } = await issueKey(drawbridge.call, [connection]);
  const answer = await eventually(
    () => ask(key),
    (one) => one.status === 200,
  );
  expect(answer.status).toBe(200);
  const crossings = await eventually(
    () => crossingsOf(drawbridge.call, connection),
    (list) => list.some((one) => one.decision === 'forwarded'),
  );
  expect(crossings.filter((one) => one.decision === 'forwarded')).toHaveLength(1);
  expect(await drawbridge.forwardedLeaves()).toBe(1);
  expect(drawbridge.dataLocation).toContain('the PostgreSQL of DATABASE_URL');
  expect(drawbridge.dataLocation).not.toContain(database.connection.password);
  // No server of its own was started.
  expect((await readdir(drawbridge.dataDir)).sort()).toEqual(['deployment.json', 'gateway-1', 'logs']);
  const about = {
    workers: { wanted: 2, serving: 2 },
    tls: null,
    durability: 'written',
    outboundProxy: false,
  };
  const told = await eventually(
    () => drawbridge.call<{ items: GatewayView[] }>('GET', '/gateways'),
    ({ items: [one] }) => one?.about?.workers.serving === 2 && one.journal.behind === 0,
  );
  expect(told.items).toMatchObject([{ id: 'gateway-1', about }]);
  const outside = openDatabase(database.connection, () => undefined);
  const { rows } = await outside.pool.query(
    "SELECT count(*)::int AS leaves FROM journal_entry WHERE kind = 'crossing'",
  );
  await outside.close();
  expect(rows[0].leaves).toBeGreaterThanOrEqual(1);
});

test('started again, it is there; with the data of another deployment it is not taken', async () => {
  const read = () => drawbridge.call<{ items: { outcome: string | null }[] }>('GET', '/crossings');
  const before = await eventually(read, ({ items }) => items.every((item) => item.outcome !== null));
  await drawbridge.restart();
  expect(await read()).toEqual(before);
  await expect(testDeployment({ databaseUrl: database.url, logLevel: 'error' })).rejects.toThrow(
    /belongs to deployment .* DRAWBRIDGE_DATA and DATABASE_URL/,
  );
});

test('backed up while it runs, it comes back in another database; one that holds anything is refused', async () => {
  const [to, other] = [join(drawbridge.dataDir, '..', 'backup'), await testDatabase()];
  const { keysDir, dataDir } = drawbridge;
  const made = await backup({ dataDir, keysDir, databaseUrl: database.url }, to);
  expect(made.tables.find(({ name }) => name === 'journal_entry')?.rows).toBeGreaterThan(0);
  const empty = join(dataDir, '..', 'restored');
  const options = { keysFrom: null, newEpoch: null };
  const into = (url: string) =>
    restore({ dataDir: empty, keysDir, keySource: { kind: 'file' }, databaseUrl: url }, to, options);
  await expect(into(other.url)).rejects.toThrow(/runs with the keys/);
  await drawbridge.stop();
  await expect(into(database.url)).rejects.toMatchObject({ code: 'target_not_empty' });
  expect(existsSync(empty)).toBe(false);
  await into(other.url);
  const again = await backup({ dataDir: empty, keysDir, databaseUrl: other.url }, `${to}-2`);
  expect(again.tables).toEqual(made.tables);
  await other.drop();
});
