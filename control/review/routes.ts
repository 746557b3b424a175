import { FieldClassSchema, TreatmentSchema } from '@drawbridge/protocol';
import { createRoute, z } from '@hono/zod-openapi';
import type { Contracts } from '../connections/index.ts';
import { type Names, nameAll } from '../crossings/index.ts';
import {
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  type Platform,
  pageSchema,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { type BulkDeps, coverage, decideAll } from './bulk.ts';
import { decide, type ReviewHash } from './decision.ts';
import { listQueue } from './queue.ts';

const Id = z.string().min(1).max(60);
const ReviewNameSchema = z
  .object({
    id: z.string(),
    connection: z.object({ id: z.string(), name: z.string() }),
    vendor: z.string(),
    apps: z
      .array(z.object({ id: z.string(), name: z.string() }))
      .openapi({ description: 'Apps that sent it, at most 20' }),
    kind: z.enum(['property', 'event_name', 'path_segment', 'parameter']),
    /** Keyed: what gateways send in place of the name. */
    hash: z.string(),
    shape: z.string().openapi({ description: 'The one that says least about the values' }),
    shapes: z.array(z.string()).openapi({ description: 'All shapes that its values had' }),
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
  'x-needs': needs('review.read'),
  summary: 'Names that no rule knows and nobody has decided about, last seen first',
  request: {
    query: PageQuerySchema.extend({
      connection: Id.optional(),
      vendor: Id.optional(),
      app: Id.optional(),
    }),
  },
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
  'x-needs': needs('contract.change'),
  summary: 'Allow a name in the connection’s contract, or keep its treatment',
  request: {
    params: z.object({ id: z.string().min(1).max(500) }),
    body: { required: true, content: { 'application/json': { schema: DecisionSchema } } },
  },
  responses: { 204: { description: 'Decided' }, ...problemResponses },
});

const ChoiceSchema = z.strictObject({
  ids: z.array(z.string().min(1).max(500)).min(1).max(200),
  everywhere: z
    .boolean()
    .default(false)
    .openapi({ description: 'On every connection of the vendor, not only where the names were seen' }),
});
const BulkDecisionSchema = ChoiceSchema.extend({
  decision: z.enum(['allow', 'keep']),
  class: FieldClassSchema.optional(),
  treatment: z.union([TreatmentSchema, z.enum(['pass', 'drop', 'pseudonymise', 'refuse'])]).optional(),
  reason: ReasonSchema.optional(),
}).openapi('ReviewDecisions');
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const coverageRoute = createRoute({
  method: 'post',
  path: '/review/coverage',
  'x-needs': needs('review.read'),
  summary: 'Which connections and paths a decision to allow these names would cover; decides nothing',
  request: { body: body(ChoiceSchema) },
  responses: {
    200: json(
      z.object({
        items: z.array(
          z.object({
            connection: z.object({ id: z.string(), name: z.string() }),
            vendor: z.string(),
            names: z.array(
              z.object({
                name: z.string(),
                kind: z.enum(['property', 'event_name', 'path_segment', 'parameter']),
                paths: z
                  .array(z.string())
                  .openapi({ description: 'Where it may stand: the rule holds in all of these places' }),
              }),
            ),
          }),
        ),
      }),
      'What would be covered',
    ),
    ...problemResponses,
  },
});
const decideAllRoute = createRoute({
  method: 'post',
  path: '/review/decisions',
  'x-needs': needs('contract.change'),
  summary: 'Decide about several names at once: one contract version per connection',
  request: { body: body(BulkDecisionSchema) },
  responses: {
    200: json(z.object({ decided: z.number(), connections: z.number() }), 'How many were decided, and where'),
    ...problemResponses,
  },
});

export interface ReviewDeps extends BulkDeps {
  names: Names;
  allowName: Contracts['allow'];
  reviewHash: ReviewHash;
}

export function reviewRoutes(platform: Platform, deps: ReviewDeps) {
  return createRouter()
    .openapi(list, async (c) => {
      const { connection, vendor, ...query } = c.req.valid('query');
      const connections = await deps.connections();
      const vendorOf = new Map(connections.map((one) => [one.id, one.vendor]));
      const wanted =
        vendor === undefined
          ? connection === undefined
            ? undefined
            : [connection]
          : connections
              .filter((one) => one.vendor === vendor && (connection ?? one.id) === one.id)
              .map((one) => one.id);
      const { items, next } = await listQueue(platform, { ...query, connections: wanted });
      const named = await nameAll(
        deps.names,
        items.flatMap((item) => [
          { connection: item.key.connection, app: '' },
          ...item.apps.map((app) => ({ connection: '', app })),
        ]),
      );
      return c.json(
        {
          items: items.map(({ key, ...item }) => ({
            ...item,
            connection: named.connection(key.connection),
            vendor: vendorOf.get(key.connection) ?? '',
            apps: item.apps.map(named.app),
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
    .openapi(coverageRoute, async (c) =>
      c.json({ items: await coverage(platform, deps, c.req.valid('json')) }, 200),
    )
    .openapi(decideAllRoute, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.var.actor, reason: givenReason(c, reason) };
      return c.json(await decideAll(platform, deps, given, by), 200);
    })
    .openapi(decideRoute, async (c) => {
      const { reason, ...decision } = c.req.valid('json');
      const by = { actor: c.var.actor, reason: givenReason(c, reason) };
      await decide(platform, deps, c.req.valid('param').id, decision, by);
      return c.body(null, 204);
    });
}
