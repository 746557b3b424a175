import type { Connection } from '@drawbridge/protocol';
import type { Connections, SnapshotConnection } from '../connections/index.ts';
import type { Platform, Router, Tx } from '../platform/index.ts';
import type { Catalogue, Known } from '../vendors/index.ts';
import { createDemands } from './demands.ts';
import { keepStands } from './kept-stands.ts';
import { groupsOf, type Transfers } from './law.ts';
import { type Placed, placedOf } from './placed.ts';
import { createRanges } from './ranges-store.ts';
import { residencyRoutes } from './routes.ts';
import { createStatements } from './statements.ts';
import { type EvidenceSeen, hostKey, readStands, type WhereDeps } from './where.ts';

export { regionOf } from './cloud-regions.ts';
export type { Transfers } from './law.ts';
export type { Placed } from './placed.ts';
export { readRanges } from './range-table.ts';
export { residencyProjection } from './seen-projection.ts';

interface Options {
  platform: Platform;
  catalogue: Catalogue;
  known: () => Promise<Known>;
  connections: Connections;
  transfers: Transfers;
  /** The hosts that connections had in versions of the configuration that are kept. */
  readHosts: (
    versions: readonly number[],
  ) => Promise<{ version: number; connection: string; host: string }[]>;
  inEvidence: (since: Date, only?: readonly string[]) => Promise<EvidenceSeen[]>;
}

export interface Residency {
  routes: Router;
  /** Makes what the first answer would have to make. Never throws: that answer makes it then. */
  warm(): Promise<void>;
  /** Where a vendor is said to keep data, and where it was seen in the last 30 days. */
  placesOf(vendor: string): Promise<readonly Placed[]>;
  /** What gateways hold connections to. */
  demands(
    tx: Tx,
    connections: readonly SnapshotConnection[],
  ): Promise<Map<string, NonNullable<Connection['residency']>>>;
}

/** Where vendors keep data, as declared and as seen, wired together. Connections are kept from leaving where they have to be. */
export function createResidency(options: Options): Residency {
  const { platform, catalogue, known, connections, transfers } = options;
  const groups = groupsOf(transfers);
  const demands = createDemands({ platform, catalogue, known, groups });
  connections.checkedBy(demands.expectWithin);
  const ranges = createRanges(platform);
  const statements = createStatements(platform);
  const where: WhereDeps = {
    platform,
    catalogue,
    known,
    connections,
    statements,
    ranges,
    groups,
    inEvidence: options.inEvidence,
    hostsAt: async (versions) =>
      new Map(
        (await options.readHosts(versions)).map(({ version, connection, host }) => [
          hostKey(connection, Number(version)),
          host,
        ]),
      ),
  };
  const stands = keepStands(where);
  return {
    demands: demands.forSnapshot,
    placesOf: async (vendor) =>
      (await readStands(where, [vendor])).filter((stand) => stand.vendor === vendor).flatMap(placedOf),
    routes: residencyRoutes({ ...where, demands, transfers, stands }),
    async warm() {
      await stands().catch((error: unknown) => {
        platform.log.warn(
          { err: error },
          'where vendors keep data could not be made ahead of the first question',
        );
      });
    },
  };
}
