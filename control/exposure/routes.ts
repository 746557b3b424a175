import { createRoute, z } from '@hono/zod-openapi';
import type { ConnectionView } from '../connections/index.ts';
import type { Names } from '../crossings/index.ts';
import {
  createRouter,
  json,
  needs,
  notFound,
  type Platform,
  pageSchema,
  problemResponses,
} from '../platform/index.ts';
import { listExposures } from './exposures.ts';
import { ExposureQuerySchema, ExposureSchema, VendorDetailSchema, VendorRowSchema } from './schemas.ts';
import { type ProvenDeletions, type VendorDirectory, vendorPage, vendorRows } from './vendors.ts';

const params = z.object({ vendor: z.string().min(1).max(60) });

const list = createRoute({
  method: 'get',
  path: '/vendors',
  'x-needs': needs('vendor.read'),
  summary: 'Vendors, and what each was seen to get',
  responses: { 200: json(pageSchema(VendorRowSchema), 'All vendors'), ...problemResponses },
});
const exposures = createRoute({
  method: 'get',
  path: '/vendors/{vendor}/exposures',
  'x-needs': needs('vendor.read'),
  summary: 'The exposure ledger of a vendor, subject by subject',
  request: { params, query: ExposureQuerySchema },
  responses: { 200: json(pageSchema(ExposureSchema), 'A page of exposures'), ...problemResponses },
});

const read = createRoute({
  method: 'get',
  path: '/vendors/{vendor}',
  'x-needs': needs('vendor.read'),
  summary: 'What a vendor holds: field classes, treatments, people, since when',
  request: { params },
  responses: { 200: json(VendorDetailSchema, 'The vendor'), ...problemResponses },
});

export interface ExposureDeps {
  names: Names;
  directory: VendorDirectory;
  proven: ProvenDeletions;
  connectionsOf(vendor: string): Promise<ConnectionView[]>;
}

export function exposureRoutes(platform: Platform, deps: ExposureDeps) {
  return createRouter()
    .openapi(list, async (c) =>
      c.json({ items: await vendorRows(platform, deps.directory, deps.proven), next: null }, 200),
    )
    .openapi(read, async (c) => {
      const { vendor } = c.req.valid('param');
      const [found, connections] = await Promise.all([
        vendorPage(platform, deps, vendor),
        deps.connectionsOf(vendor),
      ]);
      if (found === null) throw notFound('vendor');
      return c.json({ ...found, connections }, 200);
    })
    .openapi(exposures, async (c) => {
      const { vendor } = c.req.valid('param');
      return c.json(await listExposures(platform, deps.names, vendor, c.req.valid('query')), 200);
    });
}
