import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VaultError } from './errors.ts';
import { VaultFailure } from './failure.ts';
import { checkSizes, type Reply, type Request, type VaultAct, type VaultCalls } from './messages.ts';
import { filesOf, type KeySource } from './sources/settings.ts';

const ANSWER_MS = 10_000;
/** A key source may be asked several times, and each of that be tried again. */
const SOURCE_ANSWER_MS = 180_000;
const ASK_THE_SOURCE: ReadonlySet<VaultAct> = new Set(['start', 'addKey']);
const STOP_MS = 2_000;

/** One running vault process, and the calls that wait for its answers. */
export interface VaultChild {
  call<Act extends VaultAct>(act: Act, ask: VaultCalls[Act]['ask']): Promise<VaultCalls[Act]['answer']>;
  /** Settles when the process has ended, with its exit code or signal. */
  readonly ended: Promise<string>;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

interface Waiting {
  resolve(answer: VaultCalls[VaultAct]['answer']): void;
  reject(error: VaultError): void;
  timer: NodeJS.Timeout;
}

/** Where the vault's files lie, and the key sources that it may be asked to use. */
export interface VaultPlace {
  keyFile: string;
  marksFile: string;
  sources: readonly KeySource[];
}

/**
 * Starts the vault's process: of the file system it may read its own code, read and make key files and the logs' marks, and
 * read what its sources name; it may run a program only where a source is a command. Whatever kills it, it leaves no core
 * file behind, which would hold every key.
 */
export function startProcess(place: VaultPlace): VaultChild {
  const node = [
    process.execPath,
    ...permissionsOf(place),
    fileURLToPath(new URL('./process.ts', import.meta.url)),
  ];
  const [program = '', ...args] = withoutCore(node);
  const child = spawn(program, args, {
    serialization: 'advanced',
    // Nothing of the parent's environment: it may hold the database's password, or the key itself.
    env: {},
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;

  const settle = (id: number, how: (call: Waiting) => void): void => {
    const call = waiting.get(id);
    if (call === undefined) return;
    waiting.delete(id);
    clearTimeout(call.timer);
    how(call);
  };
  child.on('message', (reply: Reply) => {
    settle(reply.id, (call) => {
      if ('answer' in reply) call.resolve(reply.answer);
      else call.reject(new VaultError(reply.error.code, reply.error.message));
    });
  });
  const ended = new Promise<string>((resolve) => {
    const end = (how: string): void => {
      for (const id of [...waiting.keys()]) settle(id, (call) => call.reject(crashed()));
      resolve(how);
    };
    child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    child.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.name));
  });

  return {
    ended,
    pid: child.pid,
    call<Act extends VaultAct>(act: Act, ask: VaultCalls[Act]['ask']) {
      checkAsked(ask);
      const id = nextId++;
      const limit = ASK_THE_SOURCE.has(act) ? SOURCE_ANSWER_MS : ANSWER_MS;
      const answer = new Promise<VaultCalls[VaultAct]['answer']>((resolve, reject) => {
        const timer = setTimeout(() => {
          settle(id, (call) =>
            call.reject(
              new VaultError('timed_out', `The vault did not answer within ${limit / 1000} s. Try again.`),
            ),
          );
        }, limit);
        waiting.set(id, { resolve, reject, timer });
        sendTo(child, { id, act, ask } as Request, () => settle(id, (call) => call.reject(crashed())));
      });
      // The vault answers each act with that act's answer: messages.ts holds both sides to it.
      return answer as Promise<VaultCalls[Act]['answer']>;
    },
    async stop() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended.finally(() => clearTimeout(timer));
    },
  };
}

function sendTo(child: ChildProcess, request: Request, onLost: () => void): void {
  if (!child.connected) {
    onLost();
    return;
  }
  child.send(request, (error) => {
    if (error !== null) onLost();
  });
}

function checkAsked(ask: object): void {
  try {
    checkSizes(ask);
  } catch (error) {
    if (error instanceof VaultFailure) throw new VaultError(error.code, error.message);
    throw error;
  }
}

const crashed = (): VaultError =>
  new VaultError('crashed', 'The vault ended in the middle of this call and is being restarted. Try again.');

function permissionsOf({ keyFile, marksFile, sources }: VaultPlace): string[] {
  return [
    '--permission',
    ...readable().map((path) => `--allow-fs-read=${path}`),
    ...[keyFile, marksFile].flatMap((file) => [`--allow-fs-read=${file}*`, `--allow-fs-write=${file}*`]),
    ...sources.flatMap(filesOf).map((file) => `--allow-fs-read=${file}`),
    ...(sources.some(({ kind }) => kind === 'command')
      ? ['--allow-child-process', '--disable-warning=PERM0002']
      : []),
    '--no-addons',
    '--disable-sigusr1',
    '--max-old-space-size=128',
  ];
}

const SHELL = '/bin/sh';

/** Node can't set a limit of its own process; a shell can, and is the process then. */
function withoutCore(command: readonly string[]): readonly string[] {
  if (process.platform === 'win32' || !existsSync(SHELL)) return command;
  return [SHELL, '-c', 'ulimit -c 0 && exec "$0" "$@"', ...command];
}

/** Where the vault's code and its libraries lie. */
function readable(): string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = join(here, '..', '..');
  return [
    here,
    join(root, 'control', 'package.json'),
    ...['envelope', 'journal', 'sigv4', 'tlog'].map((library) => join(root, 'libs', library)),
    join(root, 'node_modules'),
  ];
}
