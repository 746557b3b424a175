import { JournalCorrupt } from './errors.ts';
import { type Frame, findMark, frameAt, frameKinds, markedIndex } from './frames.ts';
import { type AnyHeader, decodeHeader } from './header.ts';
import type { Storage } from './storage.ts';

/**
 * Number and first index. `.journal`: as written. `.leaves`: rewritten without payloads. `.draft` behind it: not yet
 * what its name will be.
 */
const NAME = /^(\d{10})-(\d{16})\.(journal|leaves)$/;

export interface SegmentName {
  number: number;
  /** Index of its first entry. */
  first: number;
  stripped: boolean;
  name: string;
}

export function segmentName(number: number, first: number, stripped = false): string {
  const digits = `${String(number).padStart(10, '0')}-${String(first).padStart(16, '0')}`;
  return `${digits}.${stripped ? 'leaves' : 'journal'}`;
}

/** The segments among a directory's files, lowest number first. */
export function segmentNames(files: readonly string[]): SegmentName[] {
  const found: SegmentName[] = [];
  for (const name of files) {
    const [, number, first, kind] = NAME.exec(name) ?? [];
    if (number)
      found.push({ number: Number(number), first: Number(first), stripped: kind === 'leaves', name });
  }
  return found.sort((a, b) => a.number - b.number);
}

/**
 * Removes the segments up to a number, lowest first, each durably before the next. Also those that no journal counts
 * any more: what a refused batch left would stand for the entries of a removed one.
 */
export async function removeUpTo(storage: Storage, number: number): Promise<void> {
  for (const each of segmentNames(await storage.list())) {
    if (each.number > number) return;
    await storage.remove(each.name);
    await storage.syncDir();
  }
}

/** An entry with its payload as they stand in a segment. `start` to `end`: their frames, in bytes of what was read. */
export interface Entry {
  index: number;
  entry: Buffer;
  /** As sealed; null when there is none, or it was deleted. */
  payload: Buffer | null;
  payloadDeleted: boolean;
  start: number;
  end: number;
}

/** Why reading stopped: `end` of the bytes, `torn` within an entry, or `bad`: something that does not belong there. */
export interface EntriesEnd {
  offset: number;
  /** The index of the entry that would come next. */
  next: number;
  reason: 'end' | 'torn' | 'bad';
  /** The last whole frame was a mark: all of it was durable when the mark was written. */
  marked: boolean;
}

/** The whole entries from `at` on, the first of which has `index`. Marks are checked and passed over. */
export function* readEntries(
  bytes: Buffer,
  at: number,
  index: number,
): Generator<Entry, EntriesEnd, undefined> {
  let offset = at;
  let next = index;
  let marked = false;
  const stop = (reason: EntriesEnd['reason']): EntriesEnd => ({ offset, next, reason, marked });
  while (offset < bytes.length) {
    const head = frameAt(bytes, offset);
    if (typeof head === 'string') return stop(head);
    if (head.kind === frameKinds.mark) {
      if (markedIndex(head) !== next) return stop('bad');
      offset = head.end;
      marked = true;
      continue;
    }
    const read = entryFrom(bytes, head, next);
    if (typeof read === 'string') return stop(read);
    yield read;
    offset = read.end;
    marked = false;
    next++;
  }
  return stop('end');
}

function entryFrom(bytes: Buffer, head: Frame, index: number): Entry | 'torn' | 'bad' {
  const { start, end, body } = head;
  if (head.kind === frameKinds.entry || head.kind === frameKinds.entryPayloadDeleted) {
    const payloadDeleted = head.kind === frameKinds.entryPayloadDeleted;
    return { index, entry: body, payload: null, payloadDeleted, start, end };
  }
  if (head.kind !== frameKinds.entryWithPayload) return 'bad';
  const payload = frameAt(bytes, end);
  if (typeof payload === 'string') return payload;
  if (payload.kind !== frameKinds.payload) return 'bad';
  return { index, entry: body, payload: payload.body, payloadDeleted: false, start, end: payload.end };
}

export interface OpenedHeader {
  header: AnyHeader;
  /** The header frame's bytes, and where the first entry begins. */
  frame: Buffer;
  end: number;
}

/** The header at the start of a segment's bytes; `torn` or `bad` when there is no whole one. Throws JournalCorrupt. */
export function readHeader(bytes: Buffer, file: SegmentName, origin: string): OpenedHeader | 'torn' | 'bad' {
  const first = frameAt(bytes, 0);
  if (typeof first === 'string') return first;
  if (first.kind !== frameKinds.header) return 'bad';
  const header = decodeHeader(first.body);
  if (typeof header === 'string') {
    const code = header.startsWith('unknown_format') ? 'unknown_format' : 'bad_header';
    throw new JournalCorrupt(code, file.name, 0, `This segment can't be used: ${header}`);
  }
  if (header.origin !== origin) {
    throw new JournalCorrupt(
      'other_origin',
      file.name,
      0,
      `This segment belongs to "${header.origin}", not to "${origin}": give each log its own directory`,
    );
  }
  if (header.segment !== file.number || header.first !== file.first) {
    const says = `number ${header.segment}, first entry ${header.first}`;
    throw new JournalCorrupt('bad_header', file.name, 0, `This segment says that it is another (${says})`);
  }
  return { header, frame: bytes.subarray(0, first.end), end: first.end };
}

/**
 * Whether what stops the reading at `end` is only what a crash left of the last batch. A mark further on says that
 * all before it was durable: then it is damage.
 */
export function isTornTail(bytes: Buffer, end: number): boolean {
  return findMark(bytes, end) === null;
}
