import type { ByteReader } from '../bytes.ts';
import { type Allowance, ArchiveError } from './limits.ts';

const BLOCK = 512;
const LARGEST_HEADER = 1024 * 1024;

export const isTar = (head: Buffer): boolean => head.toString('latin1', 257, 262) === 'ustar';

/** One file of a tar archive; its pieces are passed over when the next one is asked for. */
export interface TarFile {
  name: string;
  pieces: AsyncIterable<Buffer>;
}

/** The files of a tar archive (ustar, pax, GNU long names). Links and devices are no files. */
export async function* tarFiles(reader: ByteReader, allowance: Allowance): AsyncGenerator<TarFile> {
  let longName: string | null = null;
  for (;;) {
    const header = await reader.take(BLOCK);
    if (header.length < BLOCK || header.every((byte) => byte === 0)) return;
    if (!isTar(header)) throw new ArchiveError('is damaged: a header is missing');
    const size = sizeOf(header);
    const end = reader.position + Math.ceil(size / BLOCK) * BLOCK;
    const kind = String.fromCharCode(header[156] ?? 0);
    if (kind === 'L' || kind === 'x') {
      if (size > LARGEST_HEADER) throw new ArchiveError('has a header of more than 1 MB');
      const text = (await reader.take(size)).toString('utf8');
      longName = kind === 'L' ? upToNul(text) : (paxPath(text) ?? longName);
      await reader.skipTo(end);
      continue;
    }
    if (kind === '0' || kind === '\0' || kind === '7') {
      allowance.file();
      yield { name: longName ?? shortName(header), pieces: reader.pieces(size) };
    }
    await reader.skipTo(end);
    if (kind !== 'g') longName = null;
  }
}

function sizeOf(header: Buffer): number {
  // GNU writes sizes from 8 GiB on as a number of eight bytes, and marks it with the first bit.
  const size =
    ((header[124] ?? 0) & 0x80) === 0
      ? Number.parseInt(header.toString('latin1', 124, 136).replaceAll('\0', ' ').trim() || '0', 8)
      : Number(header.readBigUInt64BE(128));
  if (!Number.isSafeInteger(size) || size < 0) throw new ArchiveError('is damaged: a size is no number');
  return size;
}

function shortName(header: Buffer): string {
  const name = upToNul(header.toString('utf8', 0, 100));
  const prefix = header[263] === 0x30 ? upToNul(header.toString('utf8', 345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

const upToNul = (text: string): string => text.split('\0', 1)[0] ?? '';

/** Of lines `<length> name=value`. */
function paxPath(text: string): string | null {
  return /(?:^|\n)\d+ path=([^\n]*)/.exec(text)?.[1] ?? null;
}
