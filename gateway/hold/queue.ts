import { decodeShipment, type Journal, openPayload, type SegmentHeader } from '@drawbridge/journal';
import { decodeStored, encodeStored, type HeldHead, readMark, type Stored, writeMark } from './stored.ts';

/** What became of a kept request. */
export type Done = 'sent' | 'rejected' | 'refused' | 'expired' | 'lost' | 'damaged';

/** More would lie there than the route lets. */
export class HoldFull extends Error {
  readonly code = 'hold_full';
  constructor() {
    super('No more is kept for this connection: what lies there already has the size that the route sets.');
    this.name = 'HoldFull';
  }
}

export interface Taken {
  index: number;
  head: HeldHead;
  /** Null: its bytes can't be read. */
  stored: Stored | null;
  /** It was on its way when the process ended, and must not go out twice. */
  wasSending: boolean;
}

/** Opens the data key of a segment. */
export type OpenDataKey = (header: SegmentHeader) => Promise<Uint8Array>;

const READ_BYTES = 1024 * 1024;
/** Finished entries after which the segments before them are looked at. */
const TIDY_EVERY = 500;

/**
 * What waits for one connection, in its order: a journal of requests and of marks that say what became of them. What is
 * taken out and not marked comes again after a restart.
 */
export class HoldQueue {
  readonly #journal: Journal;
  readonly #openKey: OpenDataKey;
  /** Finished, at or above `#low`. */
  readonly #done = new Set<number>();
  readonly #sending = new Set<number>();
  readonly #sizes = new Map<number, number>();
  #ahead: Taken[] = [];
  #reading: Promise<void> | null = null;
  #cursor: number;
  #low: number;
  #since = 0;
  #bytes = 0;
  #reserved = 0;
  #key: { segment: number; key: Promise<Uint8Array> } | null = null;
  readonly counts = new Map<Done, number>();

  private constructor(journal: Journal, openKey: OpenDataKey, first: number) {
    this.#journal = journal;
    this.#openKey = openKey;
    this.#cursor = first;
    this.#low = first;
  }

  /** Reads what lies there. Throws what the journal throws. */
  static async open(journal: Journal, openKey: OpenDataKey): Promise<HoldQueue> {
    const first = journal.segments()[0]?.first ?? journal.status().next;
    const queue = new HoldQueue(journal, openKey, first);
    for (let at = first; ; ) {
      const read = await journal.readEntries(at, READ_BYTES);
      if (read === null) break;
      for (const [offset, entry] of read.entries.entries()) queue.#recover(at + offset, entry);
      at = read.next;
    }
    queue.#advance();
    // Told before whoever appended goes on: nobody reads an entry that is not counted yet.
    journal.onDurable((next, entries) => {
      for (const [at, { entry }] of entries.entries()) queue.#count(next - entries.length + at, entry);
    });
    return queue;
  }

  /** How many wait. */
  get pending(): number {
    return this.#sizes.size;
  }

  /** Bytes of those that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves once it is durable. Throws HoldFull, JournalUnavailable or EntryTooLarge; then it is not there. */
  async put(route: string, at: number, stored: Stored, most: number): Promise<void> {
    const payload = encodeStored(stored);
    if (this.#bytes + this.#reserved + payload.length > most) throw new HoldFull();
    this.#reserved += payload.length;
    try {
      const head: HeldHead = { v: 1, k: 'held', route, at, bytes: payload.length };
      await this.#journal.append(writeMark(head), payload);
    } finally {
      this.#reserved -= payload.length;
    }
  }

  /** The next that nobody took yet, in the order in which they came; null: there is none now. */
  async take(): Promise<Taken | null> {
    while (this.#ahead.length === 0 && this.#cursor < this.#journal.status().next) {
      this.#reading ??= this.#readOn().finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
    return this.#ahead.shift() ?? null;
  }

  /** Durable when it resolves: from here on it is known that the request may have gone out. */
  async sending(index: number): Promise<void> {
    await this.#journal.append(writeMark({ v: 1, k: 'sending', i: index }), null);
  }

  /** It need not be kept any longer. A crash may forget that: then it is taken again. */
  done(index: number, how: Done): void {
    this.#journal.appendLater(writeMark({ v: 1, k: 'done', i: index, how }));
    this.counts.set(how, (this.counts.get(how) ?? 0) + 1);
    this.#finish(index);
    this.#advance();
    this.#since += 1;
    if (this.#since >= TIDY_EVERY || this.pending === 0) void this.tidy();
  }

  /** Gives the disk back what lies before the first that waits. */
  async tidy(): Promise<void> {
    this.#since = 0;
    try {
      await this.#journal.closeOldSegment();
      await this.#journal.removeBefore(this.#low);
    } catch {
      // It is tried again with the next one that is done; nothing depends on it.
    }
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  #count(index: number, entry: Uint8Array): void {
    const mark = readMark(entry);
    if (mark.k !== 'held') return;
    this.#sizes.set(index, mark.bytes);
    this.#bytes += mark.bytes;
  }

  #recover(index: number, entry: Uint8Array): void {
    const mark = readMark(entry);
    if (mark.k === 'held') {
      this.#sizes.set(index, mark.bytes);
      this.#bytes += mark.bytes;
    } else if (mark.k === 'sending') this.#sending.add(mark.i);
    else this.#finish(mark.i);
  }

  #finish(index: number): void {
    const size = this.#sizes.get(index);
    if (size === undefined) return;
    this.#sizes.delete(index);
    this.#bytes -= size;
    this.#done.add(index);
    this.#sending.delete(index);
  }

  /** Moves on to the first that waits. Maps keep their order, so it is the first of them. */
  #advance(): void {
    const [first] = this.#sizes.keys();
    const low = first ?? this.#journal.status().next;
    if (low === this.#low) return;
    this.#low = low;
    for (const index of this.#done) if (index < low) this.#done.delete(index);
  }

  async #readOn(): Promise<void> {
    this.#cursor = Math.max(this.#cursor, this.#low);
    const batch = await this.#journal.readBatch(this.#cursor, READ_BYTES);
    if (batch === null) {
      this.#cursor = this.#journal.status().next;
      return;
    }
    const { header, entries } = decodeShipment(batch.bytes);
    for (const { index, entry, payload } of entries) {
      if (!this.#sizes.has(index)) continue;
      const head = readMark(entry);
      if (head.k !== 'held') continue;
      const stored = payload === null ? null : await this.#open(header, index, payload);
      this.#ahead.push({ index, head, stored, wasSending: this.#sending.has(index) });
    }
    this.#cursor = batch.next;
  }

  async #open(header: SegmentHeader, index: number, payload: Buffer): Promise<Stored | null> {
    if (this.#key?.segment !== header.segment)
      this.#key = { segment: header.segment, key: this.#openKey(header) };
    const key = await this.#key.key;
    try {
      return decodeStored(openPayload(key, header.origin, index, payload));
    } catch {
      // Told by whoever takes it: what can't be read can't be sent either.
      return null;
    }
  }
}
