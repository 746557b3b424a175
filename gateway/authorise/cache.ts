import type { Decision } from './decision.ts';

/** Decisions that a worker keeps: a few megabytes. */
const KEPT = 10_000;

/** The decisions that were asked for last, by what they depend on. Made anew with every snapshot. */
export class DecisionCache {
  readonly #kept = new Map<string, Decision>();
  readonly #most: number;

  constructor(most: number = KEPT) {
    this.#most = most;
  }

  get(key: string): Decision | undefined {
    const known = this.#kept.get(key);
    if (known === undefined) return undefined;
    // A map is in the order in which its entries were put there: this one is the youngest again.
    this.#kept.delete(key);
    this.#kept.set(key, known);
    return known;
  }

  put(key: string, decision: Decision): void {
    if (this.#kept.size >= this.#most) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    }
    this.#kept.set(key, decision);
  }
}
