import { createHmac } from 'node:crypto';

/**
 * What messages have in common without keeping their text: a keyed similarity hash of 64 bits over runs of three words (Charikar's
 * simhash), and keyed hashes of the hosts and domains that they use. Without the key neither says anything.
 */

const BITS = 64;
const RUN = 3;
/** Fewer words have no shape of their own. */
const FEWEST_WORDS = 12;
const MOST_WORDS = 2_000;
const BANDS = 4;
/** Bits that may differ between messages of one shape. */
export const CLOSE = 6;

/** Words without what changes from one recipient to the next: numbers, addresses, links. */
function wordsOf(text: string): string[] {
  return (
    (
      text
        .slice(0, 40_000)
        .normalize('NFKC')
        .toLowerCase()
        .split(/\s+/u)
        // One by one: an expression over all of it would take the square of a text without a space.
        .map((word) => (/\d|[^@]@[^@]/u.test(word) ? '' : word.replace(/(?:https?|hxxps?):\/\/.*/su, '')))
        .join(' ')
        .match(/\p{L}{2,}/gu) ?? []
    ).slice(0, MOST_WORDS)
  );
}

/** 8 bytes; null: too few words. */
export function shapeOf(text: string, key: Uint8Array): Buffer | null {
  const words = wordsOf(text);
  if (words.length < FEWEST_WORDS) return null;
  const sums = new Array<number>(BITS).fill(0);
  const seen = new Set<string>();
  for (let at = 0; at + RUN <= words.length; at++) {
    const run = words.slice(at, at + RUN).join(' ');
    if (seen.has(run)) continue;
    seen.add(run);
    const hash = createHmac('sha256', key).update(run).digest();
    for (let bit = 0; bit < BITS; bit++) {
      const isSet = ((hash[bit >> 3] ?? 0) >> (bit & 7)) & 1;
      sums[bit] = (sums[bit] ?? 0) + (isSet === 1 ? 1 : -1);
    }
  }
  const shape = Buffer.alloc(BITS / 8);
  for (const [bit, sum] of sums.entries())
    if (sum > 0) shape[bit >> 3] = (shape[bit >> 3] ?? 0) | (1 << (bit & 7));
  return shape;
}

/** Four numbers; shapes that differ in few bits are likely to share one. */
export function bandsOf(shape: Buffer | null): number[] {
  if (shape === null) return [];
  return Array.from({ length: BANDS }, (_, band) => (band << 16) | shape.readUInt16LE(band * 2));
}

/** How many bits differ. */
export function distanceOf(a: Buffer, b: Buffer): number {
  let bits = 0;
  for (let at = 0; at < a.length; at++) {
    let rest = (a[at] ?? 0) ^ (b[at] ?? 0);
    while (rest > 0) {
      bits += rest & 1;
      rest >>= 1;
    }
  }
  return bits;
}

const TRACE_BYTES = 12;
/** A keyed hash of a host or domain. */
export const traceOf = (name: string, key: Uint8Array): Buffer =>
  createHmac('sha256', key).update(`trace\n${name.toLowerCase()}`).digest().subarray(0, TRACE_BYTES);
