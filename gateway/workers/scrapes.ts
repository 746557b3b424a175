import { joinedText, type MetricValues } from '../metrics.ts';

/** How long a worker may take to say its numbers: one that is stuck must not hide the others. */
const WAIT_MS = 2_000;

interface Scrape {
  missing: Set<number>;
  found: { worker: number; values: MetricValues }[];
  done: () => void;
}

/** Asks all workers for their numbers and puts them together. */
export class Scrapes {
  readonly #open = new Map<number, Scrape>();
  #count = 0;

  /** Prometheus text of the workers in `slots`, as far as they answer in time. `ask` sends the question with its number. */
  async text(slots: readonly number[], ask: (id: number) => void): Promise<string> {
    const id = ++this.#count;
    const all = Promise.withResolvers<void>();
    const scrape: Scrape = { missing: new Set(slots), found: [], done: all.resolve };
    this.#open.set(id, scrape);
    const timer = setTimeout(all.resolve, WAIT_MS);
    ask(id);
    await all.promise;
    clearTimeout(timer);
    this.#open.delete(id);
    return joinedText(scrape.found.toSorted((a, b) => a.worker - b.worker));
  }

  answered(id: number, worker: number, values: MetricValues): void {
    const scrape = this.#open.get(id);
    if (scrape?.missing.delete(worker) !== true) return;
    scrape.found.push({ worker, values });
    if (scrape.missing.size === 0) scrape.done();
  }
}
