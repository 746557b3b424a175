import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Approvals } from '../../approvals/index.ts';
import {
  type By,
  type Caller,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  PageQuerySchema,
  problemResponses,
} from '../../platform/index.ts';
import { VendorIdSchema } from '../schemas.ts';
import type { Fetches } from './fetches.ts';
import {
  FetchEntrySchema,
  FetchingSchema,
  FetchPageSchema,
  FetchSchema,
  OnlyReasonSchema,
  ScheduleSchema,
} from './schemas.ts';

const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const vendor = z.object({ vendor: VendorIdSchema });
const fetch = z.object({ fetch: z.uuid() });

const listFetches = createRoute({
  method: 'get',
  path: '/coverage-fetches',
  'x-needs': needs('coverage.read'),
  summary: 'Whose reports of use are fetched, when they last were, and what went wrong',
  request: { query: PageQuerySchema },
  responses: { 200: json(FetchPageSchema, 'A page of them, by vendor and account'), ...problemResponses },
});
const readFetching = createRoute({
  method: 'get',
  path: '/coverage/{vendor}/fetching',
  'x-needs': needs('coverage.read'),
  summary: 'How reports of a vendor can be fetched, and what is',
  request: { params: vendor },
  responses: { 200: json(FetchingSchema, 'What is known and what is set'), ...problemResponses },
});
const enter = createRoute({
  method: 'put',
  path: '/coverage/{vendor}/fetching',
  'x-needs': needs('credential.enter'),
  summary: 'Enter the admin credential with which a vendor’s reports of use are fetched',
  request: { params: vendor, body: body(FetchEntrySchema) },
  responses: { 200: json(FetchSchema, 'What is fetched; never the credential'), ...problemResponses },
});
const schedule = createRoute({
  method: 'patch',
  path: '/coverage-fetches/{fetch}',
  'x-needs': needs('coverage.change'),
  summary: 'Say how often reports are fetched',
  request: { params: fetch, body: body(ScheduleSchema) },
  responses: { 200: json(FetchSchema, 'What is fetched'), ...problemResponses },
});
const ask = createRoute({
  method: 'post',
  path: '/coverage-fetches/{fetch}/run',
  'x-needs': needs('coverage.import'),
  summary: 'Fetch reports now',
  request: { params: fetch, body: body(OnlyReasonSchema) },
  responses: { 202: json(FetchSchema, 'It is fetched at the next moment'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/coverage-fetches/{fetch}',
  'x-needs': needs('credential.enter'),
  summary: 'Erase the credential and fetch no more; what was fetched stays',
  request: { params: fetch, body: body(OnlyReasonSchema) },
  responses: { 204: { description: 'Done' }, ...problemResponses },
});

export function fetchingRoutes(fetches: Fetches, approvals: Approvals) {
  return createRouter()
    .openapi(listFetches, async (c) => c.json(await fetches.list(c.req.valid('query')), 200))
    .openapi(readFetching, async (c) => c.json(await fetches.ofVendor(c.req.valid('param').vendor), 200))
    .openapi(enter, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = byOf(c, reason);
      const entered = () => fetches.enter(c.req.valid('param').vendor, given, by);
      return c.json(await approvals.asking(by, entered), 200);
    })
    .openapi(schedule, async (c) => {
      const { reason, everyHours } = c.req.valid('json');
      return c.json(await fetches.schedule(c.req.valid('param').fetch, everyHours, byOf(c, reason)), 200);
    })
    .openapi(ask, async (c) => {
      const by = byOf(c, c.req.valid('json').reason);
      return c.json(await fetches.ask(c.req.valid('param').fetch, by), 202);
    })
    .openapi(remove, async (c) => {
      await fetches.remove(c.req.valid('param').fetch, byOf(c, c.req.valid('json').reason));
      return c.body(null, 204);
    });
}

const byOf = (c: Context<HttpEnv>, reason: string | undefined): By & { actor: Caller } => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});
