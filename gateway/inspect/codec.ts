import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { type Codec, EnvelopeError } from '@drawbridge/minimise';

/** Node's gzip and base64 for the minimising library. */
export const nodeCodec: Codec = {
  gunzip(bytes, maxBytes) {
    let inflated: Buffer;
    try {
      inflated = gunzipSync(bytes, { maxOutputLength: maxBytes });
    } catch (error) {
      throw inflateProblem(error, maxBytes);
    }
    // The last four bytes hold the length (RFC 1952). Something behind the gzip member, or several members,
    // would be read differently by different servers.
    if (lengthTold(bytes) !== inflated.length % 2 ** 32) {
      throw new EnvelopeError('not_inflatable', 'something follows the gzip data');
    }
    return inflated;
  },
  gzip: (bytes) => gzipSync(bytes),
  toUtf8: (text) => Buffer.from(text, 'utf8'),
  fromBase64: (text) => Buffer.from(text, 'base64'),
  toBase64: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  find: (bytes, needle, from) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(needle, from),
};

function lengthTold(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32LE(bytes.length - 4);
}

function inflateProblem(error: unknown, maxBytes: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return new EnvelopeError('too_large', `gzip that inflates to more than ${maxBytes} bytes`);
  }
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return new EnvelopeError('not_inflatable', 'gzip that is damaged or cut off');
  }
  return error;
}

/**
 * The start of a gzip body, at most `maxBytes` inflated. Inflating can't be stopped half-way here, so less and less
 * input is given until the output fits; all tries together inflate a few times `maxBytes`.
 */
export function inflateStart(bytes: Uint8Array, maxBytes: number): Uint8Array {
  for (let take = Math.min(bytes.length, maxBytes); take >= 32; take = Math.floor(take / 4)) {
    try {
      return gunzipSync(bytes.subarray(0, take), {
        maxOutputLength: maxBytes,
        finishFlush: constants.Z_SYNC_FLUSH,
      });
    } catch (error) {
      const problem = inflateProblem(error, maxBytes);
      if (!(problem instanceof EnvelopeError)) throw problem;
      if (problem.code !== 'too_large') break;
    }
  }
  return new Uint8Array(0);
}
