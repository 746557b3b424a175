import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, needs, type Platform, problemResponses } from '../platform/index.ts';
import { ShapesSchema } from './schemas.ts';
import { type ShowNames, shapesOf } from './shapes.ts';

const shapes = createRoute({
  method: 'get',
  path: '/connections/{id}/shapes',
  'x-needs': needs('connection.read'),
  summary: 'Where what crossed lately stood in requests, and what was done with it; never a value',
  request: { params: z.object({ id: z.string().max(60) }) },
  responses: {
    200: json(ShapesSchema, 'Fields by endpoint, of the latest forwarded crossings'),
    ...problemResponses,
  },
});

export interface ShapeDeps {
  /** Throws the not-found Problem. */
  checkConnection: (id: string) => Promise<unknown>;
  showNames: ShowNames;
}

export function shapeRoutes(platform: Platform, deps: ShapeDeps) {
  return createRouter().openapi(shapes, async (c) => {
    const { id } = c.req.valid('param');
    await deps.checkConnection(id);
    return c.json(await shapesOf(platform, id, deps.showNames), 200);
  });
}
