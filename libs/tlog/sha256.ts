import { hash } from 'node:crypto';

/** SHA-256: 32 bytes. Of its own, as ed25519.ts is, so that another runtime can put something else in its place. */
export function sha256(bytes: Uint8Array): Buffer {
  // Through a string of bytes: less than half the time of asking for a buffer, which is allocated apart for each hash.
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary');
}
