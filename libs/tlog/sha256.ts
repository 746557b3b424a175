import { hash } from 'node:crypto';

/** SHA-256: 32 bytes. Of its own, as ed25519.ts is, so that another runtime can put something else in its place. */
export function sha256(bytes: Uint8Array): Buffer {
  // Through a string of bytes: less than half the time of asking for a buffer, which is allocated apart for each hash.
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary');
}

/** Writes SHA-256 of `bytes` into a buffer, at an offset: the 32 bytes are not allocated apart. */
export function writeSha256(bytes: Uint8Array, into: Buffer, at: number): void {
  into.write(hash('sha256', bytes, 'binary'), at, 32, 'binary');
}
