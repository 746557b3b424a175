import { type Bytes, frameBytes, WITHOUT_PAYLOADS } from './batch.ts';
import { EntryTooLarge, JournalUnavailable } from './errors.ts';
import { ENTRY_LIMIT, PAYLOAD_LIMIT } from './frames.ts';
import { isOrigin } from './header.ts';
import { defaultLimits, type JournalLimits, type JournalOptions, type JournalStatus } from './options.ts';
import { type Batch, BatchReader } from './reader.ts';
import { recover, type Segment, verifySegment } from './recover.ts';
import { removeUpTo } from './segment.ts';
import { decodeBatch } from './shipment.ts';
import { stripPayloads } from './strip.ts';
import { SegmentWriter, type WriterDeps } from './writer.ts';

interface Waiting extends Bytes {
  resolve(written: { index: number }): void;
  reject(error: JournalUnavailable): void;
}

type DurableListener = (next: number, entries: readonly { readonly entry: Uint8Array }[]) => void;

/** Opens a directory's journal, or begins one. Throws JournalLocked, JournalCorrupt, or what the storage throws. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { storage, origin, report } = options;
  if (!isOrigin(origin)) {
    throw new TypeError(
      `"${origin.slice(0, 80)}" can't name a log: use a URL without scheme, spaces and "+".`,
    );
  }
  const release = await storage.lock();
  try {
    const recovered = await recover(storage, origin, options.verifyFrom ?? 0);
    if (recovered.cut > 0) report({ kind: 'tail_cut', bytes: recovered.cut });
    return new Journal(options, recovered, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** An append-only log on disk: entries kept verbatim, with payloads that can be deleted apart from them. */
export class Journal {
  readonly origin: string;
  readonly #options: JournalOptions;
  readonly #limits: JournalLimits;
  readonly #writerDeps: WriterDeps;
  readonly #reader: BatchReader;
  readonly #release: () => Promise<void>;
  readonly #listeners = new Set<DurableListener>();
  readonly #segments: Segment[];
  #next: number;
  #nextNumber: number;
  #writer: SegmentWriter | null = null;

  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #later: Bytes[] = [];
  #laterBytes = 0;
  #laterFailures = 0;
  #laterLost = 0;
  #isLaterDue = false;
  #cancelLater: (() => void) | null = null;
  #running: Promise<void> | null = null;
  #failures = 0;
  #unavailable: JournalUnavailable | null = null;
  #retryAt = 0;
  #isClosed = false;
  #files: Promise<unknown> = Promise.resolve();

  constructor(
    options: JournalOptions,
    recovered: { segments: Segment[]; next: number; nextNumber: number },
    release: () => Promise<void>,
  ) {
    this.origin = options.origin;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const { storage, origin, clock, report } = options;
    const untidy = (cause: unknown) => report({ kind: 'untidy', cause });
    const sealing = options.sealDataKey ? options : null;
    this.#writerDeps = { storage, origin, sealing, now: () => clock.now(), untidy };
    this.#reader = new BatchReader(storage, origin);
    this.#segments = recovered.segments;
    this.#next = recovered.next;
    this.#nextNumber = recovered.nextNumber;
    this.#release = release;
  }

  /**
   * Adds an entry (at most 65,535 bytes) with a payload (at most 8 MiB) or none. Resolves once both are durable;
   * rejects with JournalUnavailable (it will not become durable) or EntryTooLarge. The bytes must not change until then.
   */
  append(entry: Uint8Array, payload: Uint8Array | null): Promise<{ index: number }> {
    return new Promise((resolve, reject) => {
      const refused = this.#refusalOf({ entry, payload });
      if (refused) {
        reject(refused);
        return;
      }
      this.#waiting.push({ entry, payload, resolve, reject });
      this.#waitingBytes += entry.length + (payload?.length ?? 0);
      this.#run();
    });
  }

  /**
   * Adds an entry when it suits: with the next batch, or within `laterMs`. It is written again after a failure, and
   * lost only when the process ends first, or the disk is away for so long that memory fills up (reported).
   */
  appendLater(entry: Uint8Array): void {
    if (entry.length > ENTRY_LIMIT) throw new EntryTooLarge('entry', entry.length, ENTRY_LIMIT);
    if (this.#isClosed || this.#laterBytes + entry.length > this.#limits.waitingBytes) {
      this.#loseLater(1);
      return;
    }
    this.#later.push({ entry, payload: null });
    this.#laterBytes += entry.length;
    if (this.#later.length >= this.#limits.batchEntries) this.#flushLater();
    else this.#armLater(this.#limits.laterMs);
  }

  /** Resolves when all that was handed in so far is durable or was refused. Throws when later entries still wait. */
  async flush(): Promise<void> {
    this.#flushLater();
    await this.#idle();
    if (this.#later.length > 0 && this.#unavailable) throw this.#unavailable;
  }

  /** Durable entries from `from` on, of one segment: about `maxBytes`, at least one. Null when there is none. */
  readBatch(from: number, maxBytes: number): Promise<Batch | null> {
    return this.#withFiles(async () => {
      const segment = this.#segments.findLast(({ first }) => first <= from);
      if (!segment || from >= segment.end) return null;
      return this.#reader.read(segment, from, maxBytes);
    });
  }

