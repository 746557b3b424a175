import type { Clock } from '@drawbridge/journal';
import { type OpenedCheckpoint, openCheckpoint, type Trust } from './checkpoint.ts';
import { TlogError, type TlogErrorCode } from './errors.ts';
import { type Fetch, fetchBundle, fetchFile, fetchPrunable, fetchTile } from './fetch.ts';
import { DRAFT, type ListedFile } from './files.ts';
import { HASH_BYTES, leafHash, sameHash } from './hash.ts';
import { NOTE_LIMIT } from './note.ts';
import { mayBePruned, PRUNED_FILE, PRUNED_LIMIT, type Pruning, parsePruned } from './pruned.ts';
import { TileRows } from './rows.ts';
import { type Bundle, bundlesOf, parsePath, TILE_WIDTH, type Tile, tilePath } from './tile.ts';

export interface FsckOptions extends Trust {
  fetch: Fetch;
  /** All files that are there. Without it (a URL), files that no checkpoint speaks of stay unseen. */
  list?: (() => AsyncIterable<ListedFile>) | undefined;
  /**
   * What the log's policy says, and not what is missing: full bundles before it may be gone. Their entries' hashes are
   * still checked up to the root. 0 unless told.
   */
  minimumIndex?: number | undefined;
  clock: Clock;
  limits?: Partial<FsckLimits>;
}

export interface FsckLimits {
  /** The most that is fetched, in bytes, and the longest that it takes, in milliseconds. Beyond that it gives up. */
  bytes: number;
  ms: number;
  /** The most files that are listed, and the most problems that are told; more are counted. */
  files: number;
  problems: number;
}

/** 10 million entries of 500 bytes, with room. */
const defaultLimits: FsckLimits = { bytes: 64 * 2 ** 30, ms: 3_600_000, files: 10_000_000, problems: 100 };

/**
 * Beside the codes of TlogError: `unreadable`: the place failed. `wrong_tile`: a tile is not what the entries hash to. `wrong_root`: the entries do not
 * have the signed root. `unknown_file`: not of a log. `unfinished_file`: what an interrupted write left.
 * `beyond_checkpoint`: no signed tree speaks of it yet.
 */
export type ProblemCode =
  | TlogErrorCode
  | 'unreadable'
  | 'wrong_tile'
  | 'wrong_root'
  | 'unknown_file'
  | 'unfinished_file'
  | 'beyond_checkpoint';

export interface Problem {
  code: ProblemCode;
  /** Of the file; null when it is the whole. */
  path: string | null;
  message: string;
}

export interface FsckReport {
  /** Every byte that is there, or that the checkpoint speaks of and no policy lets go, was accounted for. */
  ok: boolean;
  /** Null when there is none that can be trusted: then nothing else was looked at. */
  checkpoint: OpenedCheckpoint | null;
  /** What was read and compared. */
  checked: { entries: number; bundles: number; tiles: number; bytes: number; files: number | null };
  /** Entries that are gone, as the policy allows: only their hashes were looked at. */
  pruned: number;
  /** What the log's holder says of pruning, if the place can be listed. Nobody vouches for it. */
  stated: Pruning | null;
  problems: Problem[];
  /** Problems that are not in the list. */
  more: number;
  /** What this can't know, in sentences. */
  unknown: string[];
}

/**
 * Checks a whole log, believing only the keys: recomputes the root from the entries, compares every tile, and accounts
 * for every file. What is wrong is in the report; it rejects with nothing but what `list` rejects with.
 */
export async function fsck(options: FsckOptions): Promise<FsckReport> {
  const report: FsckReport = {
    ok: false,
    checkpoint: null,
    checked: { entries: 0, bundles: 0, tiles: 0, bytes: 0, files: null },
    pruned: 0,
    stated: null,
    problems: [],
    more: 0,
    unknown: unknowns(options),
  };
  const check = new Check(options, report);
  await check.run();
  report.ok = report.problems.length === 0;
  if (report.pruned > 0)
    report.unknown.unshift(
      `What ${report.pruned} entries below ${options.minimumIndex} said: they are pruned and were not looked at. Their hashes are in the signed tree.`,
    );
  return report;
}

function unknowns({ list, witnesses = [] }: FsckOptions): string[] {
  return [
    'Whether all that happened was logged, and whether what the entries say is true.',
    ...(witnesses.length > 0
      ? []
      : ['Whether others are shown the same tree: no witness was asked for. Compare the root with theirs.']),
    ...(list ? [] : ['Whether there are other files: the place gives no list of them.']),
  ];
}

