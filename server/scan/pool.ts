import { Worker } from 'node:worker_threads';
import { ScanError } from './errors.ts';
import { type Batch, type Outcome, Runner, type Setup } from './jobs.ts';

/** Starting threads costs more than so many batches. */
const HERE_FIRST = 4;

/** Scans in several threads. What is given first is done in this one, so that a small scan starts none. */
export class Pool {
  readonly #setup: Setup;
  readonly #threads: number;
  readonly #take: (outcome: Outcome) => void;
  readonly #here: Runner;
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  #batches = 0;
  #failure: ScanError | null = null;
  #wake: (() => void) | null = null;

  /** `take` is given each batch's outcome, in any order. */
  constructor(setup: Setup, threads: number, take: (outcome: Outcome) => void) {
    this.#setup = setup;
    this.#threads = threads;
    this.#take = take;
    this.#here = new Runner(setup);
  }

  /** Resolves once the batch is being worked on. Throws ScanError `worker_failed`, `git_failed`. */
  async give(batch: Batch): Promise<void> {
    this.#batches++;
    if (this.#threads <= 1 || this.#batches <= HERE_FIRST) {
      this.#take(await this.#here.run(batch));
      return;
    }
    while (this.#idle.length === 0 && this.#workers.length >= this.#threads) await this.#change();
    const worker = this.#idle.pop() ?? this.#start();
    worker.postMessage(batch);
  }

  /** Resolves once all that was given is done. The threads go on to wait for more. */
  async settled(): Promise<void> {
    while (this.#idle.length < this.#workers.length) await this.#change();
  }

  async end(): Promise<void> {
    await this.#here.end();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #change(): Promise<void> {
    if (this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: this.#setup });
    this.#workers.push(worker);
    worker.on('message', (outcome: Outcome) => {
      this.#take(outcome);
      this.#idle.push(worker);
      this.#wake?.();
    });
    worker.on('error', (error) => {
      this.#failure ??= new ScanError('worker_failed', `a scan ended in the middle: ${error.message}`);
      this.#wake?.();
    });
    return worker;
  }
}
