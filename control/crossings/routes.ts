import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  json,
  needs,
  notFound,
  type Platform,
  pageSchema,
  problemResponses,
} from '../platform/index.ts';
import { findCrossing } from './detail.ts';
import type { Names } from './names.ts';
import { listCrossings } from './query.ts';
import {
  CrossingDetailSchema,
  CrossingQuerySchema,
  CrossingSchema,
  SightingSchema,
  UsePlaceSchema,
} from './schemas.ts';
import { listSightings } from './sightings.ts';
import { placesOfUse } from './use.ts';

const list = createRoute({
  method: 'get',
  path: '/crossings',
  'x-needs': needs('crossing.read'),
  summary: 'Crossings, newest first',
  request: { query: CrossingQuerySchema },
  responses: { 200: json(pageSchema(CrossingSchema), 'A page of crossings'), ...problemResponses },
});
const read = createRoute({
  method: 'get',
  path: '/crossings/{id}',
  'x-needs': needs('crossing.read'),
  summary: 'One crossing: stages, field classes, treatments, timings; never a value',
  request: { params: z.object({ id: z.uuid() }) },
  responses: { 200: json(CrossingDetailSchema, 'The crossing'), ...problemResponses },
});

const places = json(
  z.object({ items: z.array(UsePlaceSchema) }),
  'Connections and endpoints, most used first',
);
const useOfApp = createRoute({
  method: 'get',
  path: '/apps/{id}/use',
  'x-needs': needs('app.read'),
  summary: 'Where an app’s requests went, as crossings say',
  request: { params: z.object({ id: z.string().max(60) }) },
  responses: { 200: places, ...problemResponses },
});
const useOfKey = createRoute({
  method: 'get',
  path: '/keys/{id}/use',
  'x-needs': needs('app.read'),
  summary: 'Where a virtual key was used, as crossings say',
  request: { params: z.object({ id: z.string().max(60) }) },
  responses: { 200: places, ...problemResponses },
});

const sightings = createRoute({
  method: 'get',
  path: '/sightings',
  'x-needs': needs('crossing.read'),
  summary: 'What apps asked vendors for, and the gateway does not serve',
  request: { query: z.object({ vendor: z.string().min(1).max(60).optional() }) },
  responses: {
    200: json(pageSchema(SightingSchema), 'The most asked for first, at most 200'),
    ...problemResponses,
  },
});

export function crossingRoutes(platform: Platform, names: Names) {
  const useOf = async (of: { app: string } | { key: string }) => ({
    items: await placesOfUse(platform, names, of),
  });
  return createRouter()
    .openapi(useOfApp, async (c) => c.json(await useOf({ app: c.req.valid('param').id }), 200))
    .openapi(useOfKey, async (c) => c.json(await useOf({ key: c.req.valid('param').id }), 200))
    .openapi(list, async (c) => c.json(await listCrossings(platform, names, c.req.valid('query')), 200))
    .openapi(sightings, async (c) =>
      c.json({ items: await listSightings(platform, names, c.req.valid('query')), next: null }, 200),
    )
    .openapi(read, async (c) => {
      const crossing = await findCrossing(platform, names, c.req.valid('param').id);
      if (crossing === null) throw notFound('crossing');
      return c.json(crossing, 200);
    });
}
