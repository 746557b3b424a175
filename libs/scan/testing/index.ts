import { ALPHABETS } from '../alphabets.ts';
import { checksumOf } from '../checksum.ts';
import { lengthOf, parseForm } from '../forms.ts';
import type { Checksum } from '../types.ts';

export { type Crafted, crafted } from './crafted.ts';

/** A number of 0 to below 1, as `Math.random` gives, but the same each time for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A made-up text of a form, with its checksum where the rule has one: random characters of each alphabet.
 */
export function exampleOf(form: string, random: () => number, checksum?: Checksum): string {
  const parts = parseForm(form, 'form');
  let out = '';
  for (const part of parts) {
    if ('literal' in part) {
      out += part.literal;
      continue;
    }
    const alphabet = ALPHABETS[part.alphabet];
    const length = part.min + Math.floor(random() * (part.max - part.min + 1));
    for (let at = 0; at < length; at++) out += alphabet.charAt(Math.floor(random() * alphabet.length));
  }
  if (checksum === undefined || lengthOf(parts).min < 7) return out;
  const first = parts[0];
  const prefix = first !== undefined && 'literal' in first ? first.literal.length : 0;
  return out.slice(0, -6) + checksumOf(checksum, out.slice(prefix));
}
