import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, needs, type Platform, problemResponses } from '../platform/index.ts';
import { listFacts, writeAppFacts, writeVendorFacts } from './facts.ts';
import type { Grants } from './grants.ts';
import { body, byOf } from './routes.ts';
import {
  AccessRequestSchema,
  AppFactsEntrySchema,
  AppFactsSchema,
  BecauseSchema,
  FactsSchema,
  GrantEntrySchema,
  GrantSchema,
  NewAccessRequestSchema,
  RefusalSchema,
  VendorFactsEntrySchema,
  VendorFactsSchema,
} from './schemas.ts';

const params = z.object({ id: z.string().max(60) });

const facts = createRoute({
  method: 'get',
  path: '/facts',
  'x-needs': needs('policy.read'),
  summary: 'What policies may refer to of apps and vendors, as people entered it',
  responses: { 200: json(FactsSchema, 'All of it'), ...problemResponses },
});
const setAppFacts = createRoute({
  method: 'put',
  path: '/apps/{id}/facts',
  'x-needs': needs('facts.change'),
  summary: 'Say tags, team, and whose keys an app’s are',
  request: { params, body: body(AppFactsEntrySchema) },
  responses: { 200: json(AppFactsSchema, 'As it is now'), ...problemResponses },
});
const setVendorFacts = createRoute({
  method: 'put',
  path: '/vendors/{vendor}/facts',
  'x-needs': needs('facts.change'),
  summary: 'Say whether a vendor is approved and signed an agreement, each with day and source',
  request: {
    params: z.object({
      vendor: z
        .string()
        .regex(/^[a-z][a-z0-9_-]*$/)
        .max(60),
    }),
    body: body(VendorFactsEntrySchema),
  },
  responses: { 200: json(VendorFactsSchema, 'As it is now'), ...problemResponses },
});
const listRequests = createRoute({
  method: 'get',
  path: '/access-requests',
  'x-needs': needs('access.ask'),
  summary: 'Requests for access: open ones first, then the newest',
  request: {
    query: z.object({ crossing: z.uuid().optional(), state: z.literal('open').optional() }),
  },
  responses: {
    200: json(z.object({ items: z.array(AccessRequestSchema) }), 'At most 200'),
    ...problemResponses,
  },
});
const refusal = createRoute({
  method: 'get',
  path: '/crossings/{id}/refusal',
  'x-needs': needs('access.ask'),
  summary: 'Which policies refused a crossing: for whoever may ask for an exception, and not see crossings',
  request: { params: z.object({ id: z.uuid() }) },
  responses: { 200: json(RefusalSchema, 'App, connection, policies'), ...problemResponses },
});
const ask = createRoute({
  method: 'post',
  path: '/access-requests',
  'x-needs': needs('access.ask'),
  summary: 'Ask to be excepted from the policies that refused a crossing',
  request: { body: body(NewAccessRequestSchema) },
  responses: { 201: json(AccessRequestSchema, 'The request'), ...problemResponses },
});
const grant = createRoute({
  method: 'post',
  path: '/access-requests/{id}/grant',
  'x-needs': needs('access.grant', { own: 'access_request' }),
  summary: 'Except app and connection from the policies that refused, until a time',
  request: { params, body: body(GrantEntrySchema) },
  responses: { 200: json(AccessRequestSchema, 'The request'), ...problemResponses },
});
const refuse = createRoute({
  method: 'post',
  path: '/access-requests/{id}/refuse',
  'x-needs': needs('access.grant', { own: 'access_request' }),
  summary: 'Refuse a request for access',
  request: { params, body: body(BecauseSchema) },
  responses: { 200: json(AccessRequestSchema, 'The request'), ...problemResponses },
});
const listGrants = createRoute({
  method: 'get',
  path: '/grants',
  'x-needs': needs('policy.read'),
  summary: 'Exceptions from policies: those in force first, then the latest',
  responses: { 200: json(z.object({ items: z.array(GrantSchema) }), 'At most 200'), ...problemResponses },
});
const endGrant = createRoute({
  method: 'post',
  path: '/grants/{id}/end',
  'x-needs': needs('access.grant', { own: 'grant' }),
  summary: 'End an exception now',
  request: { params, body: body(BecauseSchema) },
  responses: { 200: json(GrantSchema, 'The exception'), ...problemResponses },
});

/** Facts that policies refer to, requests for access, exceptions. */
export function accessRoutes(platform: Platform, grants: Grants) {
  return createRouter()
    .openapi(facts, async (c) => c.json(await listFacts(platform.db), 200))
    .openapi(setAppFacts, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const { id } = c.req.valid('param');
      return c.json(await writeAppFacts(platform, id, given, byOf(c, reason)), 200);
    })
    .openapi(setVendorFacts, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const { vendor } = c.req.valid('param');
      return c.json(await writeVendorFacts(platform, vendor, given, byOf(c, reason)), 200);
    })
    .openapi(listRequests, async (c) => c.json({ items: await grants.requests(c.req.valid('query')) }, 200))
    .openapi(refusal, async (c) => c.json(await grants.refusal(c.req.valid('param').id), 200))
    .openapi(ask, async (c) => {
      const { crossing, reason } = c.req.valid('json');
      return c.json(await grants.ask(crossing, byOf(c, reason)), 201);
    })
    .openapi(grant, async (c) => {
      const { until, reason } = c.req.valid('json');
      const by = { ...byOf(c, reason), ownOnly: !c.get('actor').actions.has('access.grant') };
      return c.json(await grants.grant(c.req.valid('param').id, until, by), 200);
    })
    .openapi(refuse, async (c) => {
      const by = byOf(c, c.req.valid('json').reason);
      return c.json(await grants.refuse(c.req.valid('param').id, by), 200);
    })
    .openapi(listGrants, async (c) => c.json({ items: await grants.list() }, 200))
    .openapi(endGrant, async (c) => {
      const by = byOf(c, c.req.valid('json').reason);
      return c.json(await grants.end(c.req.valid('param').id, by), 200);
    });
}
