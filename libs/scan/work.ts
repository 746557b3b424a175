import { ScanBudgetError } from './errors.ts';

/** Counts what scans look at. The same text costs the same each time. */
export class Work {
  readonly #allowed: number;
  #left: number;

  constructor(allowed: number) {
    this.#allowed = allowed;
    this.#left = allowed;
  }

  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new ScanBudgetError(this.#allowed);
  }
}
