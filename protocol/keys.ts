import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * Virtual keys: `dbk_<id>_<secret><crc>`; tokens for the API: `dbt_<id>_<secret><crc>`.
 * `id` 16 characters of base32 (80 bits), `secret` 52 (256 bits + padding), `crc` 7: CRC-32 of all before it, so
 * that a scanner recognises a key exactly and a typing error is told from a wrong key. Only SHA-256 is stored:
 * the secret has 256 bits, so a slow hash would add nothing.
 */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
type Kind = 'dbk' | 'dbt';
const FORM = /^(db[kt])_([a-z2-7]{16})_([a-z2-7]{52})([a-z2-7]{7})$/;
/** Finds whole keys anywhere in text. */
export const VIRTUAL_KEY_PATTERN = /dbk_[a-z2-7]{16}_[a-z2-7]{59}/;

function base32(bytes: Uint8Array, length: number): string {
  let out = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(value >>> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  if (bits > 0) out += ALPHABET[(value << (5 - bits)) & 31];
  return out.slice(0, length);
}

function checksum(body: string): string {
  const sum = crc32(body);
  return base32(Uint8Array.of(sum >>> 24, sum >>> 16, sum >>> 8, sum), 7);
}

/** SHA-256 of the whole key: what is stored and compared (in constant time). 32 bytes. */
export function hashVirtualKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** A key or token that was just made: its text is shown once, and its hash (32 bytes) kept. */
export interface FormedKey {
  id: string;
  key: string;
  hash: Buffer;
}

/** Makes a key from 42 random bytes (10 for the id, 32 for the secret). Returns the text that is shown once. */
export const formVirtualKey = (random: Uint8Array): FormedKey => form('dbk', random);

/** Makes a token for the API from 42 random bytes, as a virtual key is made. */
export const formApiToken = (random: Uint8Array): FormedKey => form('dbt', random);

function form(kind: Kind, random: Uint8Array): FormedKey {
  if (random.length !== 42) throw new RangeError(`a key takes 42 random bytes, got ${random.length}`);
  const id = base32(random.subarray(0, 10), 16);
  const body = `${kind}_${id}_${base32(random.subarray(10), 52)}`;
  const key = body + checksum(body);
  return { id, key, hash: hashVirtualKey(key) };
}

/** The id of a well-formed key with a right checksum, else null. Says nothing about whether the key is known. */
export const virtualKeyId = (text: string): string | null => idOf('dbk', text);

/** The same of a token for the API. */
export const apiTokenId = (text: string): string | null => idOf('dbt', text);

function idOf(kind: Kind, text: string): string | null {
  const found = FORM.exec(text);
  if (found === null || found[1] !== kind || found[2] === undefined) return null;
  return checksum(text.slice(0, -7)) === found[4] ? found[2] : null;
}
