import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, PostgresError } from './errors.ts';
import { readIfThere } from './files.ts';
import type { Home } from './location.ts';
import type { LogFile } from './logfile.ts';
import { clusterProcesses, processState, signal, waitUntil, workDone } from './processes.ts';
import { socketPort } from './socket.ts';

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be run at all. */
  readonly problem?: string;
}

/** One run of PostgreSQL. */
export interface Server {
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  /** Ends it, and everything it started; returns when all are gone. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly postgres: string;
  readonly dataDir: string;
  readonly socketFolder: string;
  readonly home: Home;
  readonly logFile: LogFile;
}

/**
 * Given on the command line, where no configuration file and no ALTER SYSTEM can undo them: no network, durable commits,
 * and a log without statements, parameters or values of rows (the client is told those; level `log` leaves out what
 * clients did wrong, `terse` the detail that quotes the query of a process that crashed).
 */
const fixedSettings: readonly (readonly [string, string])[] = [
  ['listen_addresses', ''],
  ['unix_socket_permissions', '0600'],
  ['port', String(socketPort)],
  ['fsync', 'on'],
  ['synchronous_commit', 'on'],
  ['full_page_writes', 'on'],
  ['timezone', 'UTC'],
  ['log_timezone', 'UTC'],
  ['logging_collector', 'off'],
  ['log_destination', 'stderr'],
  ['log_min_messages', 'log'],
  ['log_min_error_statement', 'panic'],
  ['log_error_verbosity', 'terse'],
  ['log_statement', 'none'],
  ['log_min_duration_statement', '-1'],
  ['log_checkpoints', 'off'],
];

export function launchServer({ postgres, dataDir, socketFolder, home, logFile }: ServerOptions): Server {
  const settings = [...fixedSettings, ['unix_socket_directories', `"${socketFolder.replaceAll('"', '""')}"`]];
  const child = spawn(
    postgres,
    ['-D', dataDir, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      cwd: '/',
      // Nothing of our own environment, which may hold secrets.
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', logFile.fd, logFile.fd],
      // A process group of its own: a Ctrl-C in the terminal is for us, who then stop it in order.
      detached: true,
      ...home.rights,
    },
  );
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signalName) => resolve({ code, signal: signalName }));
    child.once('error', (error) => resolve({ code: null, signal: null, problem: error.message }));
  });
  const { pid } = child;
  if (pid === undefined) return { pid: 0, exited, stop: async () => undefined };
  let running = true;
  const watchdog = startWatchdog(pid, dataDir, home);
  void exited.then(() => {
    running = false;
    watchdog.stdin?.end('ended\n');
  });
  const isGone = async () => !running && (await clusterProcesses(dataDir)).length === 0;
  return { pid, exited, stop: () => stopCluster(dataDir, () => child.kill('SIGINT'), isGone) };
}

/** One line for people. */
export function describeExit({ code, signal: name, problem }: ServerExit): string {
  if (problem !== undefined) return `could not be run: ${problem}`;
  return `ended with ${name ?? `exit code ${code}`}`;
}

/**
 * A shell that waits for the end of its input, which comes when we are gone however we ended, and then stops the server:
 * nothing of ours stays behind a kill -9. Told `ended` it goes quietly. It has PostgreSQL's rights, not root's.
 */
const watchdogScript = `
read -r word && exit 0
read -r pid < "$2/postmaster.pid" && [ "$pid" = "$1" ] || exit 0
kill -INT "$1"
n=0
while kill -0 "$1" && [ $n -lt 10 ]; do sleep 1; n=$((n+1)); done
kill -QUIT "$1"
`;

function startWatchdog(pid: number, dataDir: string, home: Home): ChildProcess {
  const watchdog = spawn(
    '/bin/sh',
    ['-c', watchdogScript, 'drawbridge-postgres-watchdog', String(pid), dataDir],
    {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      ...home.rights,
    },
  );
  // It may go before it is told to, when someone ends it: the next start would find the orphan.
  watchdog.stdin?.on('error', () => undefined);
  watchdog.unref();
  return watchdog;
}

/** A checkpoint on a slow disk takes its time, and shows that it is at work. */
const longestShutdownMs = 60_000;
/** PostgreSQL 18 may wait for ever when it is told to stop while it recovers from a crash. */
const stalledAfterMs = 1_000;

/**
 * Interrupts the postmaster and waits until every process of the cluster is gone: fast (open transactions are rolled back, a
 * checkpoint is written), then immediate (recovery at the next start), then by force. The next step is taken when one
 * leads nowhere: nothing ends, and nothing works.
 * @throws PostgresError stop_failed
 */
