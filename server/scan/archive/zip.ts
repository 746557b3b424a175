import { inflate } from './inflate.ts';
import { type Allowance, ArchiveError } from './limits.ts';

/** Bytes that can be read anywhere. */
export interface RandomAccess {
  readonly size: number;
  /** Fewer bytes only at the end. */
  read(at: number, length: number): Promise<Buffer>;
}

/** One file of a zip archive. `unreadable`: why it has no pieces. */
export interface ZipFile {
  name: string;
  unreadable: string | null;
  pieces: AsyncIterable<Buffer>;
}

const PIECE = 256 * 1024;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const NONE_32 = 0xffffffff;

export const isZip = (head: Buffer): boolean =>
  head.length >= 4 && [LOCAL, END, 0x08074b50].includes(head.readUInt32LE(0));

/** The files of a zip archive, as its directory has them. Throws ArchiveError. */
export async function* zipFiles(file: RandomAccess, allowance: Allowance): AsyncGenerator<ZipFile> {
  let { at, left, end } = await directory(file);
  while (left > 0) {
    const head = await exactly(file, at, 46);
    if (head.readUInt32LE(0) !== ENTRY)
      throw new ArchiveError('is damaged: an entry of its directory is missing');
    const nameLength = head.readUInt16LE(28);
    const extraLength = head.readUInt16LE(30);
    const rest = await exactly(file, at + 46, nameLength + extraLength);
    at += 46 + nameLength + extraLength + head.readUInt16LE(32);
    left--;
    if (at > end) throw new ArchiveError('is damaged: its directory is cut off');
    const isText = (head.readUInt16LE(8) & 0x800) !== 0;
    const name = rest.toString(isText ? 'utf8' : 'latin1', 0, nameLength);
    if (name.endsWith('/')) continue;
    allowance.file();
    const sizes = wide(rest.subarray(nameLength), [
      head.readUInt32LE(24),
      head.readUInt32LE(20),
      head.readUInt32LE(42),
    ]);
    const method = head.readUInt16LE(10);
    const isEncrypted = (head.readUInt16LE(8) & 1) !== 0;
    const unreadable = isEncrypted
      ? 'encrypted'
      : method === 0 || method === 8
        ? null
        : `packed in a way that is not known (${method})`;
    const packed = packedPieces(file, sizes[2] ?? 0, sizes[1] ?? 0);
    yield {
      name,
      unreadable,
      pieces: method === 8 ? inflate(packed, allowance) : counted(packed, allowance),
    };
  }
}

async function directory(file: RandomAccess): Promise<{ at: number; left: number; end: number }> {
  const tailAt = Math.max(0, file.size - 65_557);
  const tail = await file.read(tailAt, file.size - tailAt);
  const sign = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
  const found = tail.lastIndexOf(sign);
  if (found === -1 || found + 22 > tail.length)
    throw new ArchiveError('is damaged: its directory is missing');
  let left = tail.readUInt16LE(found + 10);
  let size = tail.readUInt32LE(found + 12);
  let at = tail.readUInt32LE(found + 16);
  if (found >= 20 && tail.readUInt32LE(found - 20) === LOCATOR_64) {
    const head = await exactly(file, Number(tail.readBigUInt64LE(found - 12)), 56);
    if (head.readUInt32LE(0) !== END_64) throw new ArchiveError('is damaged: its directory is missing');
    left = Number(head.readBigUInt64LE(32));
    size = Number(head.readBigUInt64LE(40));
    at = Number(head.readBigUInt64LE(48));
  }
  return { at, left, end: at + size };
}

/** Sizes and offset that do not fit in 32 bits stand in the extra field 1, in this order, if they are marked so. */
function wide(extra: Buffer, values: readonly number[]): number[] {
  if (!values.includes(NONE_32)) return [...values];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    return values.map((value) => {
      if (value !== NONE_32) return value;
      if (next + 8 > extra.length) throw new ArchiveError('is damaged: a size is missing');
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    });
  }
  return [...values];
}

async function* packedPieces(file: RandomAccess, entryAt: number, size: number): AsyncGenerator<Buffer> {
  const head = await exactly(file, entryAt, 30);
  if (head.readUInt32LE(0) !== LOCAL) throw new ArchiveError('is damaged: a file is not where it should be');
  let at = entryAt + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  for (const end = at + size; at < end; ) {
    const piece = await exactly(file, at, Math.min(PIECE, end - at));
    at += piece.length;
    yield piece;
  }
}

async function* counted(pieces: AsyncIterable<Buffer>, allowance: Allowance): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    allowance.bytes(piece.length);
    yield piece;
  }
}

async function exactly(file: RandomAccess, at: number, length: number): Promise<Buffer> {
  if (at < 0 || at + length > file.size) throw new ArchiveError('is damaged: it ends too early');
  const bytes = await file.read(at, length);
  if (bytes.length < length) throw new ArchiveError('is damaged: it ends too early');
  return bytes;
}
