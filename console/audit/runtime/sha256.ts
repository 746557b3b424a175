import { sha256 as hash } from '@noble/hashes/sha2.js';

/** In the place of libs/tlog's sha256.ts: what a browser has of its own is asynchronous. */
export function sha256(bytes: Uint8Array): Buffer {
  const digest = hash(bytes);
  return Buffer.from(digest.buffer, digest.byteOffset, digest.length);
}

/** Writes SHA-256 of `bytes` into a buffer, at an offset. */
export function writeSha256(bytes: Uint8Array, into: Buffer, at: number): void {
  into.set(hash(bytes), at);
}
