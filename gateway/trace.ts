import { type Stage, stages } from '@drawbridge/protocol';

/** Position of each stage in `stages`. */
export const stageIndex = Object.fromEntries(stages.map((stage, index) => [stage, index])) as Record<
  Stage,
  number
>;

/** Where a crossing is, and how long each stage took so far. The clock is read once per change of stage. */
export class Trace {
  readonly #now: () => number;
  readonly #micros: number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  #stage = 0;
  #since: number;

  /** `now`: monotonic milliseconds with fractions. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  enter(stage: number): void {
    const now = this.#now();
    this.#micros[this.#stage] = (this.#micros[this.#stage] ?? 0) + (now - this.#since) * 1000;
    this.#stage = stage;
    this.#since = now;
  }

  get stage(): Stage {
    return stages[this.#stage] ?? 'accept';
  }

  /** Whole microseconds per stage, in the order of `stages`, up to now. To be called once, at the end. */
  timings(): number[] {
    this.enter(this.#stage);
    const whole = this.#micros;
    for (let index = 0; index < whole.length; index++) {
      whole[index] = Math.max(0, Math.round(whole[index] ?? 0));
    }
    return whole;
  }
}
