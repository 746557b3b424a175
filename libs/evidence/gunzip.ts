import { constants, createGunzip } from 'node:zlib';
import { EvidenceError } from './error.ts';

/** Logs shrink to a fiftieth at best; what grows a thousandfold was made to. */
const MOST_TIMES = 250;
/** Below this a high ratio hurts nobody. */
const FREE_BYTES = 64 * 1024 * 1024;

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Unpacks gzip, also of several members, as it comes. Throws `truncated` where the file breaks off or is damaged, and
 * `too_large` where it grows past `MOST_TIMES`: a part of a log would count as the whole.
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const unzip = createGunzip({ chunkSize: 64 * 1024, finishFlush: constants.Z_FINISH });
  let packed = 0;
  let unpacked = 0;
  const feed = async () => {
    for await (const chunk of chunks) {
      if (unzip.destroyed) return;
      packed += chunk.length;
      if (!unzip.write(chunk)) await drained(unzip);
    }
    unzip.end();
  };
  let broken: unknown = null;
  const fed = feed().catch((error: unknown) => {
    broken = error;
    unzip.destroy();
  });
  try {
    for await (const chunk of unzip as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > FREE_BYTES && unpacked > packed * MOST_TIMES) {
        throw new EvidenceError(
          'too_large',
          `the file grows more than ${MOST_TIMES}-fold as it is unpacked: unpack it yourself if it is what it should be`,
        );
      }
      yield chunk;
    }
  } catch (error) {
    if (broken !== null) throw broken;
    throw isZlibError(error) ? damaged(error) : error;
  } finally {
    unzip.destroy();
    await fed;
  }
  if (broken !== null) throw broken;
}

function drained(unzip: ReturnType<typeof createGunzip>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unzip.off('drain', done);
      unzip.off('close', done);
      resolve();
    };
    unzip.on('drain', done);
    unzip.on('close', done);
  });
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}

function damaged(error: Error & { code: string }): EvidenceError {
  return error.code === 'Z_BUF_ERROR'
    ? new EvidenceError(
        'truncated',
        'the gzip file breaks off before its end: fetch it again',
        {},
        { cause: error },
      )
    : new EvidenceError('truncated', 'the gzip file is damaged: fetch it again', {}, { cause: error });
}
