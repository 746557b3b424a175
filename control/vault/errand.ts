import { type ChildProcess, fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPrivateHost, type OutboundNetwork } from '../platform/index.ts';
import type { Vault } from './client.ts';
import {
  ERRAND_CONTEXT,
  type ErrandAnswer,
  type ErrandAsk,
  type ErrandCall,
  type ErrandErrorCode,
  type ErrandReply,
  TAKEN_CONTEXT,
} from './errand-messages.ts';

/** Why a call to a vendor gave no answer. Nothing in it is secret. */
export class ErrandError extends Error {
  readonly code: ErrandErrorCode;
  constructor(code: ErrandErrorCode, message: string) {
    super(message);
    this.name = 'ErrandError';
    this.code = code;
  }
}

export interface Errand {
  call: ErrandCall;
  /** The credential to call with, as the vault wrapped it. */
  credential: { wrapped: Uint8Array; context: Uint8Array };
  /** Whether addresses in private networks may be connected to. */
  isPrivate: boolean;
  /** What a secret in the answer is wrapped with, where the call takes one. */
  takeContext?: Uint8Array;
}

/** What came of an errand. `taken`: the secret in the answer, wrapped under `takeContext`. */
export type ErrandResult = Omit<ErrandAnswer, 'taken'> & { taken: Buffer | null };

/** Makes a call to a vendor with a credential that this process never sees. Throws ErrandError and VaultError. */
export type RunErrand = (errand: Errand) => Promise<ErrandResult>;

const TIMEOUT_MS = 20_000;
/** For starting the process and the vault's part. */
const ROUND_ABOUT_MS = 10_000;

/**
 * Errands: each a process of its own that holds one credential for one call. The vault seals the credential to it, and
 * takes in what it brings: so the process that holds the key-encryption key never speaks with a stranger.
 */
export function createErrands(vault: Vault, network: OutboundNetwork): RunErrand {
  return async ({ call, credential, isPrivate, takeContext }) => {
    const addresses = await addressesOf(new URL(call.url), network, isPrivate);
    await using child = startErrand();
    const { publicKey } = await child.ready;
    const receiving = takeContext === undefined ? null : await vault.generateKeyPair(TAKEN_CONTEXT);
    const answer = await child.ask({
      call,
      sealed: await vault.reseal(credential.wrapped, credential.context, publicKey, ERRAND_CONTEXT),
      addresses,
      ca: network.ca ?? null,
      timeoutMs: TIMEOUT_MS,
      takeKey: receiving?.publicKey ?? null,
    });
    if (answer.taken === null || receiving === null || takeContext === undefined)
      return { ...answer, taken: null };
    const from = {
      wrappedPrivateKey: receiving.wrapped,
      context: TAKEN_CONTEXT,
      sealed: answer.taken,
      sealedContext: TAKEN_CONTEXT,
    };
    return { ...answer, taken: await vault.takeIn(from, takeContext) };
  };
}

async function addressesOf(
  url: URL,
  network: OutboundNetwork,
  isPrivate: boolean,
): Promise<readonly { address: string; family: number }[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = await network.resolve(host).catch((error: NodeJS.ErrnoException) => {
    throw new ErrandError('unreachable', `The vendor could not be reached: ${error.code ?? 'unknown'}.`);
  });
  const allowed = isPrivate
    ? found
    : found.filter(({ address }) => !isPrivateHost(address) && !isPrivateHost(host));
  if (allowed.length > 0) return allowed;
  throw new ErrandError('private_address', `${host} is in a private network, which was not asked for.`);
}

function startErrand() {
  const child = fork(fileURLToPath(new URL('./errand-process.ts', import.meta.url)), [], {
    serialization: 'advanced',
    env: {},
    execArgv: [
      '--permission',
      ...readable().map((path) => `--allow-fs-read=${path}`),
      '--no-addons',
      '--disable-sigusr1',
      '--max-old-space-size=64',
    ],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS + ROUND_ABOUT_MS);
  const ready = nextReply(child).then((reply) => {
    if (reply.kind === 'ready') return { publicKey: reply.publicKey };
    throw failed();
  });
  return {
    ready,
    async ask(ask: ErrandAsk): Promise<ErrandAnswer> {
      const answer = nextReply(child);
      child.send(ask);
      const reply = await answer;
      if (reply.kind === 'error') throw new ErrandError(reply.code, reply.message);
      if (reply.kind !== 'answer') throw failed();
      return reply.answer;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      child.removeAllListeners();
      // It exits when it is let go; one that hangs is ended.
      if (child.connected) child.disconnect();
      child.kill('SIGKILL');
    },
  };
}

function nextReply(child: ChildProcess): Promise<ErrandReply> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(failed());
    child.once('message', (reply: ErrandReply) => {
      child.off('exit', end).off('error', end);
      resolve(reply);
    });
    child.once('exit', end);
    child.once('error', end);
  });
}

const failed = (): ErrandError =>
  new ErrandError('failed', 'The process that calls the vendor ended before it answered. Try again.');

/** Where an errand's code and its libraries lie. */
function readable(): string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = join(here, '..', '..');
  return [
    here,
    join(root, 'control', 'package.json'),
    join(root, 'libs', 'envelope'),
    join(root, 'node_modules'),
  ];
}
