import type { LiveConnection } from '../crossing.ts';
import { type GatewayLog, traceOf } from '../log.ts';
import { Refusal } from '../refusal/index.ts';
import type { LiveText } from '../scan/index.ts';
import { type Entry, EntryKeys, HistoryDamaged } from './entry.ts';
import { type HistoryFiles, historyFiles } from './files.ts';
import { type HistoryBounds, type Swept, sweep } from './sweep.ts';

export interface HistoryOptions {
  /** Where the entries lie; all workers of a gateway have the same. It is made when the first is written. */
  directory: string;
  /** The gateway's disk key, 32 bytes. */
  diskKey: Uint8Array;
  /** Milliseconds since 1970. */
  clock: () => number;
  random: (bytes: number) => Uint8Array;
  log: GatewayLog;
  bounds?: HistoryBounds;
  /** Left out: files in `directory`. */
  files?: HistoryFiles;
}

/** 200,000 entries take 800 MB where a file takes 4 KB. */
export const defaultBounds: HistoryBounds = { entries: 200_000, bytes: 1024 * 1024 * 1024 };

const SWEEP_MS = 3_600_000;
/** Behind so many new entries, as a share of the bound, it is swept before its time. */
const SWEEP_SHARE = 0.05;

/** The table of what was put in for ids that vendors gave, sealed, on this gateway's disk. */
export class HistoryShelf {
  readonly #options: HistoryOptions;
  readonly #files: HistoryFiles;
  readonly #bounds: HistoryBounds;
  readonly #keys = new WeakMap<LiveText, Map<string, EntryKeys>>();
  readonly #timer: NodeJS.Timeout;
  #written = 0;
  #sweeping: Promise<Swept | null> | null = null;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#files = options.files ?? historyFiles(options.directory, options.clock);
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
  async read(keys: EntryKeys, name: string): Promise<Entry | null> {
    try {
      const bytes = await this.#files.read(name);
      return bytes === null ? null : keys.open(name, bytes);
    } catch (cause) {
      if (!(cause instanceof HistoryDamaged)) throw unavailable(cause);
      this.#options.log.error(
        { event: 'history_damaged', entry: name, ...traceOf(cause) },
        'an entry of kept history can not be opened; what names it is refused',
      );
      return null;
    }
  }

  /** On the disk when it returns. Throws Refusal `history_unavailable`. */
  async add(keys: EntryKeys, name: string, entry: Entry, keptMs: number): Promise<void> {
    const record = keys.seal(name, entry, this.#options.random(12));
    try {
      await this.#files.append(name, record, this.#options.clock() + keptMs);
    } catch (cause) {
      throw unavailable(cause);
    }
    this.#count(record.length);
  }

  /** At once. False: it could not be kept, which is logged; requests that name it are refused. */
  addNow(keys: EntryKeys, name: string, entry: Entry, keptMs: number): boolean {
    const record = keys.seal(name, entry, this.#options.random(12));
    try {
      this.#files.appendNow(name, record, this.#options.clock() + keptMs, entry.tokens.size === 0);
    } catch (cause) {
      this.#options.log.error(
        { event: 'history_not_kept', ...traceOf(cause) },
        'what an answer gave an id to could not be kept; requests that go on from it are refused',
      );
      return false;
    }
    this.#count(record.length);
    return true;
  }

  /** What is used is kept for longer. Nobody waits for it. */
  extend(names: readonly string[], keptMs: number): void {
    const until = this.#options.clock() + keptMs;
    const all = async (): Promise<void> => {
      for (const name of names) await this.#files.extend(name, until);
    };
    all().catch((cause: unknown) => {
      this.#options.log.warn(
        { event: 'history_not_extended', ...traceOf(cause) },
        'entries of kept history end when they would have',
      );
    });
  }

  /** What was found and left; null: it failed, which is logged. One at a time. */
  sweep(): Promise<Swept | null> {
    const { directory, clock, log } = this.#options;
    this.#written = 0;
    this.#sweeping ??= sweep(directory, clock(), this.#bounds)
      .then((swept) => {
        if (swept.ended + swept.crowded > 0) {
          log.info({ event: 'history_swept', ...swept }, 'entries of kept history were taken away');
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
  }

  /** A file takes a block, however small. */
  #count(bytes: number): void {
    const share = Math.max(1 / this.#bounds.entries, Math.max(4096, bytes) / this.#bounds.bytes);
    this.#written += share;
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
