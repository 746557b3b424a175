import type { DetectorPack } from '@drawbridge/protocol';
import { createRouter, type Platform, type Router, type Tx } from '../platform/index.ts';
import type { PayloadKey, Secrets, Vault } from '../vault/index.ts';
import { type KnownAddress, knownAddresses } from './addresses.ts';
import { listRoutes } from './list-routes.ts';
import { createLists } from './lists.ts';
import { createPatterns } from './patterns.ts';
import { LONGEST_IMPORT } from './read.ts';
import { createRegistered, type InScans } from './registered.ts';
import { detectorRoutes } from './routes.ts';
import { listSealing } from './sealing.ts';
import { detectorsReader, type OwnDetectors } from './snapshot.ts';
import { createTries } from './tries.ts';
import { textTrier } from './try.ts';
import { type Trying, triers } from './trying.ts';

export { havePlaces, type KnownAddress, placesOfPeople } from './addresses.ts';
export { eraseKnownEntries } from './erase.ts';
export type { InScans } from './registered.ts';
export type { OwnDetectors } from './snapshot.ts';
export type { OwnScan, Trying } from './trying.ts';

interface Options {
  platform: Platform;
  vault: Pick<Vault, 'keyedHash'>;
  secrets: Pick<Secrets, 'get'>;
  payloadKey: PayloadKey;
  /** The ledger's pseudonym of an identifier. */
  pseudonymOf: (identifier: string) => Promise<string>;
  /** How reports of scans know registered secrets. */
  scans: InScans;
  /** What comes with this release. */
  shipped: DetectorPack['detectors'];
}

/** What the organisation itself knows, wired together. */
export interface Detectors {
  routes: Router;
  /** What snapshots carry of it, read in this transaction. */
  readForSnapshot(tx: Tx): Promise<OwnDetectors>;
  /** What of it texts are tried with. */
  trying(): Promise<Trying>;
  /** As `knownAddresses`. Addresses in clear: for sending to them. */
  addresses(pseudonyms: readonly string[]): Promise<KnownAddress[]>;
}

export function createDetectors({ shipped, ...deps }: Options): Detectors {
  const { platform, vault, secrets } = deps;
  const sealing = listSealing(deps);
  const registered = createRegistered(platform, vault, secrets, deps.scans);
  const readForSnapshot = detectorsReader();
  const trying = triers({ platform, sealing, read: readForSnapshot, registered });
  const find = textTrier(shipped, trying);
  const patterns = createPatterns(platform);
  const lists = createLists({ platform, sealing, pseudonymOf: deps.pseudonymOf });
  return {
    readForSnapshot,
    trying,
    addresses: async (pseudonyms) => knownAddresses(platform, await sealing(), pseudonyms),
    routes: createRouter()
      .route('/', detectorRoutes({ shipped, patterns, registered, find, tries: createTries(platform) }))
      .route('/', listRoutes(lists)),
  };
}

/** Bodies of imports are larger than others: characters that take four bytes, and what JSON writes around them. */
const LARGEST_IMPORT = LONGEST_IMPORT + 4 * 1024 * 1024;

/** The largest body of a request to this path of the API, where it is larger than others may be; else null. */
export function largestImport(path: string): number | null {
  return /\/known-lists\/[0-9a-f-]{36}\/imports$/.test(path) ? LARGEST_IMPORT : null;
}
