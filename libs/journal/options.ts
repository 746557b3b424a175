import type { JournalUnavailable } from './errors.ts';
import type { SealedDataKey } from './header.ts';
import type { Storage } from './storage.ts';

export interface JournalLimits {
  /** A segment is closed when it has so many bytes, or is so many milliseconds old. */
  segmentBytes: number;
  segmentAgeMs: number;
  /** The most that one write takes. */
  batchBytes: number;
  batchEntries: number;
  /** The most that waits to be written, in bytes; more is refused. Later entries have the same again. */
  waitingBytes: number;
  /** Entries handed to `appendLater` are written within this time when nothing else is. */
  laterMs: number;
  /** How long appends are refused without trying after repeated failures: doubled from the first to the second. */
  backoffMs: readonly [least: number, most: number];
}

export const defaultLimits: JournalLimits = {
  segmentBytes: 16 * 1024 * 1024,
  segmentAgeMs: 10 * 60_000,
  batchBytes: 1024 * 1024,
  batchEntries: 1024,
  waitingBytes: 32 * 1024 * 1024,
  laterMs: 100,
  backoffMs: [50, 1000],
};

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once after so many milliseconds. Returns how to call it off. */
  after(ms: number, run: () => void): () => void;
}

/** What a journal has to tell beside its answers. */
export type JournalEvent =
  /** Bytes of a batch that no one was told of were cut off at the start. */
  | { kind: 'tail_cut'; bytes: number }
  | { kind: 'unavailable'; error: JournalUnavailable; refused: number }
  | { kind: 'available' }
  /** Later entries that found no room in memory while the disk was away. */
  | { kind: 'later_lost'; count: number }
  /** Tidying up failed; nothing depends on it. */
  | { kind: 'untidy'; cause: unknown };

/** What a journal with payloads needs: who may read them, and randomness for data keys. */
export interface Sealing {
  /** Seals a segment's data key, bound to `context`, to whoever may read the payloads. */
  sealDataKey(dataKey: Uint8Array, context: Uint8Array): Promise<SealedDataKey>;
  random(length: number): Uint8Array;
}

/** Without `sealDataKey` the journal takes entries without payload only. */
export type JournalOptions = CommonOptions & (Sealing | { [K in keyof Sealing]?: never });

interface CommonOptions {
  storage: Storage;
  /** The log's name: a URL without scheme, no spaces, no `+`. */
  origin: string;
  limits?: Partial<JournalLimits>;
  clock: Clock;
  report(event: JournalEvent): void;
  /** Entries before this index are not read at the start, only when they are asked for (they were acknowledged). */
  verifyFrom?: number;
}

export interface JournalStatus {
  /** Index of the next entry: all before it are durable. */
  next: number;
  /** Why the last batch was refused; null when it was written. */
  unavailable: JournalUnavailable | null;
  laterWaiting: number;
  laterFailures: number;
  laterLost: number;
}
