import { sha256, writeSha256 } from './sha256.ts';

/** The length of every hash, in bytes: SHA-256. */
export const HASH_BYTES = 32;

/** The root of a tree without entries. */
export const emptyRoot: Buffer = sha256(new Uint8Array());

const LEAF = 0;
const NODE = 1;

// One-shot hashing wants its input in one piece; hashing is synchronous, so that one piece serves for all.
const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);
const leaf = Buffer.alloc(1 + 65_535, LEAF);

/** The hash of an entry: SHA-256 over a zero byte and the entry (RFC 6962, section 2.1). */
export function leafHash(entry: Uint8Array): Buffer {
  const length = 1 + entry.length;
  const input = length <= leaf.length ? leaf.subarray(0, length) : Buffer.alloc(length, LEAF);
  input.set(entry, 1);
  return sha256(input);
}

/** The hash of two neighbouring subtrees: SHA-256 over a one byte and their hashes of 32 bytes (RFC 6962, section 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/** The hashes of neighbours in a row of hashes, each pair's: half as many, leaving out a last one without neighbour. */
export function hashPairs(row: Buffer): Buffer {
  const pairs = Math.floor(row.length / (2 * HASH_BYTES));
  const above = Buffer.allocUnsafe(pairs * HASH_BYTES);
  for (let at = 0; at < above.length; at += HASH_BYTES) {
    row.copy(node, 1, 2 * at, 2 * (at + HASH_BYTES));
    writeSha256(node, above, at);
  }
  return above;
}

/** Whether these are the same hash. False for anything that is no hash. */
export function sameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === HASH_BYTES && Buffer.compare(one, other) === 0;
}
