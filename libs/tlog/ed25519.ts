import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

/**
 * Ed25519 (RFC 8032). With sha256.ts the only file that takes from the runtime's cryptography, so that another runtime,
 * a browser, needs to put something else in the place of these two only.
 */

export const SEED_BYTES = 32;
export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

// The DER around raw keys (RFC 8410): PKCS #8 and SubjectPublicKeyInfo with the object identifier 1.3.101.112.
const PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b6570032100', 'hex');

/** Signs with the key that is made of a seed of 32 bytes. */
export function signerOf(seed: Uint8Array): { publicKey: Buffer; sign(message: Uint8Array): Buffer } {
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: Buffer.from(spki.subarray(PUBLIC.length)),
    sign: (message) => sign(null, message, key),
  };
}

/** Verifies signatures of a public key of 32 bytes. False for whatever is malformed. */
export function verifierOf(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean {
  const key = createPublicKey({ key: Buffer.concat([PUBLIC, publicKey]), format: 'der', type: 'spki' });
  return (message, signature) =>
    signature.length === SIGNATURE_BYTES && verify(null, message, key, signature);
}
