import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  problemResponses,
} from '../platform/index.ts';
import type { Failover } from './failover.ts';
import { AppRoutePageSchema, AppRouteSchema, NewRouteSchema, RouteChangeSchema } from './schemas.ts';

const ofApp = z.object({ id: z.string().max(60) });
const ofRoute = z.object({ id: z.string().max(60), route: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const list = createRoute({
  method: 'get',
  path: '/apps/{id}/routes',
  'x-needs': needs('app.read'),
  summary: 'The routes of one app: connections in the order in which they are asked',
  request: { params: ofApp, query: PageQuerySchema },
  responses: { 200: json(AppRoutePageSchema, 'A page of routes'), ...problemResponses },
});
const create = createRoute({
  method: 'post',
  path: '/apps/{id}/routes',
  'x-needs': needs('app.write', { own: 'app' }),
  summary: 'Make a route, which the app calls by its path prefix',
  request: { params: ofApp, body: body(NewRouteSchema) },
  responses: { 201: json(AppRouteSchema, 'The new route'), ...problemResponses },
});
const change = createRoute({
  method: 'put',
  path: '/apps/{id}/routes/{route}',
  'x-needs': needs('app.write', { own: 'app' }),
  summary: 'Change which connections a route asks, in which order, and when it goes on',
  request: { params: ofRoute, body: body(RouteChangeSchema) },
  responses: { 200: json(AppRouteSchema, 'The route as it is now'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/apps/{id}/routes/{route}',
  'x-needs': needs('app.write', { own: 'app' }),
  summary: 'Remove a route: what calls it is refused from then on',
  request: {
    params: ofRoute,
    headers: z.object({
      'x-drawbridge-reason': z.string().max(2000).optional().openapi({ description: 'Why it is removed' }),
    }),
  },
  responses: { 204: { description: 'Removed' }, ...problemResponses },
});

export function failoverRoutes(failover: Failover) {
  return createRouter()
    .openapi(list, async (c) =>
      c.json(await failover.list(c.req.valid('param').id, c.req.valid('query')), 200),
    )
    .openapi(create, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await failover.create(c.req.valid('param').id, given, by), 201);
    })
    .openapi(change, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const { id, route } = c.req.valid('param');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await failover.change(id, route, given, by), 200);
    })
    .openapi(remove, async (c) => {
      const { id, route } = c.req.valid('param');
      await failover.remove(id, route, { actor: c.get('actor'), reason: givenReason(c, undefined) });
      return c.body(null, 204);
    });
}
