import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { PostgresConnection } from './connection.ts';
import { PostgresError } from './errors.ts';
import { isThere } from './files.ts';
import { type DirectoryLock, lockDirectory } from './lock.ts';
import { startPostgres } from './start.ts';

/** What a fresh database is to hold. It is made once, and copied from then on, which takes a fraction of it. */
export interface Filling {
  /** Names what `fill` leaves behind: where that changes, so does this. */
  readonly key: string;
  /** As the role that owns the database; closes what it opens. */
  fill(connection: PostgresConnection): Promise<unknown>;
}

const prefix = `drawbridge-cluster-${process.getuid?.()}-`;
const tooOldMs = 24 * 3600_000;
const removal = { recursive: true, force: true, maxRetries: 5 } as const;

/**
 * Makes the data directory `dataDir`, which is not there yet, as `startPostgres` and `fill` leave it behind: a copy of one
 * that is made once on this machine, in `shelf`, its folder for temporary files, and kept for later runs.
 */
export async function copyCluster(dataDir: string, filling: Filling, shelf = tmpdir()): Promise<void> {
  await promisify(execFile)('cp', ['-a', await madeOnce(filling, shelf), dataDir]);
}

async function madeOnce({ key, fill }: Filling, shelf: string): Promise<string> {
  const hash = createHash('sha256').update(key);
  // What decides how a new database looks: PostgreSQL's release, and what initdb is told.
  for (const name of ['package.json', 'cluster.ts'])
    hash.update(await readFile(new URL(name, import.meta.url)));
  const place = join(shelf, prefix + hash.digest('hex').slice(0, 16));
  const [made, whole] = [join(place, 'made'), join(place, 'whole')];
  await ownFolder(place);
  while (!(await isThere(whole))) {
    const lock = await lockOrWait(place);
    if (lock === undefined) continue;
    try {
      if (await isThere(whole)) continue;
      await removeOld(shelf, place);
      await rm(made, removal);
      const server = await startPostgres({ dataDir: made, log: () => undefined });
      await fill(server.connection).finally(() => server.stop());
      await writeFile(whole, '');
    } finally {
      await lock.release();
    }
  }
  return made;
}

/** Passable for PostgreSQL's user. @throws PostgresError not_owner where somebody else made it: it is not to be trusted */
async function ownFolder(place: string): Promise<void> {
  if ((await mkdir(place, { recursive: true })) !== undefined) await chmod(place, 0o711);
  const { uid } = await stat(place);
  if (uid !== process.getuid?.())
    throw new PostgresError('not_owner', `${place} was made by user ${uid}. Remove it: it is made anew.`);
}

/** Undefined while another process makes it, after a pause. */
async function lockOrWait(place: string): Promise<DirectoryLock | undefined> {
  try {
    return await lockDirectory(place, () => new Date());
  } catch (error) {
    if (!(error instanceof PostgresError) || error.code !== 'in_use') throw error;
    await delay(50);
    return undefined;
  }
}

/** Of what was tested before, a day ago and more. */
async function removeOld(shelf: string, place: string): Promise<void> {
  for (const name of await readdir(shelf)) {
    const path = join(shelf, name);
    if (!name.startsWith(prefix) || path === place) continue;
    if (Date.now() - (await stat(path)).mtimeMs > tooOldMs) await rm(path, removal);
  }
}
