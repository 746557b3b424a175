import type { LiveConnection } from '../crossing.ts';
import { type GatewayLog, traceOf } from '../log.ts';
import { Refusal } from '../refusal/index.ts';
import type { LiveText } from '../scan/index.ts';
import { type Entry, EntryKeys, HistoryDamaged, type KeptEntry } from './entry.ts';
import { type Covers, MOST_COVERS } from './line.ts';
import { type SegmentOptions, Segments, type Swept } from './segments.ts';

/** How much of what the vendors keep is kept here at most, by one gateway. */
export interface HistoryBounds {
  /** One for each id, and one for each time that something was added to it since it was written anew. */
  records: number;
  bytes: number;
}

/** `directory`: all workers of a gateway have the same. It is made when the first entry is written. */
export interface HistoryOptions extends SegmentOptions {
  /** The gateway's disk key, 32 bytes. */
  diskKey: Uint8Array;
  log: GatewayLog;
  bounds?: HistoryBounds;
}

/** So many records take 50 MB of each worker's memory, and 80 MB on the disk where each has five tokens. */
export const defaultBounds: HistoryBounds = { records: 200_000, bytes: 1024 * 1024 * 1024 };

const SWEEP_MS = 3_600_000;
const EXTEND_MS = 86_400_000;
/** An entry of more records is written anew, so that what is added to thousands of times is read as quickly as before. */
const MOST_RECORDS = 64;
/** Behind so many new entries, as a share of the bound, it is swept before its time. */
const SWEEP_SHARE = 0.05;

/** The table of what was put in for ids that vendors gave, sealed, on this gateway's disk. */
export class HistoryShelf {
  readonly #options: HistoryOptions;
  readonly #segments: Segments;
  readonly #bounds: HistoryBounds;
  readonly #keys = new WeakMap<LiveText, Map<string, EntryKeys>>();
  readonly #timer: NodeJS.Timeout;
  #written = 0;
  #sweeping: Promise<Swept | null> | null = null;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#segments = new Segments(options);
    this.#bounds = options.bounds ?? defaultBounds;
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
    void this.sweep();
  }

  /** The keys of an app's entries; a connection whose contract makes tokens has what they are made of. */
  keysOf({ config, text }: LiveConnection, app: string): EntryKeys {
    if (text === null) throw new TypeError('a contract that makes tokens has no vendor secret');
    let apps = this.#keys.get(text);
    if (apps === undefined) {
      apps = new Map();
      this.#keys.set(text, apps);
    }
    let keys = apps.get(app);
    if (keys === undefined) {
      keys = new EntryKeys(this.#options.diskKey, text.vendorSecret, config.id, app);
      apps.set(app, keys);
    }
    return keys;
  }

  /** Null: there is none, or it can't be opened, which is logged. Throws Refusal `history_unavailable`. */
  async read(keys: EntryKeys, name: string): Promise<KeptEntry | null> {
    try {
      const found = await this.#segments.read(name);
      if (found === null) return null;
      const { lines, covers } = found;
      return { ...keys.open(lines), records: lines.length, covers };
    } catch (cause) {
      if (!(cause instanceof HistoryDamaged)) throw unavailable(cause);
      this.#options.log.error(
        { event: 'history_damaged', entry: name, ...traceOf(cause) },
        'an entry of kept history can not be opened; what names it is refused',
      );
      return null;
    }
  }

  /** Adds to an entry that is there, on the disk when it returns. Throws Refusal `history_unavailable`. */
  async add(keys: EntryKeys, name: string, entry: Entry, before: KeptEntry, keptMs: number): Promise<void> {
    // It ends no sooner than what it is added to: a part that is gone would not be missed.
    const until = Math.max(this.#options.clock() + keptMs, before.until);
    const line = keys.seal({ name, until, isWhole: false, covers: null }, entry, this.#options.random(12));
    try {
      await this.#segments.append(line);
    } catch (cause) {
      throw unavailable(cause);
    }
    this.#count(line.record.length);
  }

  /** At once. False: it could not be kept, which is logged; requests that name it are refused. */
  addNow(keys: EntryKeys, name: string, entry: Entry, keptMs: number): boolean {
    return (
      (entry.tokens.size === 0 && this.#segments.has(name)) ||
      this.#put(keys, name, entry, this.#options.clock() + keptMs, null)
    );
  }

  #put(keys: EntryKeys, name: string, entry: Entry, until: number, covers: Covers | null): boolean {
    const line = keys.seal({ name, until, isWhole: true, covers }, entry, this.#options.random(12));
    try {
      this.#segments.appendNow(line);
    } catch (cause) {
      this.#options.log.error(
        { event: 'history_not_kept', ...traceOf(cause) },
        'what an answer gave an id to could not be kept; requests that go on from it are refused',
      );
      return false;
    }
    this.#count(line.record.length);
    return true;
  }

  /** What is used is kept for longer: written anew, once a day at most, or where it lies in many records. */
  extend(keys: EntryKeys, entries: ReadonlyMap<string, KeptEntry>, keptMs: number): void {
    const until = this.#options.clock() + keptMs;
    for (const [name, entry] of entries) {
      // Of several that found it so at once, one is enough.
      const isLong = entry.records > MOST_RECORDS && this.#segments.recordsOf(name) > MOST_RECORDS;
      if (entry.wholeUntil + EXTEND_MS > until && !isLong) continue;
      const covers = new Map([...entry.covers].slice(0, MOST_COVERS));
      this.#put(keys, name, entry, Math.max(until, entry.until), covers);
    }
  }

  /** What was found and left; null: it failed, which is logged. One at a time. */
  sweep(): Promise<Swept | null> {
    const { log } = this.#options;
    this.#written = 0;
    this.#sweeping ??= this.#segments
      .sweep(this.#bounds)
      .then((swept) => {
        if (swept.segments > 0) {
          log.info({ event: 'history_swept', ...swept }, 'the oldest of kept history was taken away');
        }
        return swept;
      })
      .catch((cause: unknown) => {
        log.error({ event: 'history_not_swept', ...traceOf(cause) }, 'kept history could not be tidied up');
        return null;
      })
      .finally(() => {
        this.#sweeping = null;
      });
    return this.#sweeping;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
    await this.#segments.close();
  }

  #count(bytes: number): void {
    this.#written += Math.max(1 / this.#bounds.records, bytes / this.#bounds.bytes);
    if (this.#written > SWEEP_SHARE) void this.sweep();
  }
}

function unavailable(cause: unknown): Refusal {
  return new Refusal(
    'history_unavailable',
    'minimise',
    "The gateway's disk did not give or take what it keeps of this history, so the request was not sent. Its log says more.",
    { cause },
  );
}
