import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { connectionUrl, type PostgresConnection, withClient } from './connection.ts';
import { PostgresError } from './errors.ts';
import { fastFolder } from './fast-folder.ts';
import { readIfThere } from './files.ts';
import { identifyProcess, waitUntil } from './processes.ts';
import type { Filling } from './testing-cluster.ts';

export { fastFolder } from './fast-folder.ts';
export { copyCluster, type Filling } from './testing-cluster.ts';

export interface TestDatabase {
  /** For `new pg.Pool(connection)`; its role owns the database. */
  readonly connection: PostgresConnection;
  readonly url: string;
  /** Removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

const startTimeoutMs = 60_000;

/**
 * A fresh database for one test file, empty or filled. All test processes of one run share one embedded server, which the
 * first of them starts and which ends by itself, its files removed, when the run ends, however it ends. Where
 * DRAWBRIDGE_TEST_DATABASE_URL is set, the database is made on that server instead (its role needs CREATEDB), and filled
 * each time, so that no copy stays there.
 */
export async function testDatabase(filling?: Filling): Promise<TestDatabase> {
  const given = process.env.DRAWBRIDGE_TEST_DATABASE_URL;
  const server = given ? fromUrl(given) : await sharedServer();
  const { administrator, owner } = server;
  const template = filling === undefined || given ? 'template1' : await filledTemplate(server, filling);
  const database = `test_${randomBytes(8).toString('hex')}`;
  await withClient(administrator, (client) =>
    client.query(`create database ${database} owner "${owner.user}" template ${template}`),
  );
  const connection = { ...owner, database };
  if (given) await filling?.fill(connection);
  return {
    connection,
    url: connectionUrl(connection),
    drop: async () => {
      await withClient(administrator, async (client) => {
        await closed(client, database);
        await client.query(`drop database if exists ${database} with (force)`);
      });
    },
  };
}

const CLOSING_MS = 500;

/** Connections that were ended may still be closing: one that is cut off then fails where nobody waits for it any more. */
async function closed(client: pg.Client, database: string): Promise<void> {
  const until = performance.now() + CLOSING_MS;
  while (performance.now() < until) {
    const { rowCount } = await client.query('select from pg_stat_activity where datname = $1', [database]);
    if (rowCount === 0) return;
    await setTimeout(10);
  }
}

interface TestServer {
  readonly administrator: PostgresConnection;
  readonly owner: PostgresConnection;
}

/** Held while a template is made: other processes of the run wait, and find it. */
const TEMPLATE_LOCK = 4_400_441_1;

const filled = new Map<string, Promise<string>>();

function filledTemplate(server: TestServer, filling: Filling): Promise<string> {
  const known = filled.get(filling.key);
  if (known !== undefined) return known;
  const made = makeTemplate(server, filling).catch((error: unknown) => {
    filled.delete(filling.key);
    throw error;
  });
  filled.set(filling.key, made);
  return made;
}

async function makeTemplate({ administrator, owner }: TestServer, { key, fill }: Filling): Promise<string> {
  const name = `filled_${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
  // The lock goes with the connection, whatever happens.
  await withClient(administrator, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 1) return;
    const draft = `${name}_draft`;
    await client.query(`drop database if exists ${draft} with (force)`);
    await client.query(`create database ${draft} owner "${owner.user}"`);
    await fill({ ...owner, database: draft });
    // Only what is whole gets the name.
    await client.query(`alter database ${draft} rename to ${name}`);
  });
  return name;
}

function fromUrl(url: string): TestServer {
  const { host, port, user, password, database } = new pg.Client({ connectionString: url });
  if (!user || !database)
    throw new PostgresError(
      'server_unreachable',
      'DRAWBRIDGE_TEST_DATABASE_URL must name a user and a database, as in postgresql://user:password@127.0.0.1:5432/postgres.',
    );
  const connection = { host, port, user, password: password ?? '', database };
  return { administrator: connection, owner: connection };
}

/** The process whose end is the end of the run: the test runner, whose forked children ask here; else this one. */
function runner(): number {
  return process.connected ? process.ppid : process.pid;
}

let shared: Promise<TestServer> | undefined;

function sharedServer(): Promise<TestServer> {
  shared ??= startShared();
  return shared;
}

/** One folder per run, named after the runner; whoever makes it first starts the server, the others wait for its answer. */
async function startShared(): Promise<TestServer> {
  const identity = await identifyProcess(runner());
  if (identity === undefined) throw new PostgresError('start_failed', '/proc does not show the test runner.');
  const folder = join(await fastFolder(), `drawbridge-test-${identity.pid}-${identity.startTicks}`);
  if ((await mkdir(folder, { recursive: true, mode: 0o711 })) !== undefined)
    startHolder(folder, identity.pid);
  const answer = join(folder, 'server.json');
  const isThere = async () => (await readIfThere(answer)) !== undefined;
  if (!(await waitUntil(isThere, startTimeoutMs)))
    throw new PostgresError('start_timeout', `The test database did not start; see ${folder}/holder.log.`);
  const text: { problem?: string } & TestServer = JSON.parse((await readIfThere(answer)) ?? '{}');
  if (text.problem !== undefined)
    throw new PostgresError('start_failed', `The test database did not start: ${text.problem}`);
  return text;
}

/** A process of its own, since the one that asks first may end long before the run does. */
function startHolder(folder: string, runnerPid: number): void {
  const holder = fileURLToPath(new URL('./testing-server.ts', import.meta.url));
  const child = spawn(process.execPath, [holder, folder, String(runnerPid)], {
    stdio: 'ignore',
    detached: true,
  });
  child.unref();
}