async function stopCluster(
  dataDir: string,
  interrupt: () => void,
  isGone: () => Promise<boolean>,
): Promise<void> {
  interrupt();
  if (await waitWhileWorking(dataDir, isGone)) return;
  for (const name of ['SIGQUIT', 'SIGKILL'] as const) {
    for (const pid of await clusterProcesses(dataDir)) signal(pid, name);
    if (await waitWhileWorking(dataDir, isGone)) return;
  }
  throw new PostgresError(
    'stop_failed',
    `PostgreSQL's processes ${(await clusterProcesses(dataDir)).join(', ')} in ${dataDir} do not end, even when killed: the disk may hang.`,
  );
}

async function waitWhileWorking(dataDir: string, isGone: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + longestShutdownMs;
  let before: string | undefined;
  while (performance.now() < deadline) {
    if (await waitUntil(isGone, stalledAfterMs)) return true;
    const work = await workDone(await clusterProcesses(dataDir));
    if (work !== undefined && work === before) return false;
    before = work;
  }
  return false;
}

/**
 * Ends what a killed parent left behind in this data directory: a whole server, or the backends of a killed postmaster.
 * Returns the pids that were found.
 */
export async function stopOrphans(dataDir: string): Promise<number[]> {
  const orphans = await clusterProcesses(dataDir);
  if (orphans.length === 0) return [];
  const heads: number[] = [];
  for (const pid of orphans) if (await isHead(pid, orphans)) heads.push(pid);
  const isGone = async () => (await clusterProcesses(dataDir)).length === 0;
  const interrupt = () => {
    for (const pid of heads) signal(pid, 'SIGINT');
  };
  await stopCluster(dataDir, interrupt, isGone);
  return orphans;
}

async function isHead(pid: number, cluster: readonly number[]): Promise<boolean> {
  const state = await processState(pid);
  return state !== undefined && !cluster.includes(state.parentPid);
}

/** The socket folder that the last server in this data directory used, also one that was killed. */
export async function recordedSocketFolder(dataDir: string): Promise<string | undefined> {
  return (await readIfThere(join(dataDir, 'postmaster.pid')))?.split('\n')[4] || undefined;
}

export interface ReadinessOptions<T> {
  readonly server: Server;
  readonly dataDir: string;
  readonly logFile: LogFile;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Resolves when the database answers; rejects while it does not. */
  readonly probe: () => Promise<T>;
}

/**
 * Waits until the database answers, and returns its answer.
 * @throws PostgresError start_failed, start_timeout (both with the log's last lines), start_cancelled
 */
export async function waitUntilReady<T>(options: ReadinessOptions<T>): Promise<T> {
  const { server, logFile, timeoutMs } = options;
  const deadline = performance.now() + timeoutMs;
  const end = server.exited.then((exit) => ({ exit }));
  for (;;) {
    const result = await Promise.race([askOnce(options), end]);
    if ('exit' in result)
      throw new PostgresError(
        'start_failed',
        `PostgreSQL ${describeExit(result.exit)} while starting.${await lastWords(logFile)}`,
      );
    // Before the answer: on a slow machine the first one can come later than the signal.
    if (options.signal.aborted)
      throw new PostgresError('start_cancelled', 'The start of PostgreSQL was cancelled.');
    if ('answer' in result) return result.answer;
    if (performance.now() > deadline)
      throw new PostgresError(
        'start_timeout',
        `PostgreSQL did not answer within ${timeoutMs / 1000} s (${result.notYet}).${await lastWords(logFile)}`,
      );
    await delay(10);
  }
}

/** Looks at what the server says of itself before asking it: each question too early would be a line in its log. */
async function askOnce<T>({
  server,
  dataDir,
  probe,
}: ReadinessOptions<T>): Promise<{ answer: T } | { notYet: string }> {
  try {
    const record = (await readIfThere(join(dataDir, 'postmaster.pid')))?.split('\n');
    if (record?.[0] !== String(server.pid)) return { notYet: 'it has not yet begun' };
    const status = record[7]?.trim();
    return status === 'ready' ? { answer: await probe() } : { notYet: `it says "${status}"` };
  } catch (error) {
    return { notYet: messageOf(error) };
  }
}

async function lastWords(logFile: LogFile): Promise<string> {
  const lines = await logFile.lastLines(10);
  return lines === '' ? '' : ` Its log's last lines:\n${lines}`;
}
