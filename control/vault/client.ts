import type { Sealed } from '@drawbridge/protocol';
import type { LogMark } from './log-marks.ts';
import type { KeySourceKind } from './sources/settings.ts';
import { type VaultOptions, VaultSupervisor } from './supervise.ts';

/**
 * The vault, as the control plane uses it. `context` is associated data: what was wrapped or sealed with it opens
 * with the same bytes only. No call returns a plaintext. Every call throws VaultError.
 */
export interface Vault {
  /** Wraps a secret of at most 64 KB under the deployment's data key. Bytes handed in are overwritten. */
  seal(plaintext: string | Uint8Array, context: Uint8Array): Promise<Buffer>;
  /** 32 random bytes, made inside and never seen outside, wrapped. */
  generate(context: Uint8Array): Promise<Buffer>;
  /** An X25519 key pair: the public key in clear (32 bytes), the private one wrapped. */
  generateKeyPair(context: Uint8Array): Promise<{ publicKey: Buffer; wrapped: Buffer }>;
  /** Seals a wrapped secret to a public key (X25519, 32 bytes): a gateway's. */
  reseal(
    wrapped: Uint8Array,
    context: Uint8Array,
    recipientPublicKey: Uint8Array,
    recipientContext: Uint8Array,
  ): Promise<Sealed>;
  /** Opens what was sealed to a wrapped private key and seals it to another public key. */
  passOn(from: SealedToUs, to: { publicKey: Uint8Array; context: Uint8Array }): Promise<Sealed>;
  /** Opens what was sealed to a wrapped private key and wraps it, as `seal` does. */
  takeIn(from: SealedToUs, context: Uint8Array): Promise<Buffer>;
  /** HMAC-SHA256 of a value under a wrapped secret: 32 bytes. Bytes handed in are overwritten. */
  keyedHash(wrappedKey: Uint8Array, context: Uint8Array, value: string | Uint8Array): Promise<Buffer>;
  /**
   * HMAC-SHA256, under a wrapped secret, of the longest run of `[A-Za-z0-9_-]` in another one, and that run's length; null
   * where none has 16 characters. By it a scanner knows the secret when it meets it.
   */
  keyedHashOfWrapped(
    key: { wrapped: Uint8Array; context: Uint8Array },
    secret: { wrapped: Uint8Array; context: Uint8Array },
  ): Promise<{ hash: Buffer; length: number } | null>;
  /**
   * Whether this is the code of an authenticator app that holds the wrapped secret (TOTP, RFC 6238: SHA-1, 6 digits, 30 s), at
   * most one step from the moment `at` (ms): its step, in 30 s since 1970, of which the caller takes each once; else null.
   */
  checkCode(wrappedKey: Uint8Array, context: Uint8Array, code: string, at: number): Promise<number | null>;
  /** The signing key of a log (Ed25519): the public key in clear (32 bytes), the seed wrapped as no other call opens it. */
  makeLogKey(name: string): Promise<{ publicKey: Buffer; wrapped: Buffer }>;
  /**
   * Signs a checkpoint of the log of this name: 64 bytes. What was signed is kept durably in
   * `<keysDir>/<deploymentId>.log-marks.json` before. Throws `wrong_log` for any other text, `log_would_go_back` for a
   * smaller tree than was signed before or another one of the same size, `marks_unusable`.
   */
  signLog(name: string, wrappedKey: Uint8Array, text: string): Promise<Buffer>;
  /** The largest tree of this log that was signed; null for none. Throws `marks_unusable`. */
  logMark(name: string): Promise<LogMark | null>;
  /** Ends the process. Calls after it throw `stopped`. */
  stop(): Promise<void>;
  /** The vault's process id; undefined while it restarts. */
  readonly pid: number | undefined;
  /** Where the key-encryption key is, and the number of the key that the running process was opened with. */
  readonly source: KeySourceKind;
  readonly openedWith: number;
  /** How often keys were opened so far: while it stays the same, so do the keys. */
  readonly opened: number;
  /** Why it does not run, and what to do, where a person must mend it; null: it runs, or is being started. */
  readonly trouble: { code: string; text: string } | null;
}

