import type { Imported } from '../imports/index.ts';
import type { By, Platform, Tx } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { decide } from './decide.ts';
import { createFacts } from './facts.ts';
import { type ReachedHost, watchProxy } from './proxy-source.ts';
import { listCandidates, listSightings, readCandidates, summarise } from './read.ts';
import { createRuns, type Runs } from './runs.ts';
import type {
  CandidateQuery,
  CandidateView,
  Decide,
  SightingQuery,
  SightingView,
  Summary,
} from './schemas.ts';
import { webHosts } from './web-hosts.ts';

export interface DiscoveryDeps {
  platform: Platform;
  known: () => Promise<Known>;
  /** What was taken in from others, as of now. */
  imported: () => Promise<Imported>;
  /** Hosts that apps reached through the egress proxy since a time. */
  reached: (since: Date) => Promise<readonly ReachedHost[]>;
  /** Ids of the vendors that are in the register, or connected. */
  registered: () => Promise<readonly string[]>;
  /** Puts a vendor into the register where it is not yet. */
  ensureVendor: (tx: Tx, vendor: { id: string; name: string }, by: By) => Promise<void>;
}

/** Vendors that evidence shows: what was read, what it may be, and what people decided. */
export interface Discovery {
  runs: Runs;
  candidates(query: CandidateQuery): Promise<{ items: CandidateView[]; next: string | null }>;
  sightings(query: SightingQuery): Promise<{ items: SightingView[]; next: string | null }>;
  /** Throws Problem 404, 422. */
  decide(asked: Decide, by: By): Promise<CandidateView[]>;
  summary(): Promise<Summary>;
  /** Begins to take what the egress proxy sees as evidence. */
  watch(): { stop(): Promise<void> };
}

export function createDiscovery({
  platform,
  known,
  imported,
  reached,
  registered,
  ensureVendor,
}: DiscoveryDeps): Discovery {
  const identifier = createFacts(platform, known, webHosts, imported);
  return {
    runs: createRuns({ platform, identifier }),
    candidates: async (query) => listCandidates(platform, await identifier(), await registered(), query),
    sightings: async (query) => listSightings(platform, await identifier(), query),
    async decide(asked, by) {
      await decide({ platform, identifier, known, ensureVendor }, asked, by);
      const keys = asked.items.map(({ candidate }) => candidate);
      return readCandidates(platform, await identifier(), await registered(), keys);
    },
    summary: async () => summarise(platform, await registered()),
    watch: () => watchProxy({ platform, identifier, reached }),
  };
}
