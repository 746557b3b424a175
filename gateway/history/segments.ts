import { closeSync, fdatasync, mkdirSync, openSync, writeSync } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as others } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Covers, type Line, type LineHead, lineOf, readHeads, readLine } from './line.ts';

const datasync = promisify(fdatasync);

export interface SegmentOptions {
  directory: string;
  /** Milliseconds since 1970. */
  clock: () => number;
  random: (bytes: number) => Uint8Array;
  /** Bytes from which on a segment takes no more. */
  segmentBytes?: number;
  /** How a line is written: the number of bytes that the disk took. */
  write?: (descriptor: number, line: Buffer) => number;
}

/** A write that the disk took only a part of, as a full one does. */
export class HistoryCut extends Error {
  readonly code = 'history_cut';
  constructor() {
    super('The disk took only a part of a record.');
    this.name = 'HistoryCut';
  }
}

/** What of a name lies where. */
interface Place {
  segment: Segment;
  at: number;
  length: number;
  until: number;
  isWhole: boolean;
  /** The last record of the name so far that stands for others; null: none does. */
  covering: Covering | null;
  before: Place | null;
}

interface Covering {
  segment: Segment;
  covers: Covers;
}

/** All lines of a name, the last first, and which they are. */
export interface Kept {
  lines: Line[];
  covers: Covers;
}

interface Segment {
  name: string;
  /** Milliseconds since 1970. */
  created: number;
  /** How far it was read. */
  read: number;
  /** When the last of its records ends. */
  until: number;
  /** All was read, and nobody writes it any more. */
  isRead: boolean;
  /** It was taken away. */
  isGone: boolean;
}

/** The segment that this worker writes. */
interface Own {
  segment: Segment;
  descriptor: number;
  /** Calls that have the descriptor in use; it is closed behind the last. */
  inUse: number;
  isOver: boolean;
}

/** What a sweep found and left. */
export interface Swept {
  entries: number;
  records: number;
  bytes: number;
  /** Segments that were taken away. */
  segments: number;
}

const SEGMENT_BYTES = 8 * 1024 * 1024;
/** A segment is not written any longer, so that it is not asked for news for ever. */
const SEGMENT_MS = 86_400_000;
const SLACK_MS = 3_600_000;
const NAME = /^([0-9a-z]{6,12})-[0-9a-f]{12}\.log$/;
/** Records looked at in a row while others wait. */
const TURN = 1_000;
/** Lines of a name are read one by one where they lie farther apart. */
const LARGEST_SPAN = 1024 * 1024;
/** Read at once. A record is smaller. */
const LARGEST_READ = 64 * 1024 * 1024;

/**
 * Records in segments, files that are only appended to: each worker writes its own and reads those of all. A record is one
 * write to an open file, some microseconds; where it lies is kept in memory, about 250 bytes for each.
 */
