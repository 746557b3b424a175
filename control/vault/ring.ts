import { randomBytes } from 'node:crypto';
import { unwrap, WRAP_OVERHEAD, wrap } from '@drawbridge/envelope';
import { VaultFailure } from './failure.ts';

/** The deployment's data keys by version, and which of them wraps what is new. */
export interface KeyRing {
  readonly current: number;
  readonly keys: ReadonlyMap<number, Buffer>;
}

/**
 * What is wrapped under the second data key or a later one begins with these 8 bytes and the version as 4 (big-endian).
 * Under the first there is no such beginning: nonce, ciphertext and tag alone, as it was before there were versions. A
 * nonce is random: one in 2^64 of them looks like it. The database reads the same (`wrapped_key_version`).
 */
const MARK = Buffer.from('dbwrap.1', 'latin1');
const HEADER_BYTES = MARK.length + 4;

/** What makes the wrapping key of a data key: itself, or a key derived from it. */
export type Derive = (dataKey: Buffer) => Buffer;
const itself: Derive = (dataKey) => dataKey;

/** The version of the data key that these bytes are wrapped under. */
export function versionOf(wrapped: Uint8Array): number {
  const bytes = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
  if (bytes.length < HEADER_BYTES + WRAP_OVERHEAD || !bytes.subarray(0, MARK.length).equals(MARK)) return 1;
  return bytes.readUInt32BE(MARK.length);
}

/** Under the newest data key. */
export function wrapNewest(
  ring: KeyRing,
  plaintext: Uint8Array,
  context: Uint8Array,
  derive: Derive = itself,
): Buffer {
  const wrapped = withKey(ring, ring.current, derive, (key) =>
    wrap(key, plaintext, context, randomBytes(12)),
  );
  if (ring.current === 1) return wrapped;
  const version = Buffer.alloc(4);
  version.writeUInt32BE(ring.current);
  return Buffer.concat([MARK, version, wrapped]);
}

/** Throws VaultFailure `key_unknown`, EnvelopeError. */
export function openWrapped(
  ring: KeyRing,
  wrapped: Uint8Array,
  context: Uint8Array,
  derive: Derive = itself,
): Buffer {
  const version = versionOf(wrapped);
  const body = version === 1 ? wrapped : wrapped.subarray(HEADER_BYTES);
  return withKey(ring, version, derive, (key) => unwrap(key, body, context));
}

function withKey<Result>(
  ring: KeyRing,
  version: number,
  derive: Derive,
  work: (key: Buffer) => Result,
): Result {
  const dataKey = ring.keys.get(version);
  if (dataKey === undefined) {
    throw new VaultFailure(
      'key_unknown',
      `The wrapped secret is under data key ${version}, which is not among those of this database (${[...ring.keys.keys()].join(', ')}).`,
    );
  }
  const key = derive(dataKey);
  try {
    return work(key);
  } finally {
    if (key !== dataKey) key.fill(0);
  }
}
