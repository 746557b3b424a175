import { JournalCorrupt } from './errors.ts';
import {
  type EntriesEnd,
  isTornTail,
  type OpenedHeader,
  readEntries,
  readHeader,
  type SegmentName,
  segmentNames,
} from './segment.ts';
import { readWhole, replaceFile, type Storage } from './storage.ts';

/** A segment as a journal knows it: entries `first` up to, not including, `end`. */
export interface Segment extends SegmentName {
  end: number;
}

export interface Recovered {
  segments: Segment[];
  /** The index of the next entry. */
  next: number;
  /** A number that no segment had. */
  nextNumber: number;
  /** Bytes that were cut off the last segment: what a crash left of a batch that no one was told of. */
  cut: number;
}

/**
 * Brings a directory to a state from which writing goes on: a torn tail is cut at the last whole entry, what is kept
 * is made durable before anyone is told of it, drafts and segments without entries are removed. Segments with entries
 * from `verifyFrom` on are read whole; of older ones only the name.
 * Throws JournalCorrupt, before anything is changed.
 */
export async function recover(storage: Storage, origin: string, verifyFrom: number): Promise<Recovered> {
  const files = await storage.list();
  const names = segmentNames(files);
  const superseded = names.filter(
    (a) => !a.stripped && names.some((b) => b.stripped && b.number === a.number),
  );
  const current = names.filter((name) => !superseded.includes(name));

  const { last, empty, next } = await findLast(storage, current, origin);
  const older = current.slice(0, current.length - empty.length - (last ? 1 : 0));
  const segments = chain(older, last);
  const held = segments.filter(({ first, end }) => end > first);
  for (const segment of held) {
    if (segment.end > verifyFrom && segment.number !== last?.name.number) {
      await verifySegment(storage, segment, origin);
    }
  }

  for (const draft of files.filter((name) => name.endsWith('.draft'))) await storage.remove(draft);
  if (last) await keep(storage, last);
  const emptied = last ? [...empty, ...segments.filter(({ first, end }) => end === first)] : [];
  for (const { name } of [...superseded, ...emptied]) await storage.remove(name);
  await storage.syncDir();
  return {
    segments: held,
    next,
    nextNumber: Math.max(0, ...names.map(({ number }) => number)) + 1,
    cut: last ? last.bytes.length - last.end.offset : 0,
  };
}

interface Last {
  name: SegmentName;
  opened: OpenedHeader;
  bytes: Buffer;
  end: EntriesEnd;
}

/** The last segment that holds an entry, and the ones after it, which hold none: no one was told of anything in them. */
async function findLast(
  storage: Storage,
  names: readonly SegmentName[],
  origin: string,
): Promise<{ last: Last | null; empty: SegmentName[]; next: number }> {
  const empty: SegmentName[] = [];
  for (const name of names.toReversed()) {
    const bytes = await readWhole(storage, name.name);
    const opened = readHeader(bytes, name, origin);
    if (typeof opened === 'string') {
      if (!isTornTail(bytes, 0)) throw badHeader(name.name);
      empty.push(name);
      continue;
    }
    const end = readToEnd(bytes, opened);
    if (end.reason !== 'end' && !isTornTail(bytes, end.offset)) throw damaged(name, end);
    if (end.next > name.first) {
      checkNoneLost(name, end, empty);
      return { last: { name, opened, bytes, end }, empty, next: end.next };
    }
    empty.push(name);
  }
  return { last: null, empty, next: Math.max(0, ...empty.map(({ first }) => first)) };
}

/** A segment is begun only when all before its first entry is durable: its name alone says so. */
function checkNoneLost(last: SegmentName, end: EntriesEnd, empty: readonly SegmentName[]): void {
  const first = Math.max(0, ...empty.map((name) => name.first));
  if (first > end.next) throw missing({ ...last, end: first }, end);
}

/**
 * The segments with the entries that each holds. What one holds from the first index of the next on is void: it was
 * refused when it was written.
 */
function chain(older: readonly SegmentName[], last: Last | null): Segment[] {
  const segments = older.map((name): Segment => ({ ...name, end: name.first }));
  if (last) segments.push({ ...last.name, end: last.end.next });
  for (const [at, segment] of segments.entries()) {
    const next = segments[at + 1];
    if (!next) continue;
    if (next.first < segment.first) {
      throw new JournalCorrupt(
        'gap',
        next.name,
        0,
        `This segment begins with entry ${next.first}, the one before it with ${segment.first}`,
      );
    }
    segment.end = next.first;
  }
  return segments;
}

/** Reads a closed segment whole. Throws JournalCorrupt when an entry is damaged or missing. */
export async function verifySegment(storage: Storage, segment: Segment, origin: string): Promise<void> {
  const bytes = await readWhole(storage, segment.name);
  const opened = readHeader(bytes, segment, origin);
  if (typeof opened === 'string') throw badHeader(segment.name);
  const end = readToEnd(bytes, opened, segment.end);
  if (end.next < segment.end) throw missing(segment, end);
}

/** What to say of a closed segment whose entries end too soon. */
export function missing(segment: Segment, end: EntriesEnd): JournalCorrupt {
  if (end.reason === 'bad') return damaged(segment, end);
  return new JournalCorrupt(
    'gap',
    segment.name,
    end.offset,
    `Entries ${end.next} to ${segment.end - 1} are missing`,
  );
}

function readToEnd(bytes: Buffer, { header, end }: OpenedHeader, until?: number): EntriesEnd {
  const entries = readEntries(bytes, end, header.first);
  let step = entries.next();
  while (!step.done) {
    const { index, end: offset } = step.value;
    if (index + 1 === until) return { offset, next: until, reason: 'end', marked: false };
    step = entries.next();
  }
  return step.value;
}

export function badHeader(name: string): JournalCorrupt {
  return new JournalCorrupt('bad_header', name, 0, 'The header is damaged');
}

function damaged(name: SegmentName, end: EntriesEnd): JournalCorrupt {
  return new JournalCorrupt('bad_frame', name.name, end.offset, `Entry ${end.next} is damaged`);
}

/**
 * What is kept of the last segment is written anew, unless a closing mark says that it was durable: after a kill the
 * bytes may stand in memory alone, and after a failed fsync a second one may call them durable though they are not.
 * An entry that was told of and then lost would give its index to another.
 */
async function keep(storage: Storage, { name, bytes, end }: Last): Promise<void> {
  const whole = end.offset === bytes.length;
  if (whole && end.marked) return;
  await replaceFile(storage, name.name, bytes.subarray(0, end.offset));
}
