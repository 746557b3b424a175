import type { Grant, Limit } from './ledger.ts';

/** Asks a ledger for a slice: `left` and `leftEnds` as in `LeaseLedger.lease`. */
export type Ask = (name: string, limit: Limit, left: number, leftEnds: number) => Grant | Promise<Grant>;

/** Nothing is left: milliseconds until the next window. */
export interface Refused {
  waitMs: number;
}

export interface Unused {
  name: string;
  left: number;
  ends: number;
}

interface Slice {
  left: number;
  ends: number;
  cap: number;
  /** The ledger had no more for this cap in this window. */
  isDry: boolean;
  asking: Promise<void> | null;
  /** What was left when the ledger was asked last. */
  told: number;
}

/** One holder's slices. While one has something left, using it asks nobody. */
export class LeaseHolder {
  readonly #slices = new Map<string, Slice>();
  readonly #ask: Ask;
  readonly #now: () => number;

  /** `now`: milliseconds since 1970, by the ledger's clock. */
  constructor(ask: Ask, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  /** Takes one. Null: taken; a promise where a slice has to be fetched, which rejects when it can't be. */
  take(name: string, limit: Limit): Refused | null | Promise<Refused | null> {
    return this.#draw(name, limit, 1);
  }

  /** The same for what is only counted afterwards: whether anything is left, without taking of it. */
  open(name: string, limit: Limit): Refused | null | Promise<Refused | null> {
    return this.#draw(name, limit, 0);
  }

  /** Counts what was used. It may be more than is left: then the ledger is told. */
  spend(name: string, limit: Limit, amount: number): void {
    const slice = this.#sliceOf(name, limit);
    slice.left -= amount;
    // The next one is fetched before someone waits for it. Who asks next is told of a failure.
    if (slice.left <= 0) this.#fetch(name, limit, slice)?.catch(() => undefined);
  }

  /** Puts one back that was taken and not used. */
  putBack(name: string): void {
    const slice = this.#slices.get(name);
    if (slice !== undefined) slice.left += 1;
  }

  /** Forgets slices of windows that are over: keys come and go. */
  tidy(): void {
    const now = this.#now();
    for (const [name, { ends, asking }] of this.#slices) {
      if (ends <= now && asking === null) this.#slices.delete(name);
    }
  }

  /** Gives up everything, to be given back to the ledger. */
  release(): Unused[] {
    const unused = [...this.#slices].map(([name, { left, ends }]) => ({ name, left, ends }));
    this.#slices.clear();
    return unused.filter(({ left }) => left !== 0);
  }

  #draw(name: string, limit: Limit, amount: number): Refused | null | Promise<Refused | null> {
    const slice = this.#sliceOf(name, limit);
    const known = this.#drawNow(slice, amount);
    if (known !== undefined) return known;
    // A grant that is here has something in it, or says that there is no more: the second look finds one of both.
    return this.#fetch(name, limit, slice) === null
      ? this.#draw(name, limit, amount)
      : this.#drawLater(name, limit, amount);
  }

  async #drawLater(name: string, limit: Limit, amount: number): Promise<Refused | null> {
    for (;;) {
      const slice = this.#sliceOf(name, limit);
      const known = this.#drawNow(slice, amount);
      if (known !== undefined) return known;
      await this.#fetch(name, limit, slice);
    }
  }

  #drawNow(slice: Slice, amount: number): Refused | null | undefined {
    if (slice.left > 0) {
      slice.left -= amount;
      return null;
    }
    return slice.isDry ? { waitMs: Math.max(1, slice.ends - this.#now()) } : undefined;
  }

  /** The slice as it is now: one of a window that is over is nothing, one of another cap is asked for anew. */
  #sliceOf(name: string, { cap }: Limit): Slice {
    const known = this.#slices.get(name);
    if (known === undefined) {
      const slice = { left: 0, ends: 0, cap, isDry: false, asking: null, told: 0 };
      this.#slices.set(name, slice);
      return slice;
    }
    if (known.ends !== 0 && this.#now() >= known.ends) {
      // The answer that is under way settles what was told.
      known.left = known.asking === null ? 0 : known.told;
      known.ends = 0;
      known.isDry = false;
    }
    if (known.cap !== cap) {
      known.cap = cap;
      known.isDry = false;
    }
    return known;
  }

  /** One question at a time for each slice. Null: it was answered at once. */
  #fetch(name: string, limit: Limit, slice: Slice): Promise<void> | null {
    if (slice.asking !== null) return slice.asking;
    const told = slice.left;
    slice.told = told;
    const answer = this.#ask(name, limit, told, slice.ends);
    if (!(answer instanceof Promise)) {
      this.#granted(slice, answer, told, limit);
      return null;
    }
    const asking = answer
      .then((grant) => this.#granted(slice, grant, told, limit))
      .finally(() => {
        slice.asking = null;
      });
    slice.asking = asking;
    return asking;
  }

  /** What was used or put back while the question was under way stays counted. */
  #granted(slice: Slice, { amount, ends }: Grant, told: number, asked: Limit): void {
    slice.left += amount - told;
    slice.ends = ends;
    // A cap that was changed meanwhile is asked for anew.
    slice.isDry = amount === 0 && slice.cap === asked.cap;
  }
}
