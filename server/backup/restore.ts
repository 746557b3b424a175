import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  askEpoch,
  CONTROL_LOG,
  checkKeys,
  collectMigrations,
  inTransaction,
  type KeySource,
  keyFileOf,
  type LogMark,
  launcher,
  migrate,
  systemClock,
  systemRandom,
} from '@drawbridge/control';
import type { ServerConfig } from '../config.ts';
import { writeIdentity } from '../identity.ts';
import { replaceFile } from '../key-files.ts';
import { findRunning } from '../running.ts';
import { type Database, withDatabase } from './database.ts';
import { BackupError } from './errors.ts';
import { isMissing, syncTree } from './files.ts';
import { marksIn, planKeys, putKeys } from './keys.ts';
import { beginsWith, loadLogs } from './logs.ts';
import { checkFiles, keysOf, type Manifest, readManifest } from './manifest.ts';
import { loadTables } from './tables.ts';

/** In a data directory that a restore writes, until it is whole. */
const UNFINISHED = 'restore.unfinished';
const CONTROL = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'control');

export interface RestoreOptions {
  /** A copy of the keys to put into the key directory. */
  keysFrom: string | null;
  /** Why logs that would be forked are begun anew; null: then nothing is restored. */
  newEpoch: string | null;
}

/** What was restored, and which logs begin a new epoch. */
export interface Restored {
  manifest: Manifest;
  begun: string[];
}

/** Throws BackupError `unfinished` where a restore into this data directory was interrupted. */
export function expectFinished(dataDir: string): void {
  if (!existsSync(join(dataDir, UNFINISHED))) return;
  throw new BackupError(
    'unfinished',
    `A restore into ${dataDir} was interrupted: what is there is not whole. Remove that directory (of an outside database all tables, too) and restore again.`,
  );
}

/**
 * Brings a deployment back from a backup, into a data directory and a database that are empty. All is read and checked
 * first; what fails then leaves nothing that starts. Throws BackupError, VaultError for a wrong key, or what the system throws.
 */
export async function restore(
  config: Pick<ServerConfig, 'dataDir' | 'keysDir' | 'databaseUrl' | 'keySource'>,
  directory: string,
  options: RestoreOptions,
): Promise<Restored> {
  const { dataDir, keysDir } = config;
  await expectEmpty(dataDir);
  const manifest = await readManifest(directory);
  const migrations = await ownMigrations(manifest);
  await checkFiles(directory, manifest);
  const { deployment: id } = manifest;
  await expectStopped(keysDir, id);
  const { plan, where } = await planKeys(
    keysDir,
    id,
    options.keysFrom,
    filesNeeded(config.keySource, manifest),
  );
  await checkKeys({ keysDir: where, deploymentId: id, source: config.keySource, known: keysOf(manifest) });
  const marks = await marksIn(id, keysDir, options.keysFrom);
  const forked = await forkedLogs(directory, manifest, marks);
  if (forked.length > 0 && options.newEpoch === null) throw wouldFork(forked);

  if (config.databaseUrl !== null) await withDatabase(config, ({ pool }) => expectNoRows(pool));
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await replaceFile(join(dataDir, UNFINISHED), `${id}\n`);
  const begun = await withDatabase(config, async (database) => {
    await migrate(database.pool, migrations);
    await inTransaction(database.pool, (client) => loadTables(client, directory, manifest));
    await loadLogs(directory, manifest, dataDir);
    const { newEpoch: reason } = options;
    return reason === null ? [] : beginAnew(database, id, reason, { forked, marks });
  });
  await putKeys(keysDir, plan);
  await syncTree(join(dataDir, 'logs'));
  await writeIdentity(dataDir, { id, createdAt: manifest.createdAt });
  await rm(join(dataDir, UNFINISHED));
  return { manifest, begun };
}

async function expectEmpty(dataDir: string): Promise<void> {
  expectFinished(dataDir);
  const names = await readdir(dataDir).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  if (names.length > 0)
    throw new BackupError(
      'target_not_empty',
      `${dataDir} is not empty, and a restore writes into an empty data directory only. Move away what is there, or name another with --data.`,
    );
}

async function expectNoRows(pool: Database['pool']): Promise<void> {
  const { rows } = await pool.query<{ tables: number; isOurs: boolean }>(
    `SELECT count(*) AS tables, coalesce(bool_or(tablename = 'deployment'), false) AS "isOurs"
     FROM pg_tables WHERE schemaname = current_schema()`,
  );
  const { tables = 0, isOurs = false } = rows[0] ?? {};
  const taken = isOurs ? (await pool.query('SELECT FROM deployment')).rowCount : tables;
  if (taken !== 0)
    throw new BackupError(
      'target_not_empty',
      'The database is not empty, and a restore writes into an empty one only. Name another with DATABASE_URL.',
    );
}

