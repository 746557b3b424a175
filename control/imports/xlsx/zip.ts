import { inflateRawSync } from 'node:zlib';
import { unreadable } from '../error.ts';

/** Bytes of the parts of a workbook that are read, unpacked. A questionnaire of 300 rows has under 2 MB. */
const MOST_BYTES = 48 * 1024 * 1024;
const MOST_PARTS = 2_000;
/** Signatures and sizes of what a zip consists of (PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16). */
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const ENTRY = { signature: 0x02014b50, bytes: 46 };
const END = { signature: 0x06054b50, bytes: 22 };
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;

export const noWorkbook = () => unreadable('is no workbook (xlsx) that is whole');

/**
 * Unpacks these parts of a zip. What all of them unpack to is bounded by what comes out, whatever the zip says of itself; one
 * that unpacks to more is refused at the bound. Encrypted ones and zip64 are not read: no workbook of that size needs them.
 * Throws ImportError.
 */
export function unpack(bytes: Uint8Array, wanted: (name: string) => boolean): Map<string, Uint8Array> {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(zip);
  const count = zip.readUInt16LE(end + 10);
  if (count > MOST_PARTS) throw unreadable(`holds more than ${MOST_PARTS} parts`);
  const found = new Map<string, Uint8Array>();
  let at = zip.readUInt32LE(end + 16);
  let left = MOST_BYTES;
  for (let number = 0; number < count; number += 1) {
    if (at + ENTRY.bytes > end || zip.readUInt32LE(at) !== ENTRY.signature) throw noWorkbook();
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) => zip.readUInt16LE(at + place));
    const name = zip.toString('utf8', at + ENTRY.bytes, at + ENTRY.bytes + (nameBytes ?? 0));
    if (wanted(name) && !found.has(name)) {
      const part = inflated(packedPart(zip, at), zip.readUInt16LE(at + 10), left);
      left -= part.length;
      found.set(name, part);
    }
    at += ENTRY.bytes + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  return found;
}

/** Where the end of the list of parts stands: the last place that has its signature. */
function endOf(zip: Buffer): number {
  const first = Math.max(0, zip.length - END.bytes - LONGEST_COMMENT);
  for (let at = zip.length - END.bytes; at >= first; at -= 1) {
    if (zip.readUInt32LE(at) === END.signature) return at;
  }
  throw noWorkbook();
}

/** The bytes of the part that the entry at this place lists. */
function packedPart(zip: Buffer, entry: number): Buffer {
  const size = zip.readUInt32LE(entry + 20);
  const local = zip.readUInt32LE(entry + 42);
  if (local + LOCAL.bytes > zip.length || zip.readUInt32LE(local) !== LOCAL.signature) throw noWorkbook();
  const begin = local + LOCAL.bytes + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  if (begin + size > zip.length) throw noWorkbook();
  return zip.subarray(begin, begin + size);
}

function inflated(packed: Buffer, method: number, most: number): Uint8Array {
  if (method === STORED && packed.length <= most) return packed;
  if (method === STORED || most === 0) throw tooMuch();
  if (method !== DEFLATED) throw noWorkbook();
  try {
    return inflateRawSync(packed, { maxOutputLength: most });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw error.code === 'ERR_BUFFER_TOO_LARGE' ? tooMuch() : noWorkbook();
  }
}

const tooMuch = () => unreadable('unpacks to more than a workbook that people fill in');