/** What was sealed to a key pair of ours, with that pair's wrapped private key and both contexts. */
export interface SealedToUs {
  wrappedPrivateKey: Uint8Array;
  context: Uint8Array;
  sealed: Sealed;
  sealedContext: Uint8Array;
}

/**
 * Starts the vault. At a deployment's first start the key-encryption key is made at `<keysDir>/<deploymentId>.kek`
 * (mode 0600), where it is to be a file. Throws VaultError `data_key_damaged` and what begins with `kek_`, and has changed
 * nothing then. A vault that ends by itself is started again; calls that it
 * was working on throw `crashed`, later ones wait for it.
 */
export async function startVault(options: VaultOptions): Promise<Vault> {
  const supervisor = new VaultSupervisor(options);
  await supervisor.start();
  return {
    get pid() {
      return supervisor.pid;
    },
    source: options.source?.kind ?? 'file',
    get openedWith() {
      return supervisor.key;
    },
    get opened() {
      return supervisor.opened;
    },
    get trouble() {
      const problem = supervisor.problem;
      return problem && { code: problem.code, text: problem.message };
    },
    seal: (plaintext, context) =>
      withBytes(plaintext, async (bytes) => {
        const { wrapped } = await supervisor.call('seal', { plaintext: bytes, context });
        return asBuffer(wrapped);
      }),
    async generate(context) {
      const { wrapped } = await supervisor.call('generate', { context });
      return asBuffer(wrapped);
    },
    async generateKeyPair(context) {
      const { publicKey, wrapped } = await supervisor.call('generateKeyPair', { context });
      return { publicKey: asBuffer(publicKey), wrapped: asBuffer(wrapped) };
    },
    async reseal(wrapped, context, recipient, recipientContext) {
      const { sealed } = await supervisor.call('reseal', { wrapped, context, recipient, recipientContext });
      return sealed;
    },
    async passOn(from, to) {
      const { sealed } = await supervisor.call('passOn', {
        privateKey: from.wrappedPrivateKey,
        privateKeyContext: from.context,
        sealed: from.sealed,
        sealedContext: from.sealedContext,
        recipient: to.publicKey,
        recipientContext: to.context,
      });
      return sealed;
    },
    async takeIn(from, context) {
      const { wrapped } = await supervisor.call('takeIn', {
        privateKey: from.wrappedPrivateKey,
        privateKeyContext: from.context,
        sealed: from.sealed,
        sealedContext: from.sealedContext,
        context,
      });
      return asBuffer(wrapped);
    },
    keyedHash: (key, context, value) =>
      withBytes(value, async (bytes) => {
        const { hash } = await supervisor.call('keyedHash', { key, context, value: bytes });
        return asBuffer(hash);
      }),
    async keyedHashOfWrapped(key, { wrapped, context }) {
      const ask = { key: key.wrapped, keyContext: key.context, wrapped, context };
      const { hash, length } = await supervisor.call('keyedHashOfWrapped', ask);
      return hash === null ? null : { hash: asBuffer(hash), length };
    },
    async checkCode(key, context, code, at) {
      const { step } = await supervisor.call('checkCode', { key, context, code, at });
      return step;
    },
    async makeLogKey(name) {
      const { publicKey, wrapped } = await supervisor.call('makeLogKey', { name });
      return { publicKey: asBuffer(publicKey), wrapped: asBuffer(wrapped) };
    },
    async signLog(name, key, text) {
      const { signature } = await supervisor.call('signLog', { name, key, text });
      // The vault's process can't sync a folder: without that a power cut could bring back the mark before.
      await supervisor.syncKeys();
      return asBuffer(signature);
    },
    async logMark(name) {
      const { mark } = await supervisor.call('logMark', { name });
      return mark;
    },
    stop: () => supervisor.stop(),
  };
}

/** Works on a plaintext as bytes, and overwrites them once the vault has answered. */
async function withBytes<Result>(
  plaintext: string | Uint8Array,
  work: (bytes: Uint8Array) => Promise<Result>,
): Promise<Result> {
  const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext;
  try {
    return await work(bytes);
  } finally {
    bytes.fill(0);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
