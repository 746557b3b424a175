import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  PageQuerySchema,
  type Platform,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { countLeaks, decideLeak, listLeaks, listPlaces, readLeak } from './leaks.ts';
import { readLeakPolicy, writeLeakPolicy } from './policy.ts';
import type { Runs } from './runs.ts';
import {
  BatchSchema,
  BegunRunSchema,
  DecisionSchema,
  EndSchema,
  LeakCountsSchema,
  LeakPageSchema,
  LeakPolicySchema,
  LeakQuerySchema,
  NewRunSchema,
  OneLeakSchema,
  PlacePageSchema,
  RunPageSchema,
  RunSchema,
} from './schemas.ts';

const params = z.object({ id: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const begin = createRoute({
  method: 'post',
  path: '/scan-runs',
  'x-needs': needs('leak.report'),
  summary: 'Begin to report a scan: answers what the kept credentials are known by in this run',
  request: { body: body(NewRunSchema) },
  responses: {
    201: json(BegunRunSchema, 'The run, and keyed hashes under a key of its own'),
    ...problemResponses,
  },
});
const take = createRoute({
  method: 'post',
  path: '/scan-runs/{id}/findings',
  'x-needs': needs('leak.report'),
  summary: 'Report findings of a run, and how far it is: places and hashes, never values',
  request: { params, body: body(BatchSchema) },
  responses: { 200: json(RunSchema, 'The run as it is now'), ...problemResponses },
});
const end = createRoute({
  method: 'post',
  path: '/scan-runs/{id}/end',
  'x-needs': needs('leak.report'),
  summary: 'End a run: what was not found again is gone, where all was looked through',
  request: { params, body: body(EndSchema) },
  responses: { 200: json(RunSchema, 'The run'), ...problemResponses },
});
const runs = createRoute({
  method: 'get',
  path: '/scan-runs',
  'x-needs': needs('leak.read'),
  summary: 'Reported scans, the latest first',
  request: { query: PageQuerySchema },
  responses: { 200: json(RunPageSchema, 'A page of runs'), ...problemResponses },
});
const list = createRoute({
  method: 'get',
  path: '/leaks',
  'x-needs': needs('leak.read'),
  summary: 'Leaked keys, the worst and latest first',
  request: { query: LeakQuerySchema },
  responses: { 200: json(LeakPageSchema, 'A page of leaks'), ...problemResponses },
});
const counts = createRoute({
  method: 'get',
  path: '/leak-counts',
  'x-needs': needs('leak.read'),
  summary: 'How many leaks are open, and what was scanned',
  responses: { 200: json(LeakCountsSchema, 'Counts'), ...problemResponses },
});
const read = createRoute({
  method: 'get',
  path: '/leaks/{id}',
  'x-needs': needs('leak.read'),
  summary: 'One leak',
  request: { params },
  responses: { 200: json(OneLeakSchema, 'The leak'), ...problemResponses },
});
const places = createRoute({
  method: 'get',
  path: '/leaks/{id}/places',
  'x-needs': needs('leak.read'),
  summary: 'Where a leaked key lies, and lay',
  request: { params, query: PageQuerySchema },
  responses: { 200: json(PlacePageSchema, 'A page of places'), ...problemResponses },
});
const decide = createRoute({
  method: 'post',
  path: '/leaks/{id}/decision',
  'x-needs': needs('leak.decide'),
  summary: 'Say what became of a leak: rotated, revoked, a false alarm, accepted for a while, or open again',
  request: { params, body: body(DecisionSchema) },
  responses: { 200: json(OneLeakSchema, 'The leak as it is now'), ...problemResponses },
});
const readPolicy = createRoute({
  method: 'get',
  path: '/leak-policy',
  'x-needs': needs('leak.read'),
  summary: 'What is done at once with a key that was found',
  responses: { 200: json(LeakPolicySchema, 'The policy'), ...problemResponses },
});
const changePolicy = createRoute({
  method: 'put',
  path: '/leak-policy',
  'x-needs': needs('leak.decide'),
  summary: 'Say whether a virtual key or an API token that was found is revoked at once',
  request: { body: body(LeakPolicySchema.extend({ reason: ReasonSchema.optional() })) },
  responses: { 200: json(LeakPolicySchema, 'The policy as it is now'), ...problemResponses },
});

const byOf = (c: Context<HttpEnv>, reason?: string): By => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});

export function leakRoutes(platform: Platform, reports: Runs) {
  return createRouter()
    .openapi(begin, async (c) => {
      const begun = await reports.begin(c.req.valid('json'), byOf(c, c.req.valid('json').reason));
      c.set('shownOnce', true);
      return c.json(begun, 201, { 'cache-control': 'no-store' });
    })
    .openapi(take, async (c) => {
      const batch = c.req.valid('json');
      return c.json(await reports.take(c.req.valid('param').id, batch, byOf(c, batch.reason)), 200);
    })
    .openapi(end, async (c) => {
      const { whole, reason } = c.req.valid('json');
      return c.json(await reports.end(c.req.valid('param').id, whole, byOf(c, reason)), 200);
    })
    .openapi(runs, async (c) => c.json(await reports.list(c.req.valid('query')), 200))
    .openapi(counts, async (c) => c.json(await countLeaks(platform), 200))
    .openapi(list, async (c) => c.json(await listLeaks(platform, c.req.valid('query')), 200))
    .openapi(read, async (c) => c.json(await readLeak(platform, c.req.valid('param').id), 200))
    .openapi(places, async (c) =>
      c.json(await listPlaces(platform, c.req.valid('param').id, c.req.valid('query')), 200),
    )
    .openapi(decide, async (c) => {
      const given = c.req.valid('json');
      return c.json(await decideLeak(platform, c.req.valid('param').id, given, byOf(c, given.reason)), 200);
    })
    .openapi(readPolicy, async (c) => c.json(await readLeakPolicy(platform.db), 200))
    .openapi(changePolicy, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json(await writeLeakPolicy(platform, given, byOf(c, reason)), 200);
    });
}
