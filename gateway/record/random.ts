/** So many random bytes, fit for keys. */
export type Random = (length: number) => Buffer;

const POOL_BYTES = 6144;
const TOKEN = 24;
const UUID_DIGITS = 20;
const VARIANT = '89ab';

/**
 * Random text out of a pool: one call to the system's source, and one encoding, serve hundreds of crossings. What was
 * given out is never given again.
 */
export class RandomTexts {
  readonly #random: Random;
  #base64 = '';
  #base64At = 0;
  #hex = '';
  #hexAt = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** 144 random bits: 24 characters of base64url. */
  token(): string {
    if (this.#base64At + TOKEN > this.#base64.length) {
      this.#base64 = this.#random(POOL_BYTES).toString('base64url');
      this.#base64At = 0;
    }
    const from = this.#base64At;
    this.#base64At = from + TOKEN;
    return this.#base64.slice(from, from + TOKEN);
  }

  /** A UUID version 7 (RFC 9562): 48 bits of time (`at`: milliseconds since 1970), 74 random bits. */
  uuid(at: number): string {
    if (this.#hexAt + UUID_DIGITS > this.#hex.length) {
      this.#hex = this.#random(POOL_BYTES).toString('hex');
      this.#hexAt = 0;
    }
    const hex = this.#hex;
    const from = this.#hexAt;
    this.#hexAt = from + UUID_DIGITS;
    const time = at.toString(16).padStart(12, '0').slice(-12);
    const variant = VARIANT[Number.parseInt(hex[from] ?? '0', 16) & 3] ?? '8';
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(from + 1, from + 4)}-${variant}${hex.slice(
      from + 4,
      from + 7,
    )}-${hex.slice(from + 7, from + 19)}`;
  }
}
