import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, lchown, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { messageOf, PostgresError } from './errors.ts';
import { readIfThere } from './files.ts';
import type { Home } from './location.ts';
import { type Rights, rightsForInitdb } from './user.ts';

/** Who may sign in, with a random password each; kept in `credentials.json`, mode 0600, readable by us and not by PostgreSQL's user. */
export interface Credentials {
  readonly administrator: string;
  readonly application: string;
}

export interface Cluster {
  readonly dataDir: string;
  readonly credentials: Credentials;
  readonly created: boolean;
}

export const administratorName = 'postgres';
export const applicationName = 'drawbridge';

const stampFormat = 1;

export interface ClusterOptions {
  readonly home: Home;
  readonly binaries: Binaries;
  readonly randomPassword: () => string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * The database's files under `home.path`, made if there are none. Whoever calls holds the home's lock.
 * @throws PostgresError data_newer, data_older, data_missing, stamp_unreadable, credentials_missing, initdb_failed,
 *   no_passwd_entry
 */
export async function prepareCluster(options: ClusterOptions): Promise<Cluster> {
  const { home, binaries } = options;
  const dataDir = join(home.path, 'data');
  const stampPath = join(home.path, 'stamp.json');
  const stamp = await readIfThere(stampPath);
  const version = await readIfThere(join(dataDir, 'PG_VERSION'));
  if (stamp !== undefined) checkStamp(stamp, stampPath, binaries.major);
  if (version !== undefined) checkMajor(Number(version.trim()), binaries.major, dataDir);
  else if (stamp !== undefined)
    throw new PostgresError(
      'data_missing',
      `${stampPath} says that there is a database in ${dataDir}, and there is none. ` +
        `Restore that folder from a backup; to start empty, remove ${home.path}.`,
    );
  const credentials = await readCredentials(
    join(home.path, 'credentials.json'),
    version !== undefined,
    options.randomPassword,
  );
  if (version === undefined) await initialise(options, dataDir, credentials.administrator);
  if (stamp === undefined)
    await writeDurably(
      stampPath,
      `${JSON.stringify({ format: stampFormat, postgresMajor: binaries.major, createdWith: binaries.packageVersion })}\n`,
    );
  return { dataDir, credentials, created: version === undefined };
}

function checkStamp(text: string, path: string, major: number): void {
  const stamp = parseStamp(text);
  if (stamp === undefined)
    throw new PostgresError(
      'stamp_unreadable',
      `${path} should name the database's version, and does not. Restore it from a backup.`,
    );
  if (stamp.format > stampFormat)
    throw new PostgresError(
      'data_newer',
      `${path} was written by a newer release (format ${stamp.format}, and this release knows ${stampFormat}). Start the newer release.`,
    );
  checkMajor(stamp.postgresMajor, major, path);
}

function checkMajor(found: number, major: number, path: string): void {
  if (found === major) return;
  if (found > major)
    throw new PostgresError(
      'data_newer',
      `${path} is of PostgreSQL ${found}, and this release brings PostgreSQL ${major}, which can't read it. Start the newer release again.`,
    );
  throw new PostgresError(
    'data_older',
    `${path} is of PostgreSQL ${found}, and this release brings PostgreSQL ${major}, which can't read it. ` +
      `Dump it with PostgreSQL ${found} (start the release that made it, then pg_dump) and restore it into a new data directory.`,
  );
}

function parseStamp(text: string): { format: number; postgresMajor: number } | undefined {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || !('format' in value) || !('postgresMajor' in value))
    return undefined;
  const { format, postgresMajor } = value;
  return typeof format === 'number' && typeof postgresMajor === 'number'
    ? { format, postgresMajor }
    : undefined;
}

/** Made where there are none, unless the database is there already. @throws PostgresError credentials_missing */
export async function readCredentials(
  path: string,
  dataExists: boolean,
  randomPassword: () => string,
): Promise<Credentials> {
  const text = await readIfThere(path);
  if (text !== undefined) {
    const value = parseJson(text);
    if (isCredentials(value)) return value;
  }
  if (dataExists || text !== undefined)
    throw new PostgresError(
      'credentials_missing',
      `${path}, which holds the database's passwords, is ${text === undefined ? 'not there' : 'unreadable'}. Restore it from a backup.`,
    );
  const credentials: Credentials = { administrator: randomPassword(), application: randomPassword() };
  await writeDurably(path, `${JSON.stringify(credentials)}\n`);
  return credentials;
}

function isCredentials(value: unknown): value is Credentials {
  if (typeof value !== 'object' || value === null || !('administrator' in value) || !('application' in value))
    return false;
  return typeof value.administrator === 'string' && typeof value.application === 'string';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Made beside its final place and renamed when whole, so that a first start that was cut short leaves nothing half-made.
 * Each try has a name of its own: an initdb whose parent was killed may still be writing to the last one.
 */
async function initialise(options: ClusterOptions, dataDir: string, password: string): Promise<void> {
  const { home, log } = options;
  const rights = await rightsForInitdb(home.rights);
  log(`creating the database in ${home.path} (${home.reason})`);
  await removeDrafts(home.path);
  const draft = await mkdtemp(join(home.path, draftPrefix));
  const passwordFile = `${draft}.password`;
  try {
    await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
    if (rights !== undefined)
      for (const path of [draft, passwordFile]) await chown(path, rights.uid, rights.gid);
    await runInitdb(options, draft, passwordFile, rights);
  } finally {
    await rm(passwordFile, { force: true });
  }
  if (home.rights !== undefined && home.rights.uid !== rights?.uid) await handOver(draft, home.rights);
  await rename(draft, dataDir);
  await syncFolder(home.path);
}

const draftPrefix = 'data.new.';

async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(draftPrefix))
      await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
}

async function runInitdb(
  { binaries, signal }: ClusterOptions,
  dataDir: string,
  passwordFile: string,
  rights: Rights | undefined,
): Promise<void> {
  const flags = [
    `--pgdata=${dataDir}`,
    `--username=${administratorName}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--data-checksums',
    '--encoding=UTF8',
    // Sorted by code point on every machine, with Unicode's upper and lower case: no system locale can change an index.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...smallMachineSettings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const child = spawn(binaries.initdb, flags, {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Out of the terminal's reach: a Ctrl-C is for us, who then end it.
    detached: true,
    signal,
    ...rights,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  try {
    const [code, killedBy] = await once(child, 'close');
    if (code === 0) return;
    throw new Error(`${killedBy ?? `exit code ${code}`}: ${output.trim().split('\n').slice(-5).join(' / ')}`);
  } catch (error) {
    if (signal?.aborted) throw new PostgresError('start_cancelled', 'The start of PostgreSQL was cancelled.');
    throw new PostgresError(
      'initdb_failed',
      `The database could not be made in ${dataDir}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Written into postgresql.conf, where an administrator may change them; what must not change is given on the command line. */
const smallMachineSettings: readonly (readonly [string, string])[] = [
  ['max_connections', '60'],
  ['shared_buffers', '128MB'],
  ['max_wal_size', '512MB'],
  ['min_wal_size', '48MB'],
  ['wal_buffers', '4MB'],
  ['max_worker_processes', '4'],
  ['max_parallel_workers', '2'],
  ['max_parallel_workers_per_gather', '1'],
  ['random_page_cost', '1.1'],
  ['checkpoint_completion_target', '0.9'],
];

async function handOver(folder: string, { uid, gid }: Rights): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    await lchown(join(entry.parentPath, entry.name), uid, gid);
  await lchown(folder, uid, gid);
}

async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, text, { mode: 0o600, flush: true });
  await rename(draft, path);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
