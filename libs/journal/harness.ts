import { createHash } from 'node:crypto';
import { type Fault, ForgetfulStorage, type Operation } from './forgetful.ts';
import {
  type Clock,
  decodeShipment,
  type Journal,
  type JournalEvent,
  type JournalLimits,
  openJournal,
  openPayload,
  type Storage,
} from './index.ts';

/** What the journal's tests share: a clock that is moved by hand, keys that are known, a reader of everything. */
export const ORIGIN = 'gateway.example.test/journal/1';
export const SMALL: Partial<JournalLimits> = { segmentBytes: 4000, batchBytes: 1500, batchEntries: 6 };

export class HandClock implements Clock {
  #now = 1_700_000_000_000;
  #alarms: { at: number; run: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  after(ms: number, run: () => void): () => void {
    const alarm = { at: this.#now + ms, run };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }
  /** Moves on and rings what is due. */
  move(ms: number): void {
    this.#now += ms;
    const due = this.#alarms.filter(({ at }) => at <= this.#now);
    this.#alarms = this.#alarms.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A "sealed" data key that the tests can open again: it stands there as it is. */
export function plainSeal(dataKey: Uint8Array): Promise<{ enc: string; ct: string }> {
  return Promise.resolve({ enc: 'test', ct: Buffer.from(dataKey).toString('base64url') });
}

let keysMade = 0;
export function testRandom(length: number): Uint8Array {
  const digest = createHash('sha512').update(String(keysMade++)).digest();
  return new Uint8Array(digest.subarray(0, length));
}

export function open(
  storage: Storage,
  more: {
    clock?: Clock;
    limits?: Partial<JournalLimits>;
    events?: JournalEvent[];
    sealDataKey?: typeof plainSeal;
    verifyFrom?: number;
  } = {},
): Promise<Journal> {
  return openJournal({
    storage,
    origin: ORIGIN,
    limits: { ...SMALL, ...more.limits },
    sealDataKey: more.sealDataKey ?? plainSeal,
    random: testRandom,
    clock: more.clock ?? new HandClock(),
    report: (event) => more.events?.push(event),
    verifyFrom: more.verifyFrom ?? 0,
  });
}

export function memory(fault?: (operation: Operation) => Fault | null, seed = 1): ForgetfulStorage {
  return new ForgetfulStorage({ random: seeded(seed), ...(fault ? { fault } : {}) });
}

export interface ReadEntry {
  index: number;
  entry: string;
  /** Opened; null when there is none or it was deleted. */
  payload: string | null;
  payloadDeleted: boolean;
}

/** Everything durable, read as a receiver would. */
export async function readAll(journal: Journal, maxBytes = 700): Promise<ReadEntry[]> {
  const found: ReadEntry[] = [];
  for (let next = journal.segments()[0]?.first ?? 0; ; ) {
    const batch = await journal.readBatch(next, maxBytes);
    if (!batch) return found;
    const { header, entries } = decodeShipment(batch.bytes);
    const dataKey = Buffer.from(header.sealed.ct, 'base64url');
    for (const { index, entry, payload, payloadDeleted } of entries) {
      const opened = payload ? openPayload(dataKey, header.origin, index, payload).toString() : null;
      found.push({ index, entry: entry.toString(), payload: opened, payloadDeleted });
    }
    next = batch.next;
  }
}