export class Segments {
  readonly #options: SegmentOptions;
  readonly #segments = new Map<string, Segment>();
  readonly #index = new Map<string, Place>();
  readonly #limit: number;
  /** Places in the index. */
  #records = 0;
  #own: Own | null = null;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(options: SegmentOptions) {
    this.#options = options;
    this.#limit = options.segmentBytes ?? SEGMENT_BYTES;
  }

  /** All of a name that has not ended, whichever worker wrote it; null: what is there is not the whole, or has ended. */
  async read(name: string): Promise<Kept | null> {
    await this.#refresh();
    const now = this.#options.clock();
    const places: Place[] = [];
    const covers = new Map<string, number>();
    let isWhole = false;
    const last = this.#index.get(name) ?? null;
    for (let place = last; place !== null; place = place.before) {
      const { segment, at, length } = place;
      covers.set(segment.name, Math.max(covers.get(segment.name) ?? 0, at + length));
      // What has ended may be taken away meanwhile, and is in what was written later.
      if (place.until <= now) continue;
      isWhole ||= place.isWhole;
      places.push(place);
    }
    for (const [each, end] of last?.covering?.covers ?? [])
      if (this.#segments.has(each)) covers.set(each, Math.max(covers.get(each) ?? 0, end));
    const lines = isWhole ? await this.#linesOf(name, places) : null;
    return lines === null ? null : { lines, covers };
  }

  /** Whether anything has this name, as far as this worker has seen. */
  has(name: string): boolean {
    return this.#index.has(name);
  }

  /** In how many records this name lies, as far as this worker has seen. */
  recordsOf(name: string): number {
    let count = 0;
    for (let place = this.#index.get(name) ?? null; place !== null; place = place.before) count++;
    return count;
  }

  /** At once, and left to the system to put on the disk: it outlives the process. Throws what the disk says. */
  appendNow(line: Line): void {
    const own = this.#writable();
    const bytes = lineOf(line);
    try {
      const took = (this.#options.write ?? writeSync)(own.descriptor, bytes);
      if (took !== bytes.length) throw new HistoryCut();
    } catch (cause) {
      // What follows a part of a line could not be told from it.
      this.#leave(own);
      throw cause;
    }
    this.#take(own.segment, own.segment.read, bytes.length, line);
    own.segment.read += bytes.length;
  }

  /** The same, on the disk when it returns. */
  async append(line: Line): Promise<void> {
    this.appendNow(line);
    const own = this.#own;
    if (own === null) return;
    own.inUse++;
    try {
      await datasync(own.descriptor);
    } finally {
      own.inUse--;
      if (own.isOver && own.inUse === 0) closeSync(own.descriptor);
    }
  }

  /** Takes away what has ended, and the oldest where there is more than so many names and bytes. */
  async sweep(bounds: { records: number; bytes: number }): Promise<Swept> {
    await this.#refresh();
    const now = this.#options.clock();
    const oldest = [...this.#segments.values()].sort((a, b) => a.created - b.created);
    let bytes = oldest.reduce((sum, { read }) => sum + read, 0);
    let segments = 0;
    for (const segment of oldest) {
      const isCrowded = this.#records > bounds.records || bytes > bounds.bytes;
      if (!this.#isOver(segment) || (!isCrowded && segment.until > now)) continue;
      await this.#remove(segment);
      bytes -= segment.read;
      segments++;
    }
    return { entries: this.#index.size, records: this.#records, bytes, segments };
  }

  async close(): Promise<void> {
    await this.#running;
    if (this.#own !== null) this.#leave(this.#own);
  }

  #writable(): Own {
    const now = this.#options.clock();
    const before = this.#own;
    if (before !== null) {
      const { read, created, isGone } = before.segment;
      if (read < this.#limit && created + SEGMENT_MS > now && !isGone) return before;
      this.#leave(before);
    }
    const { directory, random } = this.#options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const name = `${now.toString(36)}-${Buffer.from(random(6)).toString('hex')}.log`;
    const descriptor = openSync(join(directory, name), 'ax', 0o600);
    const segment = segmentOf(name, now);
    this.#segments.set(name, segment);
    this.#own = { segment, descriptor, inUse: 0, isOver: false };
    return this.#own;
  }

  /** Writes no more to it. */
  #leave(own: Own): void {
    own.isOver = true;
    this.#own = null;
    if (own.inUse === 0) closeSync(own.descriptor);
  }

  #take(segment: Segment, at: number, length: number, { name, until, isWhole, covers }: LineHead): void {
    segment.until = Math.max(segment.until, until);
    let before = this.#index.get(name) ?? null;
    // It is in one that was read before: in which order segments are read is nobody's.
    if (isCovered(before?.covering ?? null, segment, at)) return;
    if (covers !== null) before = this.#without(before, (place) => isIn(covers, place.segment, place.at));
    const covering = covers === null ? (before?.covering ?? null) : { segment, covers };
    this.#index.set(name, { segment, at, length, until, isWhole, covering, before });
    this.#records++;
  }

  /** The places that stay, in their order. */
  #without(last: Place | null, isOut: (place: Place) => boolean): Place | null {
    const stay: Place[] = [];
    for (let place = last; place !== null; place = place.before) {
      if (isOut(place)) this.#records--;
      else stay.push(place);
    }
    return stay.reduceRight<Place | null>((before, place) => ({ ...place, before }), null);
  }

  /** Null: one of them is not there any more. */
  async #linesOf(name: string, places: readonly Place[]): Promise<Line[] | null> {
    const lines = new Map<Place, Line>();
    for (const [segment, its] of Map.groupBy(places, (place) => place.segment)) {
      const file = await ifThere(open(join(this.#options.directory, segment.name), 'r'));
      if (file === null) return null;
      try {
        // What lies between them is read with them where that is not too much.
        const from = Math.min(...its.map(({ at }) => at));
        const length = Math.max(...its.map(({ at, length }) => at + length)) - from;
        const span = length > LARGEST_SPAN ? null : await bytesAt(file, from, length);
        for (const place of its) {
          const start = place.at - from;
          const bytes =
            span === null
              ? await bytesAt(file, place.at, place.length)
              : span.subarray(start, start + place.length);
          const line = readLine(bytes);
          if (line?.name !== name) return null;
          lines.set(place, line);
        }
      } finally {
        await file.close();
      }
    }
    return places.flatMap((place) => lines.get(place) ?? []);
  }

  /** Reads what other workers wrote until now: a turn that is under way may have begun too early. */
  #refresh(): Promise<void> {
    if (this.#running === null) {
      this.#running = this.#readNews().finally(() => {
        this.#running = null;
      });
      return this.#running;
    }
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#refresh();
      });
    return this.#next;
  }

  async #readNews(): Promise<void> {
    const before = [...this.#segments.values()];
    const there = new Set(await ifThere(readdir(this.#options.directory)));
    let isAnyGone = false;
    for (const segment of before) {
      segment.isGone = !there.has(segment.name);
      isAnyGone ||= segment.isGone;
    }
    if (isAnyGone) await this.#forget();
    for (const name of [...there].sort()) {
      const created = Number.parseInt(NAME.exec(name)?.[1] ?? '', 36);
      if (Number.isNaN(created)) continue;
      const known = this.#segments.get(name);
      if (known !== undefined && (known === this.#own?.segment || known.isRead)) continue;
      const segment = known ?? segmentOf(name, created);
      this.#segments.set(name, segment);
      const isOver = this.#isOver(segment);
      for (let isMore = true; isMore; ) isMore = await this.#readOn(segment);
      segment.isRead = isOver;
    }
  }

  /** Whether there was anything to read. */
  async #readOn(segment: Segment): Promise<boolean> {
    const path = join(this.#options.directory, segment.name);
    const size = (await ifThere(stat(path)))?.size ?? 0;
    const from = segment.read;
    if (size <= from) return false;
    const file = await ifThere(open(path, 'r'));
    if (file === null) return false;
    let bytes: Buffer;
    try {
      bytes = await bytesAt(file, from, Math.min(size - from, LARGEST_READ));
    } finally {
      await file.close();
    }
    let count = 0;
    for (const { head, at, length } of readHeads(bytes)) {
      if (head !== null) this.#take(segment, from + at, length, head);
      segment.read = from + at + length;
      if (++count % TURN === 0) await others();
    }
    return segment.read > from;
  }

  /** Whether nobody writes it any more. */
  #isOver(segment: Segment): boolean {
    if (segment === this.#own?.segment) return false;
    return segment.read >= this.#limit || segment.created + SEGMENT_MS + SLACK_MS < this.#options.clock();
  }

  async #remove(segment: Segment): Promise<void> {
    await rm(join(this.#options.directory, segment.name), { force: true });
    segment.isGone = true;
    await this.#forget();
  }

  /** What is left of a name; null: not the whole. A later record never ends sooner than those that it was made of. */
  #withoutGone(last: Place): Place | null {
    let [gone, whole] = [-1, -1];
    for (let place: Place | null = last; place !== null; place = place.before) {
      if (place.segment.isGone) gone = Math.max(gone, place.until);
      else if (place.isWhole) whole = Math.max(whole, place.until);
    }
    if (gone < 0) return last;
    return this.#without(last, ({ segment }) => segment.isGone || whole < gone);
  }

  /** What lay in segments that are gone, and names of which the rest is not the whole. */
  async #forget(): Promise<void> {
    let count = 0;
    for (const [name, last] of this.#index) {
      const left = this.#withoutGone(last);
      if (left === null) this.#index.delete(name);
      else if (left !== last) this.#index.set(name, left);
      if (++count % TURN === 0) await others();
    }
    for (const { name, isGone } of this.#segments.values()) if (isGone) this.#segments.delete(name);
  }
}

function isIn(covers: Covers, { name }: Segment, at: number): boolean {
  const end = covers.get(name);
  return end !== undefined && at < end;
}

function isCovered(covering: Covering | null, segment: Segment, at: number): boolean {
  return covering !== null && !covering.segment.isGone && isIn(covering.covers, segment, at);
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}

function segmentOf(name: string, created: number): Segment {
  return { name, created, read: 0, until: 0, isRead: false, isGone: false };
}

async function ifThere<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
}
