import { createRoute, z } from '@hono/zod-openapi';
import { Gauge, type Registry } from 'prom-client';
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
import { endsOf, positionAt, startOf } from './feed.ts';
import { beginAt, forgetTrouble, type PushStatus, pushStatus, readState } from './push-store.ts';
import { pushTarget, TargetSchema } from './target.ts';

const StatusSchema = z
  .object({
    target: TargetSchema.nullable(),
    delivered: z.int().openapi({ description: 'Events that the receiver has said that it has' }),
    lastDeliveredAt: z.string().nullable(),
    behind: z
      .int()
      .nullable()
      .openapi({ description: 'Journal entries and changes still to go; null where nothing is pushed' }),
    trouble: z
      .object({
        since: z.string(),
        what: z.string(),
        attempts: z.int(),
        nextTryAt: z.string().nullable(),
      })
      .nullable(),
  })
  .openapi('ExportPush');

const read = createRoute({
  method: 'get',
  path: '/export/push',
  'x-needs': needs('export.read'),
  summary: 'Where events are pushed to, how far that has got, and what keeps it',
  responses: { 200: json(StatusSchema, 'The push'), ...problemResponses },
});
const set = createRoute({
  method: 'put',
  path: '/export/push',
  'x-needs': needs('export.change'),
  summary: 'Push events to an HTTPS receiver',
  description:
    'Begins with what happens from now on, or with `since`. A push that was there goes on from where it was, unless `since` is given.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            target: TargetSchema,
            since: z.string().min(1).max(8000).optional(),
            reason: ReasonSchema.optional(),
          }),
        },
      },
    },
  },
  responses: { 200: json(StatusSchema, 'The push'), ...problemResponses },
});
const end = createRoute({
  method: 'delete',
  path: '/export/push',
  'x-needs': needs('export.change'),
  summary: 'Push no more; how far it got is kept',
  responses: { 200: json(StatusSchema, 'The push'), ...problemResponses },
});

export function pushRoutes(platform: Platform, changed: () => void) {
  return createRouter()
    .openapi(read, async (c) => c.json(await pushStatus(platform), 200))
    .openapi(set, async (c) => {
      const given = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, given.reason) };
      const ends = await endsOf(platform);
      const since = given.since === undefined ? null : await startOf(platform, given.since, ends);
      await platform.db.transaction().execute(async (tx) => {
        const known = await readState(tx);
        if (since !== null || known === undefined) {
          await beginAt(tx, since ?? positionAt(platform, ends));
        } else {
          await forgetTrouble(tx);
        }
        await writeSetting(tx, platform, pushTarget, given.target, by);
      });
      changed();
      return c.json(await pushStatus(platform), 200);
    })
    .openapi(end, async (c) => {
      const by = { actor: c.get('actor'), reason: givenReason(c) };
      await platform.db.transaction().execute((tx) => writeSetting(tx, platform, pushTarget, null, by));
      changed();
      return c.json(await pushStatus(platform), 200);
    });
}

/** Adds to a deployment's measures how far the push is behind, and since when it fails. Neither is there without one. */
export function measurePush(platform: Platform, registry: Registry): void {
  const add = (name: string, help: string, read: (status: PushStatus, behind: number) => number) =>
    new Gauge({
      name: `drawbridge_control_export_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.remove();
        try {
          const status = await pushStatus(platform);
          if (status.behind !== null) this.set(read(status, status.behind));
        } catch (error) {
          platform.log.warn({ err: error }, 'how far the push is could not be read');
        }
      },
    });
  add('behind', 'Journal entries and changes that are still to be pushed.', (_, behind) => behind);
  add('failing_seconds', 'For how long events could not be pushed: 0 when they can.', ({ trouble }) =>
    trouble === null ? 0 : (platform.clock.now() - Date.parse(trouble.since)) / 1000,
  );
}
