import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { type Allowance, ArchiveError } from './limits.ts';

export const gunzip = (pieces: AsyncIterable<Buffer>, allowance: Allowance) =>
  unfold(pieces, createGunzip(), allowance);
export const inflate = (pieces: AsyncIterable<Buffer>, allowance: Allowance) =>
  unfold(pieces, createInflateRaw(), allowance);

async function* unfold(
  pieces: AsyncIterable<Buffer>,
  through: Transform,
  allowance: Allowance,
): AsyncGenerator<Buffer> {
  // What goes wrong before it also ends `through`, and is thrown below.
  pipeline(Readable.from(pieces), through, () => undefined);
  try {
    for await (const piece of through) {
      const part: Buffer = piece;
      allowance.bytes(part.length);
      yield part;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new ArchiveError(`can't be unpacked to its end (${String(error.code)})`);
    }
    throw error;
  } finally {
    through.destroy();
  }
}
