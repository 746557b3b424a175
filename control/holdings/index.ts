import { createReading } from '../discovery/index.ts';
import { createDeclared, type Declared } from './declared.ts';
import { type HeldAt, type HoldingDeps, heldAt, listParties, ofParty, ofVendor } from './holdings.ts';
import type { PartyHolding, PartySummary, VendorHolding } from './schemas.ts';
import { createVisits, LARGEST_VISIT, type Visits } from './visits.ts';

export { holdingsRoutes } from './routes.ts';
export { type ConsoleLink, consoleLinks } from './seen.ts';

/** What vendors' own consoles collect of those of us who have accounts there, and who stands behind them. */
export interface Holdings {
  visits: Visits;
  declared: Declared;
  ofVendor(vendor: string): Promise<VendorHolding>;
  /** All vendors behind whose consoles this party was seen, or that declare it for data of accounts. */
  ofParty(party: string): Promise<PartyHolding>;
  parties(query: {
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: PartySummary[]; next: string | null }>;
  /** Whose account data a breach at a party touches. */
  heldAt(party: string): Promise<HeldAt[]>;
}

export function createHoldings(deps: HoldingDeps): Holdings {
  return {
    visits: createVisits({ platform: deps.platform, known: deps.known, read: createReading() }),
    declared: createDeclared(deps.platform),
    ofVendor: (vendor) => ofVendor(deps, vendor),
    ofParty: (party) => ofParty(deps, party),
    parties: (query) => listParties(deps, query),
    heldAt: (party) => heldAt(deps, party),
  };
}

/** The largest body of a request to this path of the API, where it is larger than others may be; else null. */
export function largestVisit(path: string): number | null {
  return /\/holdings\/vendors\/[a-z0-9-]{1,60}\/visits$/.test(path) ? LARGEST_VISIT : null;
}