/** Bundles and lowest tiles that are fetched ahead, so that reading and hashing go on side by side. */
const AHEAD = 4;

class Check {
  readonly #options: FsckOptions;
  readonly #limits: FsckLimits;
  readonly #report: FsckReport;
  readonly #endsAt: number;
  /** Tiles that the entries gave and that are not compared yet. */
  #due: { tile: Tile; bytes: Buffer }[] = [];

  constructor(options: FsckOptions, report: FsckReport) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#report = report;
    this.#endsAt = options.clock.now() + this.#limits.ms;
  }

  async run(): Promise<void> {
    const opened = await this.#attempt('checkpoint', () => this.#checkpoint());
    if (opened === null) return;
    this.#report.checkpoint = opened;
    const { size } = opened.checkpoint;
    await this.#attempt(null, () => this.#entries(opened));
    if (this.#options.list && !this.#hasGivenUp) await this.#attempt(null, () => this.#files(size));
  }

  async #checkpoint(): Promise<OpenedCheckpoint> {
    const note = await fetchFile(this.#fetch, 'checkpoint', NOTE_LIMIT);
    if (note === null) throw new TlogError('missing', 'There is no checkpoint.');
    return openCheckpoint(note, this.#options);
  }

  /** Hashes all entries anew. It ends, after telling of it, where neither a bundle nor its tile can be had. */
  async #entries({ checkpoint: { size, root } }: OpenedCheckpoint): Promise<void> {
    const { checked } = this.#report;
    const rows = new TileRows((tile, bytes) => this.#due.push({ tile, bytes }));
    for await (const { bundle, entries, tile } of this.#ahead(size)) {
      const hashes = entries === null ? tile : null;
      if (entries !== null) for (const entry of entries) rows.append(leafHash(entry));
      else if (hashes !== null)
        for (let at = 0; at < hashes.length; at += HASH_BYTES)
          rows.append(hashes.subarray(at, at + HASH_BYTES));
      else return;
      checked.entries += entries?.length ?? 0;
      if (entries !== null) checked.bundles++;
      if (bundle.width < TILE_WIDTH) this.#due.push(...rows.partials());
      for (const due of this.#due.splice(0))
        await this.#compare(due, due.tile.level === 0 ? tile : undefined);
    }
    if (size % TILE_WIDTH === 0) for (const due of rows.partials()) await this.#compare(due, undefined);
    if (!sameHash(rows.root(), root))
      this.#tell(
        'wrong_root',
        null,
        `The entries have the root ${rows.root().toString('base64')}; signed is ${root.toString('base64')}. An entry was changed, added, removed or moved, or the files are another log's.`,
      );
  }

  /** The bundles from left to right, each with the tile of its leaf hashes; null for what can't be had, which is told. */
  async *#ahead(size: number) {
    const waiting: Promise<{ bundle: Bundle; entries: Buffer[] | null; tile: Buffer | null }>[] = [];
    const start = async (bundle: Bundle) => {
      const [entries, tile] = await Promise.all([
        this.#attempt(null, () => this.#bundle(bundle)),
        this.#attempt(null, () => fetchTile(this.#fetch, { level: 0, ...bundle })),
      ]);
      return { bundle, entries, tile };
    };
    for (const bundle of bundlesOf(size)) {
      waiting.push(start(bundle));
      const first = waiting.length > AHEAD ? await waiting.shift() : undefined;
      if (first) yield first;
      if (this.#hasGivenUp) return;
    }
    for (const rest of waiting) yield await rest;
  }

  /** Null where it is pruned, which is counted. */
  async #bundle(bundle: Bundle): Promise<Buffer[] | null> {
    if (!mayBePruned(bundle, this.#options.minimumIndex ?? 0)) return fetchBundle(this.#fetch, bundle);
    const entries = await fetchPrunable(this.#fetch, bundle);
    if (entries === null) this.#report.pruned += TILE_WIDTH;
    return entries;
  }

  /** `fetched`: the tile if it was fetched before; null when that failed, which is told already. */
  async #compare({ tile, bytes }: { tile: Tile; bytes: Buffer }, fetched: Buffer | null | undefined) {
    const found =
      fetched === undefined ? await this.#attempt(null, () => fetchTile(this.#fetch, tile)) : fetched;
    if (found === null) return;
    this.#report.checked.tiles++;
    if (Buffer.compare(found, bytes) === 0) return;
    const path = tilePath(tile);
    this.#tell('wrong_tile', path, `${path} is not what the entries hash to.`);
  }

  async #files(size: number): Promise<void> {
    let files = 0;
    for await (const { path, kind } of this.#options.list?.() ?? []) {
      this.#expectTime();
      files++;
      if (files > this.#limits.files)
        throw new TlogError('gave_up', `There are more than ${this.#limits.files} files.`);
      await this.#attempt(path, () => this.#file(path, kind, size));
      if (this.#hasGivenUp) return;
    }
    this.#report.checked.files = files;
  }

  async #file(path: string, kind: ListedFile['kind'], size: number): Promise<void> {
    if (path === PRUNED_FILE) return this.#statement(kind);
    const known = parsePath(path);
    if (known === null) {
      const whole = path.endsWith(DRAFT) ? path.slice(0, -DRAFT.length) : '';
      const isDraft = whole === PRUNED_FILE || parsePath(whole) !== null;
      if (isDraft)
        this.#tell('unfinished_file', path, `${path} is what an interrupted write left: no part of the log.`);
      else this.#tell('unknown_file', path, `${path} is no file of a log.`);
      return;
    }
    if (kind === 'other') throw new TlogError('not_a_file', `${path} is no plain file.`);
    if (known.kind === 'checkpoint') return;
    const place = known.kind === 'tile' ? known.tile : { level: 0, ...known.bundle };
    const { level, index, width } = place;
    if ((index * TILE_WIDTH + width) * TILE_WIDTH ** level > size) {
      this.#tell('beyond_checkpoint', path, `${path} is not in the signed tree of ${size} entries.`);
      return;
    }
    if (width < TILE_WIDTH) await this.#older(path, known.kind, place, size);
  }

  async #statement(kind: ListedFile['kind']): Promise<void> {
    if (kind === 'other') throw new TlogError('not_a_file', `${PRUNED_FILE} is no plain file.`);
    const bytes = await fetchFile(this.#fetch, PRUNED_FILE, PRUNED_LIMIT);
    this.#report.stated = parsePruned(bytes ?? '');
  }

  /**
   * A partial file of an earlier checkpoint: it has to begin what has taken its place; entries by their hashes, as they
   * themselves may be gone.
   */
  async #older(path: string, kind: 'tile' | 'entries', place: Tile, size: number): Promise<void> {
    const hashes = Math.floor(size / TILE_WIDTH ** place.level) - place.index * TILE_WIDTH;
    const now = { ...place, width: Math.min(TILE_WIDTH, hashes) };
    // That one itself was compared before.
    if (now.width === place.width) return;
    const begins =
      kind === 'tile'
        ? await fetchTile(this.#fetch, place)
        : Buffer.concat((await fetchBundle(this.#fetch, place)).map(leafHash));
    if (!isPrefix(begins, await fetchTile(this.#fetch, now)))
      this.#tell('wrong_tile', path, `${path} is not the beginning of what is there now.`);
  }

  readonly #fetch: Fetch = async (path, limit) => {
    this.#expectTime();
    const { checked } = this.#report;
    if (checked.bytes > this.#limits.bytes)
      throw new TlogError('gave_up', `More than ${this.#limits.bytes} bytes were read.`);
    const bytes = await this.#inTime(path, this.#options.fetch(path, limit));
    checked.bytes += bytes?.length ?? 0;
    return bytes;
  };

  #expectTime(): void {
    if (this.#options.clock.now() > this.#endsAt) throw this.#late('the log');
  }

  #inTime<T>(what: string, work: Promise<T>): Promise<T> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      const cancel = clock.after(Math.max(0, this.#endsAt - clock.now()), () => reject(this.#late(what)));
      work.then(resolve, reject).finally(cancel);
    });
  }

  #late(what: string): TlogError {
    return new TlogError('gave_up', `Reading ${what} took longer than ${this.#limits.ms} ms in all.`);
  }

  #hasGivenUp = false;

  /** Null when it failed, which is told: whatever was not this library's doing comes from reading. */
  async #attempt<T>(path: string | null, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (cause) {
      const code = cause instanceof TlogError ? cause.code : 'unreadable';
      const isFirst = !(code === 'gave_up' && this.#hasGivenUp);
      if (code === 'gave_up') this.#hasGivenUp = true;
      if (isFirst) this.#tell(code, path, cause instanceof Error ? cause.message : String(cause));
      return null;
    }
  }

  #tell(code: ProblemCode, path: string | null, message: string): void {
    const { problems } = this.#report;
    if (problems.length < this.#limits.problems) problems.push({ code, path, message });
    else this.#report.more++;
  }
}

function isPrefix(one: Buffer, other: Buffer): boolean {
  return Buffer.compare(one, other.subarray(0, one.length)) === 0;
}
