import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  json,
  needs,
  type Platform,
  problemResponses,
  ReasonSchema,
  writeSetting,
} from '../platform/index.ts';
import { LEAST_DAYS, policyText, readDays, retentionDays } from './policy.ts';

const RetentionSchema = z
  .object({
    days: z.number().openapi({ description: 'How long crossings are kept' }),
    least: z.number().openapi({ description: 'Fewer days can’t be set' }),
    policy: z.string().openapi({ description: 'In words' }),
    prunedUntil: z
      .string()
      .nullable()
      .openapi({ description: 'The newest time of a crossing that is pruned; null: none is' }),
    logs: z.array(
      z.object({
        origin: z.string(),
        gateway: z.string(),
        entries: z.number().openapi({ description: 'Stored here, ever' }),
        minimumIndex: z
          .number()
          .openapi({ description: 'Entries before it are pruned; their hashes are kept' }),
        prunedUntil: z.string().nullable(),
      }),
    ),
  })
  .openapi('Retention');

const read = createRoute({
  method: 'get',
  path: '/retention',
  'x-needs': needs('retention.read'),
  summary: 'How long crossings are kept, and what is pruned of each log',
  responses: { 200: json(RetentionSchema, 'The policy, and where it stands'), ...problemResponses },
});
const change = createRoute({
  method: 'patch',
  path: '/retention',
  'x-needs': needs('retention.change'),
  summary: 'Say how long crossings are kept',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ days: z.number(), reason: ReasonSchema.optional() }),
        },
      },
    },
  },
  responses: { 200: json(RetentionSchema, 'The policy in force now'), ...problemResponses },
});

export function retentionRoutes(platform: Platform) {
  return createRouter()
    .openapi(read, async (c) => c.json(await readRetention(platform), 200))
    .openapi(change, async (c) => {
      const { days, reason } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      await platform.db.transaction().execute((tx) => writeSetting(tx, platform, retentionDays, days, by));
      return c.json(await readRetention(platform), 200);
    });
}

interface LogRow {
  origin: string;
  gateway: string;
  entries: number;
  pruned: number;
  pruned_until: Date | null;
}

async function readRetention(platform: Platform): Promise<z.infer<typeof RetentionSchema>> {
  const days = await readDays(platform);
  const { rows } = await platform.pool.query<LogRow>(
    'SELECT origin, gateway, next_index AS entries, pruned, pruned_until FROM journal_log ORDER BY gateway, id',
  );
  const times = rows.flatMap(({ pruned_until: until }) => (until === null ? [] : [until.getTime()]));
  return {
    days,
    least: LEAST_DAYS,
    policy: policyText(days),
    prunedUntil: times.length === 0 ? null : new Date(Math.max(...times)).toISOString(),
    logs: rows.map(({ origin, gateway, entries, pruned, pruned_until: until }) => ({
      origin,
      gateway,
      entries,
      minimumIndex: pruned,
      prunedUntil: until?.toISOString() ?? null,
    })),
  };
}
