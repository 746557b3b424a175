import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { platformPackage, prepareBinaries } from './binaries.ts';
import { prepareCluster } from './cluster.ts';
import type { PostgresConnection } from './connection.ts';
import { findHome, type Home, type PostgresLocation } from './location.ts';
import { lockDirectory } from './lock.ts';
import { recordedSocketFolder, type ServerExit, stopOrphans } from './server.ts';
import { removeSocketFolder } from './socket.ts';
import { supervise } from './supervise.ts';
import { canReach, isRoot } from './user.ts';

export interface StartPostgresOptions {
  /** The database lies in `<dataDir>/postgres`; made if missing. */
  readonly dataDir: string;
  /** Where databases lie that can't lie in their data directory; default `/var/lib/drawbridge`. */
  readonly registryDir?: string;
  /** Takes one line for people on each thing of note; never a secret. */
  readonly log: (line: string) => void;
  /** Aborted while starting: the start is given up. Aborted later: as `stop()`. */
  readonly signal?: AbortSignal;
  /** Starts the server again when it ends unasked, on the same connection; default: it stays down. */
  readonly restart?: RestartPolicy;
  /** How long a start may take, recovery included; default two minutes. */
  readonly startTimeoutMs?: number;
}

/** The pause before the n-th try is `firstPauseMs` · 2ⁿ⁻¹, at most `longestPauseMs`; a minute's good run starts the count anew. */
export interface RestartPolicy {
  /** Tries before it is given up and `exited` resolves; default 10. */
  readonly attempts?: number;
  /** Default 100. */
  readonly firstPauseMs?: number;
  /** Default 10 000. */
  readonly longestPauseMs?: number;
}

export interface PostgresExit extends ServerExit {
  /** True after `stop()`; false when the server ended unasked. */
  readonly expected: boolean;
}

export interface RunningPostgres {
  /** The application's own role and database: owner of all in it, no superuser. */
  readonly connection: PostgresConnection;
  readonly url: string;
  /** The superuser on the database `postgres`, for what an administrator does (more databases, statistics). */
  readonly administrator: PostgresConnection;
  readonly location: PostgresLocation;
  /** Such as `18.4`. */
  readonly version: string;
  /** The postmaster's pid; another one after a restart. */
  readonly pid: number;
  /** Resolves when the server is gone for good and everything about it is cleaned up; never rejects. */
  readonly exited: Promise<PostgresExit>;
  /** Ends the server in order and waits until none of its processes is left. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL on `dataDir`, making the database the first time. README.md says what it guarantees.
 * @throws PostgresError with a code for each thing that can be wrong
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const packageName = platformPackage(process.platform, process.arch);
  const registryDir = options.registryDir ?? '/var/lib/drawbridge';
  const home = await findHome({ dataDir: options.dataDir, registryDir });
  const lock = await lockDirectory(home.path, () => new Date());
  try {
    const binaries = await prepareBinaries({
      packageName,
      cacheDir: runtimeCache(registryDir),
      canReach: (path) => canReach(path, home.rights),
      log: options.log,
    });
    const cluster = await prepareCluster({
      home,
      binaries,
      randomPassword: () => randomBytes(24).toString('hex'),
      log: options.log,
      signal: options.signal,
    });
    await clearOrphans(cluster.dataDir, home, options.log);
    return await supervise({
      options,
      home,
      cluster,
      postgres: binaries.postgres,
      releaseLock: lock.release,
    });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Where the programs go when they can't be used from node_modules. */
function runtimeCache(registryDir: string): string {
  if (isRoot()) return join(registryDir, 'runtime');
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'drawbridge', 'runtime');
}

async function clearOrphans(dataDir: string, home: Home, log: (line: string) => void): Promise<void> {
  const orphans = await stopOrphans(dataDir);
  if (orphans.length > 0)
    log(`stopped PostgreSQL (process ${Math.min(...orphans)}), which a killed parent had left behind`);
  const folder = await recordedSocketFolder(dataDir);
  if (folder !== undefined) await removeSocketFolder(folder, home);
}
