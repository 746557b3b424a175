import { type ChildProcess, fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VaultError } from './errors.ts';
import { VaultFailure } from './failure.ts';
import { checkSizes, type Reply, type Request, type VaultAct, type VaultCalls } from './messages.ts';

const ANSWER_MS = 10_000;
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

/** Forks the vault: of the file system it may read its own code, read and make the key file and the logs' marks, and no more. */
export function forkVault(keyFile: string, marksFile: string): VaultChild {
  const child = fork(fileURLToPath(new URL('./process.ts', import.meta.url)), [], {
    serialization: 'advanced',
    // Nothing of the parent's environment: it may hold the database's password.
    env: {},
    execArgv: [
      '--permission',
      ...readable().map((path) => `--allow-fs-read=${path}`),
      ...[keyFile, marksFile].flatMap((file) => [`--allow-fs-read=${file}*`, `--allow-fs-write=${file}*`]),
      '--no-addons',
      '--disable-sigusr1',
      '--max-old-space-size=128',
    ],
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
      const answer = new Promise<VaultCalls[VaultAct]['answer']>((resolve, reject) => {
        const timer = setTimeout(() => {
          settle(id, (call) =>
            call.reject(
              new VaultError(
                'timed_out',
                `The vault did not answer within ${ANSWER_MS / 1000} s. Try again.`,
              ),
            ),
          );
        }, ANSWER_MS);
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

/** Where the vault's code and its libraries lie. */
function readable(): string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = join(here, '..', '..');
  return [
    here,
    join(root, 'control', 'package.json'),
    ...['envelope', 'journal', 'tlog'].map((library) => join(root, 'libs', library)),
    join(root, 'node_modules'),
  ];
}
