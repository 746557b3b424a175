import type { Sealed } from '@drawbridge/protocol';
import { type VaultErrorCode, VaultFailure } from './failure.ts';
import type { LogMark } from './log-marks.ts';
import type { KeySource, KeySourceKind } from './sources/settings.ts';

/** What the control process and the vault process say to each other. No answer holds a plaintext. */
export interface VaultCalls {
  /** Said first, and again when the database knows of other keys. */
  start: {
    ask: StartAsk;
    /** `made` is what the database must keep: null where it knew already. `key` is the one that was opened with. */
    answer: { made: KeyRecord | null; key: number; current: number };
  };
  /**
   * Wraps the data keys under another key-encryption key, which is opened or made; with `addDataKey` a new data key, too,
   * which is wrapped under the key of the start as well.
   */
  addKey: {
    ask: { to: KeySource; id: number; addDataKey: boolean };
    answer: { made: KeyRecord; added: WrappedDataKey | null };
  };
  /** Wraps a secret, or the key of the log of that name, under the newest data key. */
  rewrap: {
    ask: { wrapped: Uint8Array; of: { context: Uint8Array } | { log: string } };
    answer: { wrapped: Uint8Array };
  };
  seal: { ask: { plaintext: Uint8Array; context: Uint8Array }; answer: { wrapped: Uint8Array } };
  generate: { ask: { context: Uint8Array }; answer: { wrapped: Uint8Array } };
  generateKeyPair: {
    ask: { context: Uint8Array };
    answer: { publicKey: Uint8Array; wrapped: Uint8Array };
  };
  reseal: {
    ask: { wrapped: Uint8Array; context: Uint8Array; recipient: Uint8Array; recipientContext: Uint8Array };
    answer: { sealed: Sealed };
  };
  passOn: {
    ask: {
      privateKey: Uint8Array;
      privateKeyContext: Uint8Array;
      sealed: Sealed;
      sealedContext: Uint8Array;
      recipient: Uint8Array;
      recipientContext: Uint8Array;
    };
    answer: { sealed: Sealed };
  };
  /** What was sealed to a wrapped private key, wrapped under a context of its own. */
  takeIn: {
    ask: {
      privateKey: Uint8Array;
      privateKeyContext: Uint8Array;
      sealed: Sealed;
      sealedContext: Uint8Array;
      context: Uint8Array;
    };
    answer: { wrapped: Uint8Array };
  };
  keyedHash: {
    ask: { key: Uint8Array; context: Uint8Array; value: Uint8Array };
    answer: { hash: Uint8Array };
  };
  /** The same of a wrapped secret's longest run of characters that tokens have; null: none is long enough. */
  keyedHashOfWrapped: {
    ask: { key: Uint8Array; keyContext: Uint8Array; wrapped: Uint8Array; context: Uint8Array };
    answer: { hash: Uint8Array | null; length: number };
  };
  checkCode: {
    ask: { key: Uint8Array; context: Uint8Array; code: string; at: number };
    answer: { step: number | null };
  };
  makeLogKey: { ask: { name: string }; answer: { publicKey: Uint8Array; wrapped: Uint8Array } };
  signLog: {
    ask: { name: string; key: Uint8Array; text: string };
    answer: { signature: Uint8Array };
  };
  logMark: { ask: { name: string }; answer: { mark: LogMark | null } };
}
export type VaultAct = keyof VaultCalls;

interface StartAsk {
  source: KeySource;
  keyFile: string;
  marksFile: string;
  deployment: string;
  /** None: the first start. */
  known: readonly KeyRecord[];
}

/** What the database keeps of one key-encryption key: all but the key. */
export interface KeyRecord {
  /** 1 for the first, and up. */
  id: number;
  source: KeySourceKind;
  /** Which key of the source, for people. */
  label: string;
  /** A known text wrapped under it. */
  checkValue: Uint8Array;
  dataKeys: readonly WrappedDataKey[];
}

export interface WrappedDataKey {
  version: number;
  wrapped: Uint8Array;
}

export type Request = { [Act in VaultAct]: { id: number; act: Act; ask: VaultCalls[Act]['ask'] } }[VaultAct];
export type Reply =
  | { id: number; answer: VaultCalls[VaultAct]['answer'] }
  | { id: number; error: { code: VaultErrorCode; message: string } };

/** The longest plaintext, wrapped value or hashed value, and the longest context, in bytes. */
const VALUE_LIMIT = 64 * 1024;
const CONTEXT_LIMIT = 16 * 1024;

/** Refuses a call that carries more than a secret may have. Checked on both sides of the channel. */
export function checkSizes(ask: object): void {
  for (const [name, value] of Object.entries(ask)) {
    const limit = name.toLowerCase().endsWith('context') ? CONTEXT_LIMIT : VALUE_LIMIT;
    if (sizeOf(value) > limit) {
      throw new VaultFailure('too_large', `"${name}" has more than the ${limit} bytes that the vault takes.`);
    }
  }
}

function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + sizeOf(part), 0);
}
