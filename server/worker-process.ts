import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from 'pino';

const BACK_OFF_MS = [100, 500, 2_000, 5_000, 15_000];

export interface SupervisedProcess {
  /** Resolves with the first ready message; rejects when the process ends before it. */
  ready: Promise<{ port: number }>;
  /** Resolves once the process that runs says that it serves with a configuration in force. */
  serving: Promise<void>;
  pid(): number | undefined;
  /** Asks it to finish (SIGTERM), waits, and kills it after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

interface Options {
  name: string;
  file: string;
  env: NodeJS.ProcessEnv;
  /** Options of Node.js and V8 that it runs with. */
  execArgv?: readonly string[];
  log: Logger;
  /** Told what the process writes; left out: that goes to this process's standard error. */
  output?: ((text: string) => void) | undefined;
}

function isReady(message: unknown): message is { ready: true; port: number } {
  return typeof message === 'object' && message !== null && 'ready' in message && 'port' in message;
}

function isServing(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'serving' in message;
}

/**
 * Runs a program of this project as a child, and again with a back-off when it ends unasked. The port of the first start
 * is kept for the later ones, so that clients need not learn a new one.
 */
export function superviseProcess(options: Options): SupervisedProcess {
  const { log } = options;
  let child: ChildProcess | undefined;
  let stopping = false;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;
  let env = options.env;
  const serving = Promise.withResolvers<void>();
  const first = Promise.withResolvers<{ port: number }>();
  // Whoever waits for it is told; when it fails, nobody may be waiting yet.
  first.promise.catch(() => undefined);

  const start = (): void => {
    const started = fork(options.file, {
      env,
      execArgv: [...process.execArgv, ...(options.execArgv ?? [])],
      stdio: options.output === undefined ? ['ignore', 2, 2, 'ipc'] : ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => options.output?.(text));
    }
    started.on('message', (message) => {
      if (isServing(message)) serving.resolve();
      if (!isReady(message)) return;
      failures = 0;
      env = { ...env, DRAWBRIDGE_GATEWAY_PORT: String(message.port) };
      first.resolve({ port: message.port });
    });
    started.on('error', (error) =>
      log.error({ err: error, process: options.name }, 'process could not be started'),
    );
    started.on('exit', (code, signal) => {
      if (stopping) return;
      first.reject(
        new Error(
          `${options.name} ended at once (${signal ?? `exit code ${code}`}). The lines above say why.`,
        ),
      );
      const wait = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] ?? 0;
      failures += 1;
      log.error(
        { process: options.name, code, signal, againInMs: wait },
        'process ended unasked; it is started again',
      );
      retry = setTimeout(start, wait);
    });
  };
  start();
  return {
    ready: first.promise,
    serving: serving.promise,
    pid: () => child?.pid,
    async stop(graceMs) {
      stopping = true;
      clearTimeout(retry);
      const running = child;
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      running.kill('SIGTERM');
      const deadline = setTimeout(() => {
        log.warn({ process: options.name, graceMs }, 'process did not finish in time and is killed');
        running.kill('SIGKILL');
      }, graceMs);
      await ended;
      clearTimeout(deadline);
    },
  };
}
