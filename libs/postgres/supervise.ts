import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { administratorConnection, applicationConnection, connectionUrl, signIn } from './connection.ts';
import { messageOf } from './errors.ts';
import type { Home } from './location.ts';
import { type LogFile, openLogFile } from './logfile.ts';
import { describeExit, launchServer, type Server, stopOrphans, waitUntilReady } from './server.ts';
import { makeSocketFolder, removeSocketFolder } from './socket.ts';
import type { PostgresExit, RunningPostgres, StartPostgresOptions } from './start.ts';

export interface Ground {
  readonly options: StartPostgresOptions;
  readonly home: Home;
  readonly cluster: Cluster;
  /** The program. */
  readonly postgres: string;
  readonly releaseLock: () => Promise<void>;
}

/** What every launch of one supervision shares. */
interface Stage extends Ground {
  readonly socketFolder: string;
  readonly logFile: LogFile;
  readonly stopping: AbortSignal;
}

interface Run {
  readonly server: Server;
  readonly version: string;
  readonly readyAt: number;
}

const defaultStartTimeoutMs = 120_000;
const defaultRestart = { attempts: 10, firstPauseMs: 100, longestPauseMs: 10_000 };
/** A run that lasted this long was a good one: failures before it no longer count. */
const goodRunMs = 60_000;

/**
 * Runs the server on a prepared cluster whose lock the caller took; releases the lock when the server is gone for good.
 * @throws PostgresError when the first launch fails (the lock then stays the caller's)
 */
export async function supervise(ground: Ground): Promise<RunningPostgres> {
  const { home, cluster, options } = ground;
  const own = new AbortController();
  const stopping = options.signal === undefined ? own.signal : AbortSignal.any([options.signal, own.signal]);
  const socketFolder = await makeSocketFolder(home);
  const logFile = await openServerLog(home);
  const stage: Stage = { ...ground, socketFolder, logFile, stopping };
  const clear = async () => {
    await logFile.close();
    await removeSocketFolder(socketFolder, home);
  };

  let run: Run;
  try {
    run = await launch(stage);
  } catch (error) {
    await clear();
    throw error;
  }
  const onRun = (next: Run) => {
    run = next;
  };
  const finished = watch(stage, run, onRun).finally(async () => {
    await clear();
    await ground.releaseLock();
  });
  const exited = finished.catch((error: unknown): PostgresExit => {
    options.log(`PostgreSQL is no longer supervised: ${messageOf(error)}`);
    return { code: null, signal: null, problem: messageOf(error), expected: false };
  });

  const connection = applicationConnection(socketFolder, cluster.credentials);
  return {
    connection,
    url: connectionUrl(connection),
    administrator: administratorConnection(socketFolder, cluster.credentials),
    location: { path: home.path, reason: home.reason },
    version: run.version,
    get pid() {
      return run.server.pid;
    },
    exited,
    stop: async () => {
      own.abort();
      await finished;
    },
  };
}

async function openServerLog({ path, rights }: Home): Promise<LogFile> {
  const logPath = join(path, 'server.log');
  const logFile = await openLogFile(logPath);
  if (rights !== undefined) await chown(logPath, rights.uid, rights.gid);
  return logFile;
}

async function launch({
  postgres,
  cluster,
  home,
  socketFolder,
  logFile,
  stopping,
  options,
}: Stage): Promise<Run> {
  const server = launchServer({ postgres, dataDir: cluster.dataDir, socketFolder, home, logFile });
  try {
    const version = await waitUntilReady({
      server,
      dataDir: cluster.dataDir,
      logFile,
      timeoutMs: options.startTimeoutMs ?? defaultStartTimeoutMs,
      signal: stopping,
      probe: () => signIn(socketFolder, cluster.credentials),
    });
    return { server, version, readyAt: performance.now() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Follows the server through its restarts, until it is asked to stop or has ended for good. */
async function watch(stage: Stage, first: Run, onRun: (run: Run) => void): Promise<PostgresExit> {
  const { stopping, options, cluster } = stage;
  const asked = new Promise<'asked'>((resolve) => {
    stopping.addEventListener('abort', () => resolve('asked'), { once: true });
    if (stopping.aborted) resolve('asked');
  });
  const restart = options.restart && { ...defaultRestart, ...options.restart };
  let run = first;
  for (let failures = 0; ; ) {
    const exit = await Promise.race([run.server.exited, asked]);
    if (exit === 'asked') {
      await run.server.stop();
      return { ...(await run.server.exited), expected: true };
    }
    options.log(`PostgreSQL ${describeExit(exit)}, unasked`);
    await stopOrphans(cluster.dataDir);
    if (performance.now() - run.readyAt > goodRunMs) failures = 0;
    let next: Run | undefined;
    while (restart !== undefined && next === undefined && failures < restart.attempts && !stopping.aborted) {
      await pause(Math.min(restart.firstPauseMs * 2 ** failures, restart.longestPauseMs), stopping);
      failures += 1;
      next = await tryLaunch(stage);
    }
    if (next === undefined) return { ...exit, expected: stopping.aborted };
    run = next;
    onRun(run);
  }
}

async function tryLaunch(stage: Stage): Promise<Run | undefined> {
  if (stage.stopping.aborted) return undefined;
  try {
    const run = await launch(stage);
    stage.options.log('PostgreSQL runs again');
    return run;
  } catch (error) {
    if (!stage.stopping.aborted)
      stage.options.log(`PostgreSQL could not be started again: ${messageOf(error)}`);
    return undefined;
  }
}

/** Waits, or until `until` is aborted. */
async function pause(milliseconds: number, until: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal: until });
  } catch (error) {
    if (!until.aborted) throw error;
  }
}
