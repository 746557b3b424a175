/** Milliseconds of such work in a row: then the event loop has its turn, and crossings beside it go on. */
const SLICE_MS = 2;

interface Task {
  /** Whether it is done. */
  step(): boolean;
}

/**
 * Long work of a worker, a slice at a time: each turn of the event loop has one slice, of one task, and the tasks take
 * turns. So what one of them costs is only its own time.
 */
export class Slices {
  readonly #monotonic: () => number;
  #tasks: Task[] = [];

  /** `monotonic`: milliseconds with fractions. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /**
   * Runs steps to their end, and resolves with what they return. Rejects with what they throw. `cut`: asked before each step;
   * the error with which the rest is left undone, null: it goes on.
   */
  run<Result>(steps: Generator<undefined, Result>, cut: () => Error | null = never): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const step = (): boolean => {
      try {
        const cause = cut();
        if (cause !== null) throw cause;
        const { done, value } = steps.next();
        if (done === true) resolve(value);
        return done === true;
      } catch (cause) {
        reject(cause);
        return true;
      }
    };
    this.#tasks.push({ step });
    if (this.#tasks.length === 1) setImmediate(this.#turn);
    return promise;
  }

  readonly #turn = (): void => {
    const [task] = this.#tasks;
    if (task === undefined) return;
    const until = this.#monotonic() + SLICE_MS;
    let isDone = task.step();
    while (!isDone && this.#monotonic() < until) isDone = task.step();
    this.#tasks.shift();
    if (!isDone) this.#tasks.push(task);
    if (this.#tasks.length > 0) setImmediate(this.#turn);
  };
}

const never = (): null => null;
