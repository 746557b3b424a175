import { getPublicKey, hashes, sign, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';

/** In the place of libs/tlog's ed25519.ts: what a browser has of its own is asynchronous. */

export const SEED_BYTES = 32;
export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

hashes.sha512 = sha512;

/** Signs with the key that is made of a seed of 32 bytes. */
export function signerOf(seed: Uint8Array): { publicKey: Buffer; sign(message: Uint8Array): Buffer } {
  return {
    publicKey: Buffer.from(getPublicKey(seed)),
    sign: (message) => Buffer.from(sign(message, seed)),
  };
}

/** Verifies signatures of a public key of 32 bytes, as strictly as RFC 8032. False for whatever is malformed. */
export function verifierOf(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean {
  return (message, signature) =>
    signature.length === SIGNATURE_BYTES && verify(signature, message, publicKey, { zip215: false });
}