/** Those that the backup's database has: the rest is applied at the next start. Throws BackupError `newer`. */
async function ownMigrations({ migrations }: Manifest) {
  const own = await collectMigrations(CONTROL);
  const foreign = migrations.find(
    ({ number, checksum }) => !own.some((mine) => mine.number === number && mine.checksum === checksum),
  );
  if (foreign !== undefined)
    throw new BackupError(
      'newer',
      `The backup has migration ${foreign.name}, which this build does not have like that. Restore with the build that made the backup, or a newer one.`,
    );
  return own.filter(({ number }) => migrations.some((applied) => applied.number === number));
}

/** The key files of which one has to be there; none where the key is elsewhere. */
function filesNeeded(source: KeySource, manifest: Manifest): string[] {
  const files = keysOf(manifest).filter((one) => one.source === 'file');
  if (source.kind !== 'file') return [];
  return files.map(({ id }) => keyFileOf(`${manifest.deployment}.kek`, id));
}

async function expectStopped(keysDir: string, id: string): Promise<void> {
  if ((await findRunning(keysDir, id)) === null) return;
  throw new BackupError(
    'target_not_empty',
    `Deployment ${id} runs with the keys in ${keysDir}. Stop it first: two of one deployment would sign two histories.`,
  );
}

/** Log and number of an epoch's name. */
function epochOf(id: string, origin: string): { log: string; epoch: number } | null {
  const match = /^([a-z]+)(?:\/([1-9]\d{0,8}))?$/.exec(origin.slice(id.length + 1));
  if (!origin.startsWith(`${id}/`) || match?.[1] === undefined) return null;
  return { log: match[1], epoch: Number(match[2] ?? 1) };
}

interface Forked {
  log: string;
  why: string;
}

/** The logs that would be signed anew from where they were signed before, and differently. */
async function forkedLogs(
  directory: string,
  { deployment, logs }: Manifest,
  marks: Readonly<Record<string, LogMark>>,
): Promise<Forked[]> {
  const forked: Forked[] = [];
  for (const [origin, mark] of Object.entries(marks)) {
    const log = epochOf(deployment, origin)?.log;
    const stored = logs.find((one) => one.origin === origin);
    if (log === undefined || mark.size === 0 || (stored !== undefined && stored.unfit !== null)) continue;
    const size = stored?.size ?? 0;
    if (stored === undefined || !(await beginsWith(directory, stored, mark)))
      forked.push({
        log,
        why:
          size < mark.size
            ? `${origin} was signed with ${mark.size} entries, and the backup has ${size} of them`
            : `${origin} in the backup does not begin with the ${mark.size} entries that were signed`,
      });
  }
  for (const { origin, unfit } of logs) {
    const found = epochOf(deployment, origin);
    if (found === null || unfit === null || !isNewest(deployment, logs, found)) continue;
    forked.push({ log: found.log, why: `${origin} was damaged when the backup was made: ${unfit}` });
  }
  return forked;
}

const isNewest = (
  id: string,
  logs: Manifest['logs'],
  { log, epoch }: { log: string; epoch: number },
): boolean =>
  !logs.some(({ origin }) => {
    const other = epochOf(id, origin);
    return other?.log === log && other.epoch > epoch;
  });

function wouldFork(forked: readonly Forked[]): BackupError {
  return new BackupError(
    'would_fork',
    `This restore would fork what was signed: ${forked.map(({ why }) => why).join('; ')}. Nothing was restored. Use a newer backup; if there is none, restore with --new-epoch --reason …: these logs begin anew then, and say so in their first entry.`,
  );
}

/** Has logs begin anew at the next start, the log of changes always. Returns their names. */
async function beginAnew(
  { pool, db }: Database,
  id: string,
  reason: string,
  { forked, marks }: { forked: readonly Forked[]; marks: Readonly<Record<string, LogMark>> },
): Promise<string[]> {
  const platform = {
    db,
    pool,
    clock: systemClock,
    random: systemRandom,
    deployment: { id, name: 'Drawbridge' },
  };
  const begun: string[] = [];
  for (const log of new Set([CONTROL_LOG, ...forked.map((one) => one.log)])) {
    const { rows } = await pool.query<{ last: number | null }>(
      'SELECT max(epoch) AS last FROM log_epoch WHERE log = $1',
      [log],
    );
    const signed = Object.keys(marks).flatMap((origin) => epochOf(id, origin) ?? []);
    const used = signed.filter((one) => one.log === log).map((one) => one.epoch);
    const epoch = Math.max(1, rows[0]?.last ?? 1, ...used) + 1;
    const by = { actor: launcher, reason };
    await askEpoch(platform, by, { log, epoch });
    begun.push(`${id}/${log}/${epoch}`);
  }
  return begun;
}
