import { type Pack, ServiceSchema } from '@drawbridge/protocol';
import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, needs, notFound, problemResponses } from '../platform/index.ts';
import type { Catalogue } from './catalogue.ts';

const EndpointSummarySchema = z.object({
  id: z.string(),
  class: z.string(),
  methods: z.array(z.string()),
  path: z.string(),
});
const ServiceSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['analytics', 'ai']),
  browser: z.boolean(),
  regions: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      host: z.string(),
      jurisdiction: z.string(),
      ownHost: z
        .boolean()
        .openapi({ description: 'Every customer has a host of their own: this one is an example' }),
    }),
  ),
  endpoints: z.array(EndpointSummarySchema),
});
const PackSummarySchema = z
  .object({
    vendor: z.string(),
    name: z.string(),
    homepage: z.string(),
    source: z.string().openapi({ description: 'Where the facts of this pack come from' }),
    asOf: z.string().openapi({ description: 'The date at which they were so' }),
    origin: z.enum(['shipped', 'folder', 'entered']).openapi({
      description: 'Shipped with this release, from a file of your own folder, or entered here',
    }),
    services: z.array(ServiceSummarySchema),
  })
  .openapi('Pack');

const listPacks = createRoute({
  method: 'get',
  path: '/packs',
  'x-needs': needs('vendor.read'),
  summary: 'The vendors that can be connected',
  responses: {
    200: json(z.object({ items: z.array(PackSummarySchema) }), 'All packs, in order of their files'),
    ...problemResponses,
  },
});

const readService = createRoute({
  method: 'get',
  path: '/packs/{vendor}/{service}',
  'x-needs': needs('vendor.read'),
  summary: 'All that a pack says of one service',
  request: { params: z.object({ vendor: z.string(), service: z.string() }) },
  responses: { 200: json(ServiceSchema, 'The service, as packs write it'), ...problemResponses },
});

export function packRoutes(catalogue: Catalogue) {
  return createRouter()
    .openapi(listPacks, (c) =>
      c.json({ items: catalogue.packs.map((pack) => summary(pack, catalogue)) }, 200),
    )
    .openapi(readService, (c) => {
      const { vendor, service } = c.req.valid('param');
      const found = catalogue.service(vendor, service);
      if (found === undefined) throw notFound('service');
      return c.json(found, 200);
    });
}

function summary(pack: Pack, catalogue: Catalogue): z.infer<typeof PackSummarySchema> {
  return {
    vendor: pack.vendor,
    name: pack.name,
    homepage: pack.homepage,
    source: pack.source,
    asOf: pack.as_of,
    origin: catalogue.origin(pack.vendor) ?? 'shipped',
    services: pack.services.map((service) => ({
      id: service.id,
      name: service.name,
      kind: service.kind,
      browser: service.browser,
      regions: service.regions.map(({ id, name, host, jurisdiction, own_host }) => ({
        id,
        name,
        host,
        jurisdiction,
        ownHost: own_host ?? false,
      })),
      endpoints: service.endpoints.map(({ id, class: kind, methods, path }) => ({
        id,
        class: kind,
        methods,
        path,
      })),
    })),
  };
}
