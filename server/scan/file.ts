import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Allowance } from './archive/limits.ts';
import type { RandomAccess } from './archive/zip.ts';
import type { ScanContext } from './found.ts';
import { scanBuffer, scanSource } from './source.ts';
import { WHOLE } from './text.ts';

/** How git names the content of a file: SHA-1 or SHA-256 of it behind a header. */
export type BlobHash = 'sha1' | 'sha256';

/**
 * Scans a file. Gives the name that git has for its content, if asked for, so that it is not scanned once more in the
 * history; null for a file that is too large to be named on the way. Throws what the file system throws.
 */
export async function scanFile(
  path: string,
  file: string,
  hash: BlobHash | null,
  context: ScanContext,
): Promise<string | null> {
  const handle = openSync(file, 'r');
  let whole: Buffer | null = null;
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) {
      context.skipped({ path, reason: 'no regular file', trouble: false });
      return null;
    }
    if (stats.size <= WHOLE) whole = readFileSync(handle);
  } finally {
    closeSync(handle);
  }
  if (whole === null) {
    await scanLarge(path, file, context);
    return null;
  }
  await scanBuffer(path, whole, context);
  return hash === null ? null : blobName(whole, hash);
}

async function scanLarge(path: string, file: string, context: ScanContext): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const random: RandomAccess = {
      size,
      read: async (at, length) => {
        const buffer = Buffer.allocUnsafe(Math.min(length, Math.max(0, size - at)));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
        return buffer.subarray(0, bytesRead);
      },
    };
    await scanSource(path, piecesOf(file), random, new Allowance(size), context);
  } finally {
    await handle.close();
  }
}

async function* piecesOf(file: string): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    const bytes: Buffer = piece;
    yield bytes;
  }
}

function blobName(bytes: Buffer, hash: BlobHash): string {
  return createHash(hash).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
