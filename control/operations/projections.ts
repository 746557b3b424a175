import { createRoute, z } from '@hono/zod-openapi';
import { type Projection, RebuildBusyError, rebuildProjection } from '../crossings/index.ts';
import {
  createRouter,
  givenReason,
  json,
  needs,
  type Platform,
  Problem,
  problemResponses,
  ReasonSchema,
  recordChange,
} from '../platform/index.ts';

const rebuild = createRoute({
  method: 'post',
  path: '/projections/rebuild',
  'x-needs': needs('projection.rebuild'),
  summary: 'Compute all projections anew from the stored journals',
  description: 'Readers see the old rows until the new ones are whole. Answers when it is done.',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema.optional() }) } },
    },
  },
  responses: {
    200: json(
      z.object({ entries: z.number(), seconds: z.number() }),
      'How many journal entries were read, and how long it took',
    ),
    ...problemResponses,
  },
});

/** Has the projections rebuilt, one after the other, as a recorded act. */
export function projectionRoutes(platform: Platform, projections: readonly Projection[]) {
  return createRouter().openapi(rebuild, async (c) => {
    const reason = givenReason(c, c.req.valid('json').reason);
    const begun = performance.now();
    await platform.db.transaction().execute((tx) =>
      recordChange(tx, platform, {
        actor: c.get('actor'),
        reason,
        act: 'projections.rebuild',
        subject: { kind: 'deployment', id: platform.deployment.id },
      }),
    );
    let entries = 0;
    try {
      for (const projection of projections) {
        entries = Math.max(entries, (await rebuildProjection(platform, projection)).entries);
      }
    } catch (error) {
      if (error instanceof RebuildBusyError) throw new Problem(409, error.code, error.message);
      throw error;
    }
    for (const { topic } of projections) platform.events.publish(topic);
    return c.json({ entries, seconds: Math.round(performance.now() - begun) / 1000 }, 200);
  });
}
