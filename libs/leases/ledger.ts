/** How much of something may be used in a span of time. */
export interface Limit {
  /** Whole units per window. */
  cap: number;
  /** Length of a window, milliseconds. */
  windowMs: number;
  /** Windows begin at multiples of their length since 1970 (days: at midnight UTC) and are kept; else at their first use. */
  aligned: boolean;
}

/** A slice of a cap. `amount` 0: nothing is left before `ends` (milliseconds since 1970). */
export interface Grant {
  amount: number;
  ends: number;
}

interface Account {
  ends: number;
  /** Granted and not given back, and used beyond what was granted. */
  used: number;
  aligned: boolean;
}

/** What of a ledger outlives its process: accounts of aligned windows. */
export type LedgerState = Record<string, { ends: number; used: number }>;

/** A slice is at most this part of its cap: what a holder that is lost takes with it. */
const MOST_PARTS = 64;
/** And at least this part: so that the end of a cap is not handed out one by one. */
const LEAST_PARTS = 1024;
/** How often accounts of windows that are over are looked for. */
const SWEEP_MS = 60_000;

/**
 * Hands out caps in slices, so that many holders keep them together without asking for each use. Within one window the
 * slices out never exceed the cap, whoever is lost with theirs: what is not given back counts as used.
 */
export class LeaseLedger {
  readonly #accounts = new Map<string, Account>();
  readonly #holders: () => number;
  #sweptAt = 0;

  /** `holders`: how many may ask for the same cap, at least 1. */
  constructor(holders: () => number, state: LedgerState = {}) {
    this.#holders = holders;
    for (const [name, { ends, used }] of Object.entries(state)) {
      this.#accounts.set(name, { ends, used, aligned: true });
    }
  }

  /**
   * Grants a slice. `left` is what the asker has of its last one, which ended at `leftEnds`: more than nothing is taken
   * back, less than nothing is what it used beyond it. `now`: milliseconds since 1970.
   */
  lease(name: string, limit: Limit, left: number, leftEnds: number, now: number): Grant {
    const account = this.#accountOf(name, limit, now);
    if (isCounted(left, leftEnds, account)) use(account, -left);
    const remaining = limit.cap - account.used;
    if (remaining <= 0) return { amount: 0, ends: account.ends };
    const share = Math.floor(remaining / (2 * Math.max(1, this.#holders())));
    const most = Math.ceil(limit.cap / MOST_PARTS);
    const least = Math.ceil(limit.cap / LEAST_PARTS);
    const amount = Math.min(remaining, Math.max(least, limit.aligned ? Math.min(share, most) : share));
    use(account, amount);
    return { amount, ends: account.ends };
  }

  /** Undoes a lease of which the asker never hears: it still has what it told. Arguments as they were. */
  cancel(name: string, left: number, leftEnds: number, { amount, ends }: Grant): void {
    const account = this.#accounts.get(name);
    if (account?.ends !== ends) return;
    use(account, isCounted(left, leftEnds, account) ? left - amount : -amount);
  }

  /** Takes back what was left (or, less than nothing, was used beyond) of a slice, when its holder ends. */
  giveBack(name: string, left: number, ends: number): void {
    const account = this.#accounts.get(name);
    if (account?.ends === ends) use(account, -left);
  }

  /** What is to be kept: windows that are over, and those that begin with their first use, are not. */
  state(now: number): LedgerState {
    const state: LedgerState = {};
    for (const [name, { ends, used, aligned }] of this.#accounts) {
      if (ends <= now) this.#accounts.delete(name);
      else if (aligned) state[name] = { ends, used };
    }
    return state;
  }

  /** Forgets accounts whose window is over, once in a while. */
  #sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) < SWEEP_MS) return;
    this.#sweptAt = now;
    for (const [name, { ends }] of this.#accounts) if (ends <= now) this.#accounts.delete(name);
  }

  /** A clock that goes back opens no window again: the one that is open lasts longer. */
  #accountOf(name: string, { windowMs, aligned }: Limit, now: number): Account {
    const known = this.#accounts.get(name);
    if (known !== undefined && now < known.ends) return known;
    this.#sweep(now);
    const ends = aligned ? (Math.floor(now / windowMs) + 1) * windowMs : now + windowMs;
    const account = { ends, used: 0, aligned };
    this.#accounts.set(name, account);
    return account;
  }
}

/** Used in a window that is over, it counts in the one in which it is told. */
function isCounted(left: number, leftEnds: number, { ends }: Account): boolean {
  return leftEnds === ends || left < 0;
}

/** A sum that is no whole number any more could not be read back. */
function use(account: Account, amount: number): void {
  account.used = Math.min(Number.MAX_SAFE_INTEGER, account.used + amount);
}

/** Reads a kept state. Throws TypeError for a value of another shape: then nothing is known to be left. */
export function readLedgerState(value: unknown): LedgerState {
  if (typeof value !== 'object' || value === null) throw new TypeError('a ledger state is an object');
  const state: LedgerState = {};
  for (const [name, account] of Object.entries(value) as [string, unknown][]) {
    if (typeof account !== 'object' || account === null || !('ends' in account) || !('used' in account)) {
      throw new TypeError('an account of a ledger state has "ends" and "used"');
    }
    const { ends, used } = account;
    if (!Number.isSafeInteger(ends) || !Number.isSafeInteger(used)) {
      throw new TypeError('"ends" and "used" of an account are whole numbers');
    }
    state[name] = { ends: ends as number, used: used as number };
  }
  return state;
}
