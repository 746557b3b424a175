import { foldedWord } from './characters.ts';

/** Longer words are never keywords. */
export const LONGEST_WORD = 28;

export const NO_WORD = 0x811c9dc5 | 0;

/** FNV-1a over the characters of a word, in lower case. */
export const hashStep = (hash: number, code: number): number => Math.imul(hash ^ (code | 32), 0x01000193);

/**
 * Words to sets of bits, looked up by hash alone: a word that happens to share a keyword's 32 bits counts as that
 * keyword, which costs a hint and never a checksum.
 */
export class WordTable {
  readonly #size: number;
  readonly #hashes: Int32Array;
  readonly #masks: Int32Array;

  /** Lists of words parted by white space, each with the bits that it stands for. Words of two parts are written as one. */
  constructor(lists: readonly (readonly [bits: number, words: string])[]) {
    const masks = new Map<number, number>();
    for (const [bits, words] of lists) {
      for (const word of words.split(/\s+/)) {
        if (word === '') continue;
        const hash = foldedWord(word).reduce(hashStep, NO_WORD);
        masks.set(hash, (masks.get(hash) ?? 0) | bits);
      }
    }
    let size = 64;
    while (size < masks.size * 4) size *= 2;
    this.#size = size - 1;
    this.#hashes = new Int32Array(size);
    this.#masks = new Int32Array(size);
    for (const [hash, mask] of masks) {
      let slot = hash & this.#size;
      while (this.#masks[slot] !== 0) slot = (slot + 1) & this.#size;
      this.#hashes[slot] = hash;
      this.#masks[slot] = mask;
    }
  }

  /** The bits of the word with this hash; 0 for none. */
  get(hash: number): number {
    let slot = hash & this.#size;
    for (;;) {
      const mask = this.#masks[slot] ?? 0;
      if (mask === 0 || this.#hashes[slot] === hash) return mask;
      slot = (slot + 1) & this.#size;
    }
  }
}
