import { gunzip } from './archive/inflate.ts';
import { Allowance, ArchiveError, DEEPEST, LARGEST_INNER } from './archive/limits.ts';
import { isTar, tarFiles } from './archive/tar.ts';
import { isZip, type RandomAccess, zipFiles } from './archive/zip.ts';
import { ByteReader } from './bytes.ts';
import type { ScanContext } from './found.ts';
import { scanPieces, scanText, WHOLE } from './text.ts';

const LOOKED_AT = 8192;

/** Packed in ways that are not unpacked here: told as such, not as binary. */
const otherPacking: readonly [name: string, start: string][] = [
  ['bzip2', '425a68'],
  ['xz', 'fd377a585a00'],
  ['zstd', '28b52ffd'],
  ['7-Zip', '377abcaf271c'],
  ['RAR', '526172211a07'],
];

const isGzip = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;

const isPlain = (head: Buffer): boolean =>
  !isGzip(head) && !isZip(head) && !isTar(head) && packing(head) === null;

function packing(head: Buffer): string | null {
  const hex = head.toString('hex', 0, 8);
  return otherPacking.find(([, start]) => hex.startsWith(start))?.[0] ?? null;
}

/** Scans bytes that are at hand, of at most `WHOLE` if they are text. What is text is done when this returns. */
export async function scanBuffer(path: string, bytes: Buffer, context: ScanContext): Promise<void> {
  if (isPlain(bytes) && bytes.length <= WHOLE) scanText(path, bytes, context);
  else await scanSource(path, one(bytes), inMemory(bytes), new Allowance(bytes.length), context);
}

/**
 * Scans bytes, whatever they are: text, or an archive (zip, tar, gzip, within each other) file by file. `random`: the
 * same bytes, where they can be read anywhere. What is inside is named `<path>!/<name>`; nothing is written anywhere.
 */
export async function scanSource(
  path: string,
  pieces: AsyncIterable<Buffer>,
  random: RandomAccess | null,
  allowance: Allowance,
  context: ScanContext,
  depth = 0,
): Promise<void> {
  const reader = new ByteReader(pieces);
  try {
    const head = await reader.peek(LOOKED_AT);
    const other = packing(head);
    if (other !== null) {
      context.skipped({ path, reason: `packed with ${other}`, trouble: false });
    } else if (isGzip(head) || isZip(head) || isTar(head)) {
      if (depth >= DEEPEST) throw new ArchiveError(`has more than ${DEEPEST} archives within each other`);
      await scanArchive(path, head, reader, random, allowance, context, depth + 1);
    } else {
      const start = await reader.take(WHOLE + 1);
      if (start.length <= WHOLE) scanText(path, start, context);
      else await scanPieces(path, after(start, reader.pieces()), context);
    }
  } catch (error) {
    if (!(error instanceof ArchiveError) || (error.isOver && depth > 0)) throw error;
    context.skipped({ path, reason: error.message, trouble: true });
  } finally {
    await reader.close();
  }
}

async function scanArchive(
  path: string,
  head: Buffer,
  reader: ByteReader,
  random: RandomAccess | null,
  allowance: Allowance,
  context: ScanContext,
  depth: number,
): Promise<void> {
  const within = (name: string, pieces: AsyncIterable<Buffer>): Promise<void> =>
    scanSource(`${path}!/${name}`, pieces, null, allowance, context, depth);
  if (isTar(head)) {
    for await (const file of tarFiles(reader, allowance)) await within(file.name, file.pieces);
    return;
  }
  // Streams read ahead: what stands within another archive is taken out of it first.
  const held = random === null ? await heldBytes(reader) : null;
  if (isGzip(head)) {
    await within(unpackedName(path), gunzip(held === null ? reader.pieces() : one(held), allowance));
    return;
  }
  for await (const file of zipFiles(random ?? inMemory(held ?? head), allowance)) {
    if (file.unreadable === null) await within(file.name, file.pieces);
    else context.skipped({ path: `${path}!/${file.name}`, reason: file.unreadable, trouble: false });
  }
}

async function heldBytes(reader: ByteReader): Promise<Buffer> {
  const held = await reader.take(LARGEST_INNER + 1);
  if (held.length <= LARGEST_INNER) return held;
  throw new ArchiveError('is an archive within an archive, and larger than 64 MB');
}

/** `app.log.gz` holds `app.log`. */
function unpackedName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/\.tgz$/i.test(name)) return name.replace(/\.tgz$/i, '.tar');
  return /\.gz$/i.test(name) ? name.slice(0, -3) : 'content';
}

async function* after(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const inMemory = (bytes: Buffer): RandomAccess => ({
  size: bytes.length,
  read: (at, length) => Promise.resolve(bytes.subarray(at, at + length)),
});
