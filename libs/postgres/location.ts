import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, realpath, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, PostgresError, systemErrorCode } from './errors.ts';
import { isThere, readIfThere } from './files.ts';
import { canReach, dedicatedUid, isRoot, type Rights, rightsFor } from './user.ts';

/** Where the database lies, and why there. */
export interface PostgresLocation {
  /** The folder that holds PostgreSQL's data, its password file, its log and its lock. */
  readonly path: string;
  readonly reason: string;
}

export interface Home extends PostgresLocation {
  readonly rights: Rights | undefined;
}

export interface LocationOptions {
  readonly dataDir: string;
  readonly registryDir: string;
}

const recordName = 'postgres.location';

/**
 * The database lies in `<dataDir>/postgres`. Where PostgreSQL's user can't get there (root started us, and the clone is
 * in a home that is closed to others) it lies in `<registryDir>/<id>`, which `<dataDir>/postgres.location` records.
 * @throws PostgresError location_missing, location_unreadable, location_closed, not_owner
 */
export async function findHome({ dataDir, registryDir }: LocationOptions): Promise<Home> {
  await makeFolder(dataDir, isRoot() ? 0o711 : 0o700);
  const directory = await realpath(dataDir);
  const recorded = await readRecord(join(directory, recordName));
  if (recorded !== undefined) return enter(recorded);
  const beside: PostgresLocation = {
    path: join(directory, 'postgres'),
    reason: 'it is in the data directory',
  };
  if (await isThere(join(beside.path, 'data'))) return enter(beside);
  if (!isRoot() || (await canReach(directory, newRights()))) return create(beside);
  return enter(await recordElsewhere(directory, registryDir));
}

function newRights(): Rights {
  return { uid: dedicatedUid, gid: dedicatedUid };
}

async function create(location: PostgresLocation): Promise<Home> {
  await makeFolder(location.path, isRoot() ? 0o711 : 0o700);
  // Also where another user's start was cut short and left it closed.
  if (isRoot()) await chmod(location.path, 0o711);
  return { ...location, rights: isRoot() ? newRights() : undefined };
}

async function enter(location: PostgresLocation): Promise<Home> {
  const rights = await rightsFor(join(location.path, 'data'), dedicatedUid);
  if (await canReach(location.path, rights)) return { ...location, rights };
  throw new PostgresError(
    'location_closed',
    `The database in ${location.path} belongs to user ${rights?.uid ?? process.getuid?.()}, who can't get there. ` +
      'Open the folders above it for passing through (chmod o+x), as they were when the database was made.',
  );
}

async function readRecord(path: string): Promise<PostgresLocation | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  if (record === undefined)
    throw new PostgresError(
      'location_unreadable',
      `${path} should say where the database lies, and does not. Restore it.`,
    );
  if (await isThere(record.path)) return record;
  throw new PostgresError(
    'location_missing',
    `${path} says that the database lies in ${record.path}, and that folder is not there. ` +
      'Bring it back (from a backup, or from the machine that this data directory came from); to start empty, remove the record.',
  );
}

function parseRecord(text: string): PostgresLocation | undefined {
  try {
    const record: unknown = JSON.parse(text);
    if (typeof record !== 'object' || record === null) return undefined;
    if (!('path' in record) || !('reason' in record)) return undefined;
    if (typeof record.path !== 'string' || typeof record.reason !== 'string') return undefined;
    return { path: record.path, reason: record.reason };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The folder is made before the record, and the record appears whole or not at all: of two at once, one wins. */
async function recordElsewhere(directory: string, registryDir: string): Promise<PostgresLocation> {
  const recordPath = join(directory, recordName);
  const path = join(registryDir, randomBytes(8).toString('hex'));
  const location: PostgresLocation = {
    path,
    reason: `user ${dedicatedUid}, whom PostgreSQL runs as, can't get into ${directory}`,
  };
  await makeFolder(registryDir, 0o755);
  await makeFolder(path, 0o711);
  const draft = `${recordPath}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${JSON.stringify(location, undefined, 2)}\n`, { mode: 0o600, flush: true });
  try {
    await link(draft, recordPath);
    return location;
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    await rmdir(path);
    const winner = await readRecord(recordPath);
    if (winner === undefined) throw error;
    return winner;
  } finally {
    await rm(draft);
  }
}

/** With exactly this mode if it is new, whatever the umask says; as it is, if it is there. */
async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    if ((await mkdir(path, { recursive: true })) !== undefined) await chmod(path, mode);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    throw new PostgresError('location_closed', `The folder ${path} can't be made: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
