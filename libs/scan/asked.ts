import type { KnownValue, KnownValues } from './types.ts';

/**
 * Values that only somebody else can tell: each run that is not told yet is kept in `runs`, to be asked about before the
 * same text is looked through again. `told`: what is known by now, by run. Of more than `most` runs the rest is not known.
 */
export class AskedValues implements KnownValues {
  readonly lengths: ReadonlySet<number>;
  readonly around = false;
  readonly runs = new Set<string>();
  readonly #told: ReadonlyMap<string, KnownValue>;
  readonly #most: number;

  constructor(lengths: Iterable<number>, told: ReadonlyMap<string, KnownValue>, most = 512) {
    this.lengths = new Set(lengths);
    this.#told = told;
    this.#most = most;
  }

  lookup(run: string): KnownValue | null {
    const known = this.#told.get(run);
    if (known !== undefined) return known;
    if (this.runs.size < this.#most) this.runs.add(run);
    return null;
  }
}
