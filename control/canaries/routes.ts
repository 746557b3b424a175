import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import type { Canaries } from './canaries.ts';
import {
  CanaryDetailSchema,
  CanaryFormSchema,
  CanaryPageSchema,
  CanaryReportSchema,
  CanarySchema,
  NewCanarySchema,
  ShownCanarySchema,
} from './schemas.ts';

const params = z.object({ id: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const forms = createRoute({
  method: 'get',
  path: '/canary-forms',
  'x-needs': needs('canary.read'),
  summary: 'What canary keys can look like: as this deployment’s own, and by vendor',
  responses: { 200: json(z.object({ items: z.array(CanaryFormSchema) }), 'The forms'), ...problemResponses },
});
const list = createRoute({
  method: 'get',
  path: '/canaries',
  'x-needs': needs('canary.read'),
  summary: 'Canary keys, the latest first, also those that were retired',
  request: { query: PageQuerySchema },
  responses: { 200: json(CanaryPageSchema, 'A page of canary keys'), ...problemResponses },
});
const read = createRoute({
  method: 'get',
  path: '/canaries/{id}',
  'x-needs': needs('canary.read'),
  summary: 'One canary key, with its latest uses and where they came from',
  request: { params },
  responses: { 200: json(CanaryDetailSchema, 'The canary key'), ...problemResponses },
});
const plant = createRoute({
  method: 'post',
  path: '/canaries',
  'x-needs': needs('canary.change'),
  summary: 'Make a canary key to be planted, which is shown in this answer only',
  request: { body: body(NewCanarySchema) },
  responses: { 201: json(ShownCanarySchema, 'The key, whole'), ...problemResponses },
});
const retire = createRoute({
  method: 'post',
  path: '/canaries/{id}/retire',
  'x-needs': needs('canary.change'),
  summary: 'Gateways forget a canary key: a use is no alarm any more',
  request: { params, body: body(z.strictObject({ reason: ReasonSchema.optional() })) },
  responses: { 200: json(CanarySchema, 'The canary key as it is now'), ...problemResponses },
});
const report = createRoute({
  method: 'post',
  path: '/canaries/{id}/reports',
  'x-needs': needs('canary.report'),
  summary: 'Tell that a canary key was used elsewhere, as its vendor or a person says: an alarm is raised',
  request: { params, body: body(CanaryReportSchema) },
  responses: { 204: { description: 'Raised' }, ...problemResponses },
});

export function canaryRoutes(canaries: Canaries) {
  return createRouter()
    .openapi(forms, (c) => c.json({ items: canaries.forms() }, 200))
    .openapi(list, async (c) => c.json(await canaries.list(c.req.valid('query')), 200))
    .openapi(read, async (c) => c.json(await canaries.get(c.req.valid('param').id), 200))
    .openapi(plant, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const made = await canaries.plant(given, { actor: c.get('actor'), reason: givenReason(c, reason) });
      c.set('shownOnce', true);
      return c.json(made, 201, { 'cache-control': 'no-store' });
    })
    .openapi(retire, async (c) => {
      const { reason } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await canaries.retire(c.req.valid('param').id, by), 200);
    })
    .openapi(report, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      await canaries.report(c.req.valid('param').id, given, by);
      return c.body(null, 204);
    });
}
