import type { VendorFacts } from './facts/index.ts';

/** What is publicly known of vendors, by id and by host. */
export interface Known {
  readonly all: readonly VendorFacts[];
  get(id: string): VendorFacts | undefined;
  /** Whose host this is: by the longest of its domains that the host lies below. `host`: lower case, without a dot at its end. */
  ofHost(host: string): VendorFacts | undefined;
}

/** Reads the facts when they are first asked for, and once: a start needs none of them. A reading that failed is tried again. */
export function createKnown(read: () => Promise<readonly VendorFacts[]>): () => Promise<Known> {
  let reading: Promise<Known> | null = null;
  return () => {
    reading ??= read().then(knownOf, (error: unknown) => {
      reading = null;
      throw error;
    });
    return reading;
  };
}

/** The facts, ready to be looked up. */
export function knownOf(all: readonly VendorFacts[]): Known {
  const byId = new Map(all.map((facts) => [facts.id, facts]));
  const byDomain = new Map(all.flatMap((facts) => facts.domains.map(({ is }) => [is, facts] as const)));
  return {
    all,
    get: (id) => byId.get(id),
    ofHost(host) {
      for (let rest = host; rest.includes('.'); rest = rest.slice(rest.indexOf('.') + 1)) {
        const found = byDomain.get(rest);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
