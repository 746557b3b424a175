/** Milliseconds in the unit that rates are given in. */
const MINUTE = 60_000;

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Token buckets by key, in this worker's memory. A bucket holds one minute's allowance, so that a client may send it in
 * one burst; it fills evenly. There is at most one bucket per key of the snapshot (`retain`).
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes one token. Returns 0, or the whole seconds until there is one. `now`: monotonic milliseconds. */
  take(key: string, perMinute: number, now: number): number {
    const bucket = this.#buckets.get(key) ?? { tokens: perMinute, at: now };
    const filled = bucket.tokens + ((now - bucket.at) * perMinute) / MINUTE;
    bucket.tokens = Math.min(perMinute, filled);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - bucket.tokens) * MINUTE) / perMinute / 1000));
  }

  /** Forgets the buckets of keys that are no longer there. */
  retain(known: (key: string) => boolean): void {
    for (const key of this.#buckets.keys()) {
      if (!known(key)) this.#buckets.delete(key);
    }
  }
}
