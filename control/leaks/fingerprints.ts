import { createHmac } from 'node:crypto';

/** HMAC-SHA256 under a secret that never leaves the vault. */
export type Keyed = (bytes: Uint8Array) => Promise<Buffer>;

/** What values of leaks are known by: the key that their hashes are hashed under, read once. */
export function fingerprintKeyReader(keyed: Keyed): () => Promise<Buffer> {
  let key: Promise<Buffer> | null = null;
  return () => {
    key ??= keyed(Buffer.from('drawbridge leaks: fingerprints 1')).catch((error: unknown) => {
      key = null;
      throw error;
    });
    return key;
  };
}

/** HMAC-SHA256 of a reported SHA-256, as base64url. */
export const fingerprintOf = (key: Buffer, sha256: string): Buffer =>
  createHmac('sha256', key).update(sha256).digest();
