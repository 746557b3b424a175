import { plainAddress } from '../upstream/index.ts';

/** Addresses that are remembered of each vendor; of more, those that were seen last. */
const MOST_OF_A_VENDOR = 256;
/** How long an address is taken for a vendor's after its name led there. Milliseconds. */
const LATELY = 24 * 3600_000;

/**
 * Where names of known vendors led lately: what is cut off by name is not to be reached by its address. The memory is one
 * worker's, bounded by vendor, so that no app can push out what it wants forgotten with names of its own.
 */
export class LedAddresses {
  /** Of each vendor its addresses and when each was last seen, in that order. */
  readonly #seen = new Map<string, Map<string, number>>();

  /** `now`: monotonic milliseconds. `vendor`: one that is known, so that there are as many as rules name. */
  note(vendor: string, addresses: readonly string[], now: number): void {
    const seen = this.#seen.get(vendor) ?? new Map<string, number>();
    this.#seen.set(vendor, seen);
    for (const address of addresses) {
      const plain = plainAddress(address);
      seen.delete(plain);
      seen.set(plain, now);
    }
    for (const [address] of seen) {
      if (seen.size <= MOST_OF_A_VENDOR) break;
      seen.delete(address);
    }
  }

  /**
   * Keeps what is remembered of vendors that are cut off: no name of theirs is looked up meanwhile, so their addresses would
   * be forgotten a day later and could be reached again. To be called while they are, more often than once a day.
   */
  hold(isSevered: (vendor: string) => boolean, now: number): void {
    for (const [vendor, seen] of this.#seen) {
      if (!isSevered(vendor)) continue;
      for (const [address, at] of seen) {
        if (now - at > LATELY) seen.delete(address);
        else seen.set(address, now);
      }
    }
  }

  /** Vendors whose names led to an address lately; a shared address has several. Takes time by the number of vendors. */
  vendorsAt(address: string, now: number): string[] {
    const plain = plainAddress(address);
    const found: string[] = [];
    for (const [vendor, seen] of this.#seen) {
      const at = seen.get(plain);
      if (at !== undefined && now - at <= LATELY) found.push(vendor);
    }
    return found;
  }
}
