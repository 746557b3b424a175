/** Keeps requests off a vendor that fails: one for each connection of a route, in each worker. */

export interface BreakerRules {
  /** Failures in a row after which it opens. */
  failures: number;
  /** Milliseconds that it stays open the first time. */
  openMs: number;
}

export interface BreakerSources {
  /** Monotonic milliseconds. */
  now: () => number;
  /** From 0 to 1, without 1. */
  random: () => number;
}

export type BreakerState = 'closed' | 'open' | 'half_open';

/** How a request was let through: a probe is the only one under way to a vendor that failed. */
export type Pass = 'closed' | 'probe';

/** Successes in a row of probes after which it closes. */
const PROBES = 2;
/** It stays open for at most so many times the first time, and never longer than this. */
const LONGEST_MS = 600_000;
const LONGEST_FACTOR = 16;
/** Workers and gateways that opened together do not probe together: each adds up to a quarter. */
const JITTER = 0.25;

/**
 * Closed, until so many failures in a row; then open for a time that doubles with each failed probe (bounded, with jitter);
 * then half open: one request at a time is let through, until two in a row succeeded.
 */
export class Breaker {
  rules: BreakerRules;
  readonly #sources: BreakerSources;
  #failures = 0;
  /** How often it opened since it was last closed. */
  #opened = 0;
  #until = Number.NEGATIVE_INFINITY;
  #isProbing = false;
  #probed = 0;
  #state: 'closed' | 'open' = 'closed';

  constructor(rules: BreakerRules, sources: BreakerSources) {
    this.rules = rules;
    this.#sources = sources;
  }

  state(): BreakerState {
    if (this.#state === 'closed') return 'closed';
    return this.#sources.now() < this.#until ? 'open' : 'half_open';
  }

  /** Milliseconds until it lets a probe through; 0: it does now, or is closed. */
  restMs(): number {
    return this.#state === 'closed' ? 0 : Math.max(0, this.#until - this.#sources.now());
  }

  /** Null: not now. Whoever gets a pass says once how it ended: `succeeded`, `failed` or `released`. */
  admit(): Pass | null {
    const state = this.state();
    if (state === 'closed') return 'closed';
    if (state === 'open' || this.#isProbing) return null;
    this.#isProbing = true;
    return 'probe';
  }

  succeeded(pass: Pass): void {
    if (pass === 'probe') this.#isProbing = false;
    if (this.#state === 'closed') {
      this.#failures = 0;
      return;
    }
    // What began before it opened says nothing of how the vendor is now.
    if (pass === 'closed') return;
    this.#probed += 1;
    if (this.#probed < PROBES) return;
    this.#state = 'closed';
    this.#failures = 0;
    this.#opened = 0;
  }

  /** `restMs`: what the vendor asked to be left alone for; null: it said nothing. */
  failed(pass: Pass, restMs: number | null = null): void {
    if (pass === 'probe') this.#isProbing = false;
    if (this.#state === 'open') {
      if (pass === 'probe') this.#open(restMs);
      return;
    }
    this.#failures += 1;
    if (restMs !== null || this.#failures >= this.rules.failures) this.#open(restMs);
  }

  /** It ended without saying anything of the vendor: the client went away, or it was refused here. */
  released(pass: Pass): void {
    if (pass === 'probe') this.#isProbing = false;
  }

  #open(restMs: number | null): void {
    this.#state = 'open';
    this.#probed = 0;
    const factor = Math.min(2 ** this.#opened, LONGEST_FACTOR);
    this.#opened += 1;
    const own = this.rules.openMs * factor;
    const wanted = Math.max(own, restMs ?? 0) * (1 + this.#sources.random() * JITTER);
    this.#until = this.#sources.now() + Math.min(wanted, LONGEST_MS);
  }
}
