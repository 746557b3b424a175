/**
 * - `bad_key`: a key has the wrong length or is no point that can be used.
 * - `bad_nonce`: a nonce is not 12 bytes long.
 * - `sealed_malformed`: the sealed form is not what `sealTo` makes (base64url, 32-byte `enc`, a whole tag).
 * - `sealed_unreadable`: wrong private key, wrong context, or changed bytes; which of them can't be told.
 * - `wrapped_malformed`: too short to hold a nonce and a tag.
 * - `wrapped_unreadable`: wrong key, wrong context, or changed bytes.
 */
export type EnvelopeErrorCode =
  | 'bad_key'
  | 'bad_nonce'
  | 'sealed_malformed'
  | 'sealed_unreadable'
  | 'wrapped_malformed'
  | 'wrapped_unreadable';

/** Why something could not be sealed or opened. The message never holds key, plaintext or context. */
export class EnvelopeError extends Error {
  readonly code: EnvelopeErrorCode;
  constructor(code: EnvelopeErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EnvelopeError';
    this.code = code;
  }
}
