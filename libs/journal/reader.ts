import { markFrame } from './frames.ts';
import { badHeader, missing, type Segment } from './recover.ts';
import { type EntriesEnd, type OpenedHeader, readEntries, readHeader } from './segment.ts';
import type { Storage } from './storage.ts';

/** Entries of one segment, as they are shipped: header frame, mark with the first index, entries with payloads. */
export interface Batch {
  bytes: Buffer;
  /** Index of the first entry, and the one after the last. */
  from: number;
  next: number;
}

const HEADER_READ = 8192;
const WINDOW = 256 * 1024;

interface Place {
  name: string;
  index: number;
  offset: number;
}

/** Reads durable entries. It remembers where it stopped, so that reading on costs only what is read. */
export class BatchReader {
  readonly #storage: Storage;
  readonly #origin: string;
  #place: Place | null = null;
  #header: { name: string; opened: OpenedHeader } | null = null;

  constructor(storage: Storage, origin: string) {
    this.#storage = storage;
    this.#origin = origin;
  }

  /** Entries of `segment` from `from` on: about `maxBytes`, at least one. Throws JournalCorrupt. */
  async read(segment: Segment, from: number, maxBytes: number): Promise<Batch> {
    const opened = await this.#headerOf(segment);
    const known = this.#place?.name === segment.name && this.#place.index <= from ? this.#place : null;
    const place: Place = known
      ? { ...known }
      : { name: segment.name, index: opened.header.first, offset: opened.end };

    const parts: Buffer[] = [opened.frame, markFrame(from)];
    const room = { left: maxBytes };
    let window = Math.max(WINDOW, maxBytes);
    for (let isFull = false; !isFull && place.index < segment.end; ) {
      const bytes = await this.#storage.read(segment.name, place.offset, window);
      const before = place.offset;
      const end = takeEntries(bytes, place, { from, until: segment.end, parts, room });
      isFull = end === 'full';
      if (end === 'full' || place.offset > before) continue;
      // Nothing whole in the window: an entry longer than it, unless the file ends here.
      if (end.reason !== 'torn' || bytes.length < window) throw missing(segment, absolute(end, before));
      window *= 2;
    }
    this.#place = place;
    return { bytes: Buffer.concat(parts), from, next: place.index };
  }

  /** Forgets offsets and headers: a segment was rewritten. */
  forget(): void {
    this.#place = null;
    this.#header = null;
  }

  async #headerOf(segment: Segment): Promise<OpenedHeader> {
    if (this.#header?.name === segment.name) return this.#header.opened;
    const bytes = await this.#storage.read(segment.name, 0, HEADER_READ);
    const opened = readHeader(bytes, segment, this.#origin);
    if (typeof opened === 'string') throw badHeader(segment.name);
    this.#header = { name: segment.name, opened };
    return opened;
  }
}

interface Wanted {
  from: number;
  until: number;
  parts: Buffer[];
  room: { left: number };
}

/** Moves `place` over the whole entries in `bytes`, taking those that are wanted. */
function takeEntries(bytes: Buffer, place: Place, wanted: Wanted): EntriesEnd | 'full' {
  const base = place.offset;
  const entries = readEntries(bytes, 0, place.index);
  let step = entries.next();
  while (!step.done) {
    const { index, start, end } = step.value;
    if (index >= wanted.until) return 'full';
    if (index >= wanted.from) {
      const isFirst = index === wanted.from;
      if (!isFirst && end - start > wanted.room.left) return 'full';
      wanted.room.left -= end - start;
      wanted.parts.push(bytes.subarray(start, end));
    }
    place.offset = base + end;
    place.index = index + 1;
    step = entries.next();
  }
  return step.value;
}

function absolute(end: EntriesEnd, base: number): EntriesEnd {
  return { ...end, offset: base + end.offset };
}
