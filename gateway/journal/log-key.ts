import { hkdfSync } from 'node:crypto';
import { generateKey, logSigner, type Signer } from '@drawbridge/tlog';

const SALT = 'drawbridge gateway log key 1';
const SEED_BYTES = 32;

/**
 * The Ed25519 key of a log, made from its gateway's own disk key (32 bytes) with HKDF-SHA-256, the log's origin being
 * the info: each log has another one, and key files stay as they are.
 */
export function logKeyOf(diskKey: Uint8Array, origin: string): Signer {
  const seed = hkdfSync('sha256', diskKey, SALT, origin, SEED_BYTES);
  return logSigner(generateKey(origin, new Uint8Array(seed)));
}
