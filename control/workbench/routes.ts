import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, needs, Problem, problemResponses } from '../platform/index.ts';
import { WorkbenchEntrySchema, WorkbenchRunSchema } from './schemas.ts';
import type { Workbench } from './workbench.ts';

const params = z.object({ id: z.string().max(60) });

const tryOut = createRoute({
  method: 'post',
  path: '/connections/{id}/workbench',
  'x-needs': needs('connection.read'),
  summary: 'What would be found in a request, what would cross of it, and what would come back',
  description:
    'As the gateway does it, under the contract in force or a draft, with keys that are made for it and thrown away. Nothing of the request is stored or logged, so it takes no `Idempotency-Key`. Secrets that Drawbridge keeps are not among what is looked for.',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: WorkbenchEntrySchema } } },
  },
  responses: { 200: json(WorkbenchRunSchema, 'What became of it'), ...problemResponses },
});

export function workbenchRoutes(workbench: Workbench) {
  return createRouter().openapi(tryOut, async (c) => {
    // Answers to requests with a key are kept for a day, and this one holds what was pasted.
    if (c.req.header('idempotency-key') !== undefined) {
      throw new Problem(
        400,
        'invalid_request',
        'Nothing of a request to the workbench is kept: send it without an Idempotency-Key.',
      );
    }
    const { sample, rules } = c.req.valid('json');
    return c.json(await workbench.run(c.req.valid('param').id, sample, rules ?? null), 200, {
      'cache-control': 'no-store',
    });
  });
}
