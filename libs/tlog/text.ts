import { TlogError, type TlogErrorCode } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import { isSize } from './tree.ts';

/** Reading the texts of C2SP: strict, so that what parses has one spelling. */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of bytes that are valid UTF-8, at most `limit` of them. Throws TlogError: `too_large`, or `code`. */
export function readText(
  input: Uint8Array | string,
  limit: number,
  code: TlogErrorCode,
  what: string,
): string {
  const length = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (length > limit)
    throw new TlogError('too_large', `The ${what} is ${length} bytes long; at most ${limit} are read.`);
  if (typeof input === 'string') {
    if (input.isWellFormed()) return input;
    throw new TlogError(code, `The ${what} is no valid Unicode text.`);
  }
  try {
    return utf8.decode(input);
  } catch (cause) {
    throw new TlogError(code, `The ${what} is not valid UTF-8.`, cause);
  }
}

/** Whether there is a control character below U+0020 in it, other than a newline. */
export function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}

/** A decimal number without leading zeroes, up to 2^53 − 1; null for any other text. */
export function parseDecimal(text: string): number | null {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(text)) return null;
  const number = Number(text);
  return isSize(number) ? number : null;
}

/** The bytes of standard base64 with padding, in its one spelling; null for any other text. */
export function parseBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** A hash in base64; null for any other text. */
export function parseHash(text: string): Buffer | null {
  // 44 characters: no need to decode a line of a megabyte to see that it is no hash.
  const bytes = text.length === 44 ? parseBase64(text) : null;
  return bytes?.length === HASH_BYTES ? bytes : null;
}

/** Whether a key can have this name: not empty, no Unicode spaces, no plus. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}+]/u.test(name) && !hasControl(name);
}
