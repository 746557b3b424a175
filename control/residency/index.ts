import type { Connection } from '@drawbridge/protocol';
import type { Connections, SnapshotConnection } from '../connections/index.ts';
import type { Platform, Router, Tx } from '../platform/index.ts';
import type { Catalogue, Known } from '../vendors/index.ts';
import { createDemands } from './demands.ts';
import { groupsOf, type Transfers } from './law.ts';
import { createRanges } from './ranges-store.ts';
import { residencyRoutes } from './routes.ts';
import { createStatements } from './statements.ts';
import { type EvidenceSeen, hostKey } from './where.ts';

export { regionOf } from './cloud-regions.ts';
export { readTransfers, type Transfers } from './law.ts';
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
  return {
    demands: demands.forSnapshot,
    routes: residencyRoutes({
      platform,
      catalogue,
      known,
      connections,
      statements,
      ranges,
      groups,
      demands,
      transfers,
      inEvidence: options.inEvidence,
      hostsAt: async (versions) =>
        new Map(
          (await options.readHosts(versions)).map(({ version, connection, host }) => [
            hostKey(connection, Number(version)),
            host,
          ]),
        ),
    }),
  };
}
