import { createHash } from 'node:crypto';

/** A stream of made-up chance that is the same for the same seed and label. Not for secrets. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** True with this probability. */
  chance(share: number): boolean;
  /** An integer in [0, below). */
  below(below: number): number;
  pick<T>(list: readonly T[]): T;
  /** One entry, by weight. */
  weighted<T>(list: readonly T[], weight: (entry: T) => number): T;
  /** So many characters of lower-case letters and digits. */
  token(length: number): string;
}

const CHARACTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** sfc32 seeded from SHA-256 of the label, so that each person has a stream of their own. */
export function randomStream(seed: number, label: string): Random {
  const digest = createHash('sha256').update(`${seed}\n${label}`).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => {
    const found = list[below(list.length)];
    if (found === undefined) throw new RangeError('nothing to pick from: the list is empty');
    return found;
  };
  return {
    next,
    below,
    pick,
    chance: (share) => next() < share,
    weighted: (list, weight) => {
      let left = next() * list.reduce((sum, entry) => sum + weight(entry), 0);
      for (const entry of list) {
        left -= weight(entry);
        if (left < 0) return entry;
      }
      return pick(list);
    },
    token: (length) => Array.from({ length }, () => CHARACTERS[below(CHARACTERS.length)]).join(''),
  };
}
