import { createRoute, z } from '@hono/zod-openapi';
import type { Apps } from '../apps/index.ts';
import type { Connections, ConnectionView } from '../connections/index.ts';
import { CrossingDetailSchema, latestCrossing, type Names, Traffic24hSchema } from '../crossings/index.ts';
import {
  type ProvenDeletions,
  peopleInAll,
  type VendorDirectory,
  type VendorRow,
  VendorRowSchema,
  vendorRows,
} from '../exposure/index.ts';
import { type Fleet, GatewaySchema } from '../fleet/index.ts';
import type { Warning } from '../identity/index.ts';
import { createRouter, json, needs, type Platform, problemResponses } from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';

const OverviewSchema = z
  .object({
    vendors: z.array(VendorRowSchema),
    totals: z.object({
      ...Traffic24hSchema.shape,
      people: z.number(),
      apps: z.number(),
      connections: z.number(),
    }),
    gateways: z.array(GatewaySchema),
    firstSteps: z.array(z.object({ id: z.enum(['connect', 'app', 'key', 'crossing']), done: z.boolean() })),
    warnings: z.array(z.object({ code: z.string(), text: z.string() })),
  })
  .openapi('Overview');

const overview = createRoute({
  method: 'get',
  path: '/overview',
  'x-needs': needs('overview.read'),
  summary: 'What each vendor holds, what runs, and what needs a person',
  responses: { 200: json(OverviewSchema, 'The overview'), ...problemResponses },
});
const firstCrossing = createRoute({
  method: 'get',
  path: '/connections/{id}/first-crossing',
  'x-needs': needs('overview.read'),
  summary: 'The latest crossing of a connection: what Connect shows of the first real request',
  request: { params: z.object({ id: z.string().max(60) }) },
  responses: {
    200: json(CrossingDetailSchema.nullable(), 'The crossing, or null before the first'),
    ...problemResponses,
  },
});

export interface OverviewDeps {
  platform: Platform;
  connections: Connections;
  apps: Apps;
  fleet: Fleet;
  names: Names;
  directory: VendorDirectory;
  proven: ProvenDeletions;
  warnings: () => Warning[];
}

/** The vendors that are connected, with their packs' names and the state of their connections. */
export function directoryOf(catalogue: Catalogue, connections: Connections): VendorDirectory {
  return async () => {
    const byVendor = Map.groupBy(await connections.all(), (connection) => connection.vendor);
    return [...byVendor].map(([vendor, mine]) => {
      const pack = catalogue.pack(vendor);
      return {
        vendor,
        name: pack?.name ?? vendor,
        kind: pack?.services[0]?.kind ?? 'unknown',
        homepage: pack?.homepage ?? '',
        connections: mine.length,
        state: isSevered(mine) ? ('severed' as const) : ('open' as const),
        modes: [...new Set(mine.map(({ mode }) => mode))].filter((mode) => mode !== 'enforce').sort(),
      };
    });
  };
}

const isSevered = (connections: readonly ConnectionView[]): boolean =>
  connections.every((connection) => connection.state === 'severed');

const sum = (rows: readonly VendorRow[], of: (row: VendorRow) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

export function overviewRoutes(deps: OverviewDeps) {
  const { platform, connections, apps, fleet, names, directory } = deps;
  return createRouter()
    .openapi(overview, async (c) => {
      const [vendors, people, connected, made, gateways] = await Promise.all([
        vendorRows(platform, directory, deps.proven),
        peopleInAll(platform),
        connections.all(),
        apps.counts(),
        fleet.gatewaysOverview(),
      ]);
      return c.json(
        {
          vendors,
          totals: {
            crossings24h: sum(vendors, (row) => row.crossings24h),
            crossed24h: sum(vendors, (row) => row.crossed24h),
            refused24h: sum(vendors, (row) => row.refused24h),
            people,
            apps: made.apps,
            connections: connected.length,
          },
          gateways,
          firstSteps: [
            { id: 'connect' as const, done: connected.length > 0 },
            { id: 'app' as const, done: made.apps > 0 },
            { id: 'key' as const, done: made.keys > 0 },
            { id: 'crossing' as const, done: vendors.some((row) => row.lastCrossingAt !== null) },
          ],
          warnings: deps.warnings(),
        },
        200,
      );
    })
    .openapi(firstCrossing, async (c) => {
      const { id } = await connections.get(c.req.valid('param').id);
      return c.json(await latestCrossing(platform, names, id), 200);
    });
}
