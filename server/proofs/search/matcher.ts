/** Bytes at which a pattern stands. */
export interface Match<T> {
  at: number;
  of: T;
}

/** Shorter ones would be found everywhere by chance. */
export const LEAST_PATTERN_BYTES = 6;
const WINDOW = 3;

/**
 * Finds many patterns in one pass over the bytes: a table of the three bytes that patterns begin with says where a
 * closer look is worth it. Throws RangeError for a pattern under six bytes.
 */
export class Matcher<T> {
  readonly #begins = new Uint8Array(2 ** (8 * WINDOW));
  readonly #patterns = new Map<number, { bytes: Buffer; of: T }[]>();

  constructor(patterns: Iterable<{ bytes: Buffer; of: T }>) {
    for (const pattern of patterns) {
      if (pattern.bytes.length < LEAST_PATTERN_BYTES) {
        throw new RangeError(`a pattern of ${pattern.bytes.length} bytes would be found by chance`);
      }
      const begin = pattern.bytes.readUIntBE(0, WINDOW);
      this.#begins[begin] = 1;
      this.#patterns.set(begin, [...(this.#patterns.get(begin) ?? []), pattern]);
    }
  }

  find(bytes: Buffer): Match<T>[] {
    const found: Match<T>[] = [];
    let window = 0;
    for (let end = 0; end < bytes.length; end++) {
      window = ((window << 8) | (bytes[end] ?? 0)) & 0xffffff;
      if (this.#begins[window] !== 1 || end < WINDOW - 1) continue;
      const at = end - WINDOW + 1;
      for (const pattern of this.#patterns.get(window) ?? []) {
        const candidate = bytes.subarray(at, at + pattern.bytes.length);
        if (candidate.equals(pattern.bytes)) found.push({ at, of: pattern.of });
      }
    }
    return found;
  }
}
