import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { EnvelopeError } from './errors.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** 32 bytes, or the same as a secret `KeyObject`: made once, it saves two thirds of a call's time. */
export type WrapKey = Uint8Array | KeyObject;

/** How many bytes longer wrapped bytes are than their plaintext. */
export const WRAP_OVERHEAD = NONCE_BYTES + TAG_BYTES;

/**
 * Encrypts under a symmetric key: nonce | ciphertext | tag, AES-256-GCM, `context` as associated data.
 * `nonce`: 12 bytes that were never used with this key before (random, or a counter).
 * Throws EnvelopeError `bad_key` or `bad_nonce`.
 */
export function wrap(key: WrapKey, plaintext: Uint8Array, context: Uint8Array, nonce: Uint8Array): Buffer {
  checkKey(key);
  if (nonce.length !== NONCE_BYTES) {
    throw new EnvelopeError(
      'bad_nonce',
      `The nonce is ${nonce.length} bytes long; ${NONCE_BYTES} are needed.`,
    );
  }
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(context);
  const body = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

/** Opens what `wrap` made. Throws EnvelopeError `bad_key`, `wrapped_malformed` or `wrapped_unreadable`. */
export function unwrap(key: WrapKey, wrapped: Uint8Array, context: Uint8Array): Buffer {
  checkKey(key);
  if (wrapped.length < WRAP_OVERHEAD) {
    throw new EnvelopeError(
      'wrapped_malformed',
      `The wrapped bytes are ${wrapped.length} long; ${WRAP_OVERHEAD} are the least.`,
    );
  }
  const nonce = wrapped.subarray(0, NONCE_BYTES);
  const tag = wrapped.subarray(wrapped.length - TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(context)
    .setAuthTag(tag);
  const plaintext = decipher.update(wrapped.subarray(NONCE_BYTES, wrapped.length - TAG_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    plaintext.fill(0);
    throw new EnvelopeError(
      'wrapped_unreadable',
      'This can not be unwrapped: another key, another context, or changed bytes.',
      cause,
    );
  }
  return plaintext;
}

function checkKey(key: WrapKey): void {
  const length = key instanceof Uint8Array ? key.length : key.symmetricKeySize;
  if (length === KEY_BYTES) return;
  throw new EnvelopeError(
    'bad_key',
    `The key is ${length ?? 'no'} secret bytes long; ${KEY_BYTES} are needed.`,
  );
}
