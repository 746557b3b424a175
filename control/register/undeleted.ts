import type { Day } from './days.ts';

/** What a vendor got and is not proven to have deleted. */

/** One kind of data that crossed to a vendor, and when it crossed last. */
export interface Got {
  class: string;
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
}

const DAY_MS = 24 * 3_600_000;
const ALL = 'all';

/**
 * Up to when it is proven that data of a class was deleted, in ms: the end of the day that the latest proof names; null: there
 * is none. A proof covers what crossed up to its day, not what crossed after it. All that counts what is held asks here.
 */
export function provenUntil(deletions: readonly Deletion[], fieldClass: string): number | null {
  const days = deletions
    .filter((one) => one.isProven && (one.class === fieldClass || one.class === ALL))
    .map(({ on }) => Date.parse(on));
  return days.length === 0 ? null : Math.max(...days) + DAY_MS - 1;
}

/** `people`: of whom something is held still, each once. */
export function undeletedOf(got: readonly Got[], deletions: readonly Deletion[], people: number): Undeleted {
  const left = got.filter((one) => {
    const until = provenUntil(deletions, one.class);
    return until === null || Date.parse(one.lastOn) > until;
  });
  return { classes: [...new Set(left.map((one) => one.class))], people };
}
