/** Decisions that a worker keeps, twice: a few megabytes. */
const KEPT = 5_000;

/**
 * The decisions that were asked for last, by what they depend on. Made anew with every snapshot. Two generations stand in
 * for an exact order of use: moving an entry to the end of a map at each use costs more than all the rest (measured).
 */
export class DecisionCache<Kept> {
  #young = new Map<string, Kept>();
  #old = new Map<string, Kept>();
  readonly #most: number;

  /** `most`: in each generation. */
  constructor(most: number = KEPT) {
    this.#most = most;
  }

  get(key: string): Kept | undefined {
    const known = this.#young.get(key);
    if (known !== undefined) return known;
    const old = this.#old.get(key);
    if (old !== undefined) this.put(key, old);
    return old;
  }

  put(key: string, decision: Kept): void {
    if (this.#young.size >= this.#most) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, decision);
  }
}
