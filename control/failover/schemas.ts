import { MOST_MEMBERS, RouteSchema } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { pageSchema, ReasonSchema } from '../platform/index.ts';

/** What people say of a route; its document in the database, and what gateways get beside id, slug and app. */
export const RouteRulesSchema = RouteSchema.omit({ id: true, slug: true, app: true });
export type RouteRules = z.infer<typeof RouteRulesSchema>;

const Model = z.string().trim().min(1).max(100);
const Rules = {
  members: z
    .array(
      z.strictObject({
        connection: z.string().max(60),
        models: z
          .record(Model, Model)
          .refine((models) => Object.keys(models).length <= 200, 'at most 200 models')
          .optional()
          .openapi({
            description:
              'What a model that the app asks for is called here; `*` for all others. Left out: as the app calls it',
          }),
      }),
    )
    .min(1)
    .max(MOST_MEMBERS)
    .openapi({ description: 'In the order in which they are asked' }),
  payTwice: z.boolean().openapi({
    description: 'A generation that a vendor may have made already is asked for again at the next connection',
  }),
  firstByteMs: z.int().min(50).max(600_000).nullable().openapi({
    description: 'Milliseconds until the answer’s first byte; null: as long as without a route',
  }),
  breaker: z
    .strictObject({ failures: z.int().min(1).max(100), openMs: z.int().min(100).max(600_000) })
    .openapi({ description: 'After so many failures in a row a connection rests for so many milliseconds' }),
  oneWay: z
    .discriminatedUnion('do', [
      z.strictObject({ do: z.literal('refuse') }),
      z.strictObject({ do: z.literal('drop') }),
      z.strictObject({
        do: z.literal('hold'),
        bytes: z
          .int()
          .min(1_000_000)
          .max(1_000_000_000_000)
          .openapi({ description: 'The most that each worker keeps for one connection' }),
        days: z.int().min(1).max(365).openapi({ description: 'What was not sent by then is thrown away' }),
        inDoubt: z.enum(['repeat', 'lose']).openapi({
          description:
            'What may have arrived, where the vendor does not remove duplicates: sent again, or not',
        }),
      }),
    ])
    .openapi({ description: 'What becomes of events that are handed in while no connection takes them' }),
};

export const AppRouteSchema = z
  .object({
    id: z.string(),
    app: z.string(),
    slug: z.string().openapi({ description: 'The path prefix on the gateway' }),
    ...Rules,
    members: z.array(
      z.object({
        connection: z.string(),
        name: z.string(),
        vendor: z.string(),
        state: z.string(),
        models: z.record(z.string(), z.string()).nullable(),
        resting: z
          .array(z.string())
          .openapi({ description: 'Gateways whose routes keep requests off it now' }),
        held: z
          .object({ requests: z.number(), bytes: z.number() })
          .openapi({ description: 'What waits for it at all gateways, as they said last' }),
        ended: z
          .record(z.string(), z.number())
          .openapi({ description: 'What became of what waited, since the gateways’ workers started' }),
      }),
    ),
    revision: z.number(),
    changedAt: z.string(),
    changedBy: z.string(),
  })
  .openapi('AppRoute');
export type AppRouteView = z.infer<typeof AppRouteSchema>;
export const AppRoutePageSchema = pageSchema(AppRouteSchema);

export const NewRouteSchema = z
  .strictObject({ slug: z.string().max(60), ...Rules, reason: ReasonSchema.optional() })
  .openapi('NewAppRoute');
export type NewRoute = Omit<z.infer<typeof NewRouteSchema>, 'reason'>;

export const RouteChangeSchema = z
  .strictObject({
    ...Rules,
    basedOn: z.int().min(1).openapi({ description: 'The revision that was looked at' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('AppRouteChange');
export type RouteChange = Omit<z.infer<typeof RouteChangeSchema>, 'reason'>;
