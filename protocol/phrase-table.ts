import { FIRST_BYTES, PHRASE_BYTES, type PhraseHasher } from './phrases.ts';
import type { ScanConfig } from './snapshot.ts';
import type { FieldClass } from './vocabulary.ts';

type Lists = NonNullable<ScanConfig['phrases']>;

interface KnownPhrase {
  id: string;
  class: FieldClass;
}

/** Packed lists as a scanner asks them (`KnownPhrases` of libs/scan). */
export interface PhraseTable {
  begins(firstWord: string): readonly number[] | null;
  lookup(words: string): KnownPhrase | null;
}

/** For each set of bits the counts of words that it stands for. */
const countsOf: readonly (readonly number[])[] = Array.from({ length: 256 }, (_, mask) =>
  [1, 2, 3, 4, 5, 6, 7, 8].filter((count) => (mask & (1 << (count - 1))) !== 0),
);

/**
 * Makes packed lists ready for look-ups: a keyed print tells nearly all other words apart, and a keyed hash of 96 bits
 * decides. Of a phrase that several lists have, the first counts. Throws RangeError for what was not packed so.
 */
export function phraseTable(lists: Lists, hasher: PhraseHasher): PhraseTable {
  const firsts = new Map<number, number>();
  for (const [at, { first }] of lists.entries()) {
    const packed = unpacked(first, FIRST_BYTES, `phrases[${at}].first`);
    for (let from = 0; from < packed.length; from += FIRST_BYTES) {
      const print = packed.readUInt32BE(from);
      firsts.set(print, (firsts.get(print) ?? 0) | packed.readUInt8(from + 4));
    }
  }
  const whole = new Whole(lists, hasher);
  return {
    begins(word) {
      const mask = firsts.get(hasher.print(word));
      return mask === undefined ? null : (countsOf[mask] ?? null);
    },
    lookup: (words) => whole.lookup(words),
  };
}

/** All phrases of all lists, found by their prints: open addressing over one array of bytes. */
class Whole {
  readonly #hasher: PhraseHasher;
  readonly #packed: Buffer;
  /** Index of a phrase, from 1; 0: free. */
  readonly #slots: Uint32Array;
  readonly #mask: number;
  readonly #lists: { until: number; known: KnownPhrase }[] = [];

  constructor(lists: Lists, hasher: PhraseHasher) {
    this.#hasher = hasher;
    const all = lists.map(({ phrases }, at) => unpacked(phrases, PHRASE_BYTES, `phrases[${at}].phrases`));
    this.#packed = Buffer.concat(all);
    let until = 0;
    for (const [at, { list, class: name }] of lists.entries()) {
      until += (all[at]?.length ?? 0) / PHRASE_BYTES;
      this.#lists.push({ until, known: { id: `list ${list}`, class: name } });
    }
    let size = 16;
    while (size < until * 2) size *= 2;
    this.#mask = size - 1;
    this.#slots = new Uint32Array(size);
    for (let index = 0; index < until; index++) {
      let slot = this.#packed.readUInt32BE(index * PHRASE_BYTES) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = index + 1;
    }
  }

  lookup(words: string): KnownPhrase | null {
    const print = this.#hasher.print(words);
    let proof: Buffer | null = null;
    for (let slot = print & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const index = (this.#slots[slot] ?? 0) - 1;
      if (index < 0) return null;
      const from = index * PHRASE_BYTES;
      if (this.#packed.readUInt32BE(from) !== print) continue;
      proof ??= this.#hasher.proof(words);
      if (proof.compare(this.#packed, from + 4, from + PHRASE_BYTES) === 0) return this.#knownAt(index);
    }
  }

  #knownAt(index: number): KnownPhrase | null {
    return this.#lists.find(({ until }) => index < until)?.known ?? null;
  }
}

function unpacked(packed: string, width: number, field: string): Buffer {
  const bytes = Buffer.from(packed, 'base64url');
  if (bytes.length % width === 0 && bytes.length === Math.floor((packed.length * 3) / 4)) return bytes;
  throw new RangeError(`${field} is no base64url of ${width} bytes for each`);
}
