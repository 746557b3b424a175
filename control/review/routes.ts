import { FieldClassSchema, TreatmentSchema } from '@drawbridge/protocol';
import { createRoute, z } from '@hono/zod-openapi';
import type { Contracts } from '../connections/index.ts';
import { type Names, nameAll } from '../crossings/index.ts';
import {
  createRouter,
  givenReason,
  json,
  PageQuerySchema,
  type Platform,
  pageSchema,
  problemResponses,
} from '../platform/index.ts';
import { decide, type ReviewHash } from './decision.ts';
import { listQueue } from './queue.ts';

const ReviewNameSchema = z
  .object({
    id: z.string(),
    connection: z.object({ id: z.string(), name: z.string() }),
    kind: z.enum(['property', 'event_name', 'path_segment', 'parameter']),
    /** Keyed: what gateways send in place of the name. */
    hash: z.string(),
    shape: z.string(),
    subjects: z.number().openapi({
      description: 'Who sent it, linked subjects counted once. Five means five or more',
    }),
    /** Crossings in which it was seen. */
    count: z.number(),
    firstSeenAt: z.string(),
    lastSeenAt: z.string(),
    name: z.string().nullable(),
    suggestion: FieldClassSchema.nullable(),
  })
  .openapi('ReviewName');

const list = createRoute({
  method: 'get',
  path: '/review',
  summary: 'Names that no rule knows and nobody has decided about, last seen first',
  request: { query: PageQuerySchema.extend({ connection: z.string().min(1).max(60).optional() }) },
  responses: { 200: json(pageSchema(ReviewNameSchema), 'A page of names'), ...problemResponses },
});

const DecisionSchema = z
  .strictObject({
    decision: z.enum(['allow', 'keep']),
    name: z.string().min(1).max(200).optional(),
    class: FieldClassSchema.optional(),
    treatment: z.union([TreatmentSchema, z.enum(['pass', 'drop', 'pseudonymise', 'refuse'])]).optional(),
    reason: z.string().optional(),
  })
  .openapi('ReviewDecision');

const decideRoute = createRoute({
  method: 'post',
  path: '/review/{id}/decision',
  summary: 'Allow a name in the connection’s contract, or keep its treatment',
  request: {
    params: z.object({ id: z.string().min(1).max(500) }),
    body: { required: true, content: { 'application/json': { schema: DecisionSchema } } },
  },
  responses: { 204: { description: 'Decided' }, ...problemResponses },
});

export interface ReviewDeps {
  names: Names;
  allowName: Contracts['allow'];
  reviewHash: ReviewHash;
}

export function reviewRoutes(platform: Platform, deps: ReviewDeps) {
  return createRouter()
    .openapi(list, async (c) => {
      const { items, next } = await listQueue(platform, c.req.valid('query'));
      const named = await nameAll(
        deps.names,
        items.map((item) => ({ connection: item.key.connection, app: '' })),
      );
      return c.json(
        {
          items: items.map(({ key, ...item }) => ({
            ...item,
            connection: named.connection(key.connection),
            kind: key.kind,
            hash: key.hash,
            firstSeenAt: item.firstSeenAt.toISOString(),
            lastSeenAt: item.lastSeenAt.toISOString(),
          })),
          next,
        },
        200,
      );
    })
    .openapi(decideRoute, async (c) => {
      const { reason, ...decision } = c.req.valid('json');
      const by = { actor: c.var.actor, reason: givenReason(c, reason) };
      await decide(platform, deps, c.req.valid('param').id, decision, by);
      return c.body(null, 204);
    });
}