  /** Durable entries from `from` on, without payloads: about `maxBytes`, at least one. Null when there is none. */
  async readEntries(from: number, maxBytes: number): Promise<{ entries: Buffer[]; next: number } | null> {
    const batch = await this.readBatch(from, maxBytes);
    if (!batch) return null;
    const { entries } = decodeBatch(batch.bytes, Number.POSITIVE_INFINITY);
    return { entries: entries.map(({ entry }) => entry), next: batch.next };
  }

  /** The segments that hold entries, oldest first; the last may be the one being written (`isOpen`). */
  segments(): (Segment & { isOpen: boolean })[] {
    return this.#segments.map((segment) => ({ ...segment, isOpen: segment.number === this.#writer?.number }));
  }

  /** Deletes a closed segment's payloads; its entries stay as they are. Throws JournalCorrupt. */
  stripPayloads(number: number): Promise<void> {
    return this.#withFiles(async () => {
      const at = this.#segments.findIndex((segment) => segment.number === number);
      const segment = this.#segments[at];
      if (!segment || segment.number === this.#writer?.number) {
        throw new RangeError(`Segment ${number} is not one that was closed.`);
      }
      this.#segments[at] = await stripPayloads(this.#options.storage, segment, this.origin);
      this.#reader.forget();
    });
  }

  /**
   * Removes closed segments that hold no entry from `index` on: their entries are durable elsewhere. Oldest first, and
   * each durably before the next, so that after a crash in any step what is left has no gap. The last segment stays: it
   * says where counting goes on.
   */
  removeBefore(index: number): Promise<void> {
    return this.#withFiles(async () => {
      for (;;) {
        const [oldest, next] = this.#segments;
        if (!oldest || !next || oldest.end > index) return;
        await removeUpTo(this.#options.storage, oldest.number);
        this.#segments.shift();
        this.#reader.forget();
      }
    });
  }

  /** Reads every segment whole. Throws JournalCorrupt. */
  verify(): Promise<void> {
    return this.#withFiles(async () => {
      for (const segment of this.#segments) await verifySegment(this.#options.storage, segment, this.origin);
    });
  }

  /** Closes the open segment if it is old enough, also when nothing is appended. */
  async closeOldSegment(): Promise<void> {
    await this.#idle();
    if (this.#writer && this.#isDone(this.#writer)) this.#start(() => this.#endSegment());
    await this.#idle();
  }

  /**
   * Calls back when entries became durable, with the next index and with them: their bytes may change as soon as the
   * listener returned. It comes before those who appended go on. Returns how to stop that.
   */
  onDurable(listener: DurableListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): JournalStatus {
    return {
      next: this.#next,
      unavailable: this.#unavailable,
      laterWaiting: this.#later.length,
      laterFailures: this.#laterFailures,
      laterLost: this.#laterLost,
    };
  }

  /** Writes what waits, closes the segment and gives the directory back. Later appends are refused. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#flushLater();
    await this.#idle();
    this.#cancelLater?.();
    this.#loseLater(this.#later.length);
    await this.#writer?.close(this.#next);
    this.#writer = null;
    await this.#files;
    await this.#release();
  }

  #refusalOf({ entry, payload }: Bytes): Error | null {
    if (entry.length > ENTRY_LIMIT) return new EntryTooLarge('entry', entry.length, ENTRY_LIMIT);
    if (payload && payload.length > PAYLOAD_LIMIT) {
      return new EntryTooLarge('payload', payload.length, PAYLOAD_LIMIT);
    }
    if (payload && !this.#writerDeps.sealing) return new TypeError(WITHOUT_PAYLOADS);
    if (this.#isClosed) return new JournalUnavailable('closed', 'The journal was closed.');
    if (this.#waitingBytes > this.#limits.waitingBytes) {
      return new JournalUnavailable(
        'overloaded',
        'More waits to be written than the journal holds in memory.',
      );
    }
    return this.#isBackingOff() ? this.#unavailable : null;
  }

  #isBackingOff(): boolean {
    if (this.#unavailable === null) return false;
    const left = this.#retryAt - this.#options.clock.now();
    // A clock that was set back must not make the pause longer.
    return left > 0 && left <= this.#limits.backoffMs[1];
  }

  #flushLater(): void {
    if (this.#later.length === 0 || this.#isBackingOff()) return;
    this.#isLaterDue = true;
    this.#run();
  }

  #armLater(ms: number): void {
    this.#cancelLater ??= this.#options.clock.after(ms, () => {
      this.#cancelLater = null;
      this.#isLaterDue = true;
      this.#run();
    });
  }

  #loseLater(count: number): void {
    if (count === 0) return;
    this.#laterLost += count;
    this.#options.report({ kind: 'later_lost', count });
  }

  /** The next batch starts when the last one returned; what came meanwhile goes together. */
  #run(): void {
    if (!this.#running) this.#start(() => this.#writeAll());
  }

  #start(work: () => Promise<void>): void {
    this.#running = work().finally(() => {
      this.#running = null;
      if (this.#isWorkWaiting()) this.#run();
    });
  }

  async #idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #isWorkWaiting(): boolean {
    return this.#waiting.length > 0 || (this.#isLaterDue && this.#later.length > 0);
  }

  async #writeAll(): Promise<void> {
    while (this.#isWorkWaiting() && !this.#isBackingOff()) await this.#writeBatch();
    this.#isLaterDue = false;
    this.#refuseWaiting();
    if (this.#later.length > 0) this.#armLater(Math.max(1, this.#retryAt - this.#options.clock.now()));
  }

  async #writeBatch(): Promise<void> {
    const first = this.#next;
    const batch = this.#takeBatch();
    const later = this.#takeLater(batch);
    const all = [...batch, ...later];
    try {
      const writer = await this.#writerFor(first);
      await writer.write(first, all);
      this.#wrote(writer, first + all.length);
    } catch (cause) {
      this.#failed(asUnavailable(cause), batch, later);
      return;
    }
    for (const [at, { resolve }] of batch.entries()) resolve({ index: first + at });
    for (const listener of this.#listeners) listener(this.#next, all);
  }

  #takeBatch(): Waiting[] {
    const { batchBytes, batchEntries } = this.#limits;
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      bytes += frameBytes(waiting);
      if (count > 0 && (bytes > batchBytes || count >= batchEntries)) break;
      count++;
    }
    const batch = this.#waiting.splice(0, count);
    for (const { entry, payload } of batch) this.#waitingBytes -= entry.length + (payload?.length ?? 0);
    return batch;
  }

  #takeLater(batch: readonly Waiting[]): Bytes[] {
    const later = this.#later.splice(0, Math.max(0, this.#limits.batchEntries - batch.length));
    for (const { entry } of later) this.#laterBytes -= entry.length;
    return later;
  }

  async #writerFor(first: number): Promise<SegmentWriter> {
    if (this.#writer && this.#isDone(this.#writer)) await this.#endSegment();
    this.#writer ??= await SegmentWriter.begin(this.#writerDeps, this.#nextNumber++, first);
    return this.#writer;
  }

  #isDone(writer: SegmentWriter): boolean {
    // Also of a segment whose making a clock that was set back has moved into the future.
    const age = Math.abs(this.#options.clock.now() - writer.madeAt);
    return !writer.usable || writer.size >= this.#limits.segmentBytes || age >= this.#limits.segmentAgeMs;
  }

  async #endSegment(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.close(null);
  }

  #wrote(writer: SegmentWriter, next: number): void {
    const last = this.#segments.at(-1);
    if (last?.number === writer.number) {
      last.end = next;
    } else {
      const { number, first, name } = writer;
      this.#segments.push({ number, first, name, stripped: false, end: next });
    }
    this.#next = next;
    this.#failures = 0;
    if (!this.#unavailable) return;
    this.#unavailable = null;
    this.#options.report({ kind: 'available' });
  }

  #failed(error: JournalUnavailable, batch: readonly Waiting[], later: readonly Bytes[]): void {
    if (this.#writer && !this.#writer.usable) this.#writer = null;
    const [least, most] = this.#limits.backoffMs;
    // The first failure is tried again at once: a new segment may do.
    const wait = this.#failures === 0 ? 0 : Math.min(most, least * 2 ** (this.#failures - 1));
    this.#failures++;
    this.#retryAt = this.#options.clock.now() + wait;
    this.#unavailable = error;
    this.#later.unshift(...later);
    for (const { entry } of later) this.#laterBytes += entry.length;
    if (later.length > 0) this.#laterFailures++;
    for (const { reject } of batch) reject(error);
    this.#options.report({ kind: 'unavailable', error, refused: batch.length });
  }

  #refuseWaiting(): void {
    const error = this.#unavailable;
    if (!error) return;
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** One at a time, so that no segment is rewritten while it is read. */
  #withFiles<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#files.then(work);
    this.#files = done.catch(() => undefined);
    return done;
  }
}

function asUnavailable(cause: unknown): JournalUnavailable {
  if (cause instanceof JournalUnavailable) return cause;
  return new JournalUnavailable('write_failed', 'The batch could not be written.', cause);
}
