import { createRoute, z } from '@hono/zod-openapi';
import { latestLeaves } from '../crossings/index.ts';
import {
  createRouter,
  givenReason,
  json,
  needs,
  type Platform,
  problemResponses,
} from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import type { BreakGlass } from './break-glass.ts';
import type { Connections } from './connections.ts';
import { contractReasons, differenceOf } from './difference.ts';
import {
  BreakGlassEntrySchema,
  BreakGlassListSchema,
  BreakGlassSchema,
  DifferenceQuerySchema,
  DifferenceSchema,
  ReasonOnlySchema,
} from './schemas.ts';

const params = z.object({ id: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const difference = createRoute({
  method: 'get',
  path: '/connections/{id}/difference',
  'x-needs': needs('connection.read'),
  summary: 'What another mode would make of the latest crossings of a connection',
  description:
    'With `to=enforce` for a connection that is observed, this is the report of what was observed.',
  request: { params, query: DifferenceQuerySchema },
  responses: { 200: json(DifferenceSchema, 'Treatments now and after it, by class'), ...problemResponses },
});
const listBreakGlass = createRoute({
  method: 'get',
  path: '/break-glass',
  'x-needs': needs('connection.read'),
  summary: 'Break-glass of connections: those asked for or in force first, then the latest that are over',
  request: { query: z.object({ connection: z.string().max(60).optional() }) },
  responses: { 200: json(BreakGlassListSchema, 'At most 50'), ...problemResponses },
});
const askBreakGlass = createRoute({
  method: 'post',
  path: '/connections/{id}/break-glass',
  'x-needs': needs('break_glass.ask'),
  summary: 'Lift the data contract and policies of a connection for a time',
  description:
    'In force at once where there is nobody else who could approve it; else it waits for another person. Secrets stay blocked, and a severed connection severed.',
  request: { params, body: body(BreakGlassEntrySchema) },
  responses: { 201: json(BreakGlassSchema, 'Asked for, or in force'), ...problemResponses },
});
const approveBreakGlass = createRoute({
  method: 'post',
  path: '/break-glass/{id}/approve',
  'x-needs': needs('break_glass.approve'),
  summary: 'Put in force what another person asked for',
  request: { params, body: body(ReasonOnlySchema) },
  responses: { 200: json(BreakGlassSchema, 'In force'), ...problemResponses },
});
const endBreakGlass = createRoute({
  method: 'post',
  path: '/break-glass/{id}/end',
  'x-needs': needs('break_glass.ask'),
  summary: 'End it before its time, or take it back',
  request: { params, body: body(ReasonOnlySchema) },
  responses: { 200: json(BreakGlassSchema, 'Ended'), ...problemResponses },
});

export interface AdoptionDeps {
  platform: Platform;
  catalogue: Catalogue;
  connections: Connections;
  breakGlass: BreakGlass;
}

/** Putting a connection in force step by step, and lifting it again in an emergency. */
export function adoptionRoutes({ platform, catalogue, connections, breakGlass }: AdoptionDeps) {
  return createRouter()
    .openapi(difference, async (c) => {
      const { to, last } = c.req.valid('query');
      const connection = await connections.get(c.req.valid('param').id);
      const service = catalogue.service(connection.vendor, connection.service);
      return c.json(
        differenceOf(await latestLeaves(platform, connection.id, contractReasons, last), {
          from: connection.mode,
          to,
          contract: connection.contract.version,
          keysInBody: service?.auth.some((placement) => placement.in === 'body') ?? false,
        }),
        200,
      );
    })
    .openapi(listBreakGlass, async (c) =>
      c.json({ items: await breakGlass.list(c.req.valid('query').connection) }, 200),
    )
    .openapi(askBreakGlass, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await breakGlass.ask(c.req.valid('param').id, given, by), 201);
    })
    .openapi(approveBreakGlass, async (c) => {
      const by = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
      return c.json(await breakGlass.approve(c.req.valid('param').id, by), 200);
    })
    .openapi(endBreakGlass, async (c) => {
      const by = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
      return c.json(await breakGlass.end(c.req.valid('param').id, by), 200);
    });
}
