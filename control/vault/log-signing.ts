import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { VaultFailure } from './failure.ts';
import { type KeyRing, openWrapped, wrapNewest } from './ring.ts';

/**
 * Keys that sign logs. They are wrapped under a key of their own, derived from the data key: so none of the vault's other
 * calls can open one, and none of them can be made to seal it to anyone.
 */
const SEED_BYTES = 32;
/** An Ed25519 seed as PKCS #8, and a public key as SPKI, are these bytes and then theirs (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_BYTES = 12;

const contextOf = (name: string): Buffer => Buffer.from(JSON.stringify(['drawbridge log key 1', name]));

/** The same key, under the newest data key. */
export function rewrapLogKey(ring: KeyRing, name: string, wrapped: Uint8Array): Buffer {
  const seed = openWrapped(ring, wrapped, contextOf(name), wrappingKey);
  try {
    return wrapNewest(ring, seed, contextOf(name), wrappingKey);
  } finally {
    seed.fill(0);
  }
}

function wrappingKey(dataKey: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, '', 'drawbridge vault log keys 1', 32));
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([PKCS8, seed]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

export function makeLogKey(ring: KeyRing, name: string): { publicKey: Buffer; wrapped: Buffer } {
  const seed = randomBytes(SEED_BYTES);
  try {
    const spki = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' });
    return {
      publicKey: spki.subarray(SPKI_BYTES),
      wrapped: wrapNewest(ring, seed, contextOf(name), wrappingKey),
    };
  } finally {
    seed.fill(0);
  }
}

/** A key signs checkpoints of its own log only: their first line is the log's name. */
export function signLog(ring: KeyRing, ask: { name: string; key: Uint8Array; text: string }): Uint8Array {
  if (!ask.text.startsWith(`${ask.name}\n`))
    throw new VaultFailure('wrong_log', 'The text to sign is no checkpoint of the log that the key is for.');
  const seed = openWrapped(ring, ask.key, contextOf(ask.name), wrappingKey);
  try {
    return sign(null, Buffer.from(ask.text), privateKeyOf(seed));
  } finally {
    seed.fill(0);
  }
}
