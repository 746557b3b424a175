import type { Day } from './days.ts';

/** What a vendor got and is not proven to have deleted. */

/** One kind of data that crossed to a vendor: how many people it speaks of, and when it crossed last. */
export interface Got {
  class: string;
  people: number;
  lastOn: Day;
}

/** That something was deleted, as stated; it is proven where a proof is kept. `class`: a field class, or `all`. */
export interface Deletion {
  class: string;
  on: Day;
  isProven: boolean;
}

export interface Undeleted {
  classes: readonly string[];
  people: number;
  /** Less may be the truth: some kinds are proven deleted, and people are counted per kind. */
  isUpTo: boolean;
}

/**
 * A proof covers what crossed up to its day, not what crossed after it. `peopleInAll`: over all kinds, each person once.
 */
export function undeletedOf(
  got: readonly Got[],
  deletions: readonly Deletion[],
  peopleInAll: number,
): Undeleted {
  const proofs = deletions.filter(({ isProven }) => isProven);
  const left = got.filter(
    (one) =>
      !proofs.some((proof) => (proof.class === 'all' || proof.class === one.class) && proof.on >= one.lastOn),
  );
  const isWhole = left.length === got.length;
  const summed = left.reduce((sum, { people }) => sum + people, 0);
  return {
    classes: [...new Set(left.map((one) => one.class))],
    people: left.length === 0 ? 0 : isWhole ? peopleInAll : Math.min(peopleInAll, summed),
    isUpTo: !isWhole && left.length > 0,
  };
}
