import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  Problem,
  problemResponses,
} from '../platform/index.ts';
import type { Holdings } from './index.ts';
import {
  DeclareSchema,
  ListQuerySchema,
  PartyHoldingSchema,
  PartyIdSchema,
  PartyPageSchema,
  VendorHoldingSchema,
  VendorIdSchema,
  VisitPageSchema,
  VisitQuerySchema,
  VisitTakenSchema,
} from './schemas.ts';

const params = z.object({ vendor: VendorIdSchema });
const done = { 204: { description: 'Done' }, ...problemResponses } as const;

const listParties = createRoute({
  method: 'get',
  path: '/holdings/parties',
  'x-needs': needs('account.read'),
  summary: 'Who stands behind vendors’ consoles, those that touch the most people of ours first',
  request: { query: ListQuerySchema },
  responses: { 200: json(PartyPageSchema, 'A page of parties'), ...problemResponses },
});
const readParty = createRoute({
  method: 'get',
  path: '/holdings/parties/{party}',
  'x-needs': needs('account.read'),
  summary: 'Behind which vendors’ consoles a party stands, and how many people of ours that touches',
  request: { params: z.object({ party: PartyIdSchema }) },
  responses: { 200: json(PartyHoldingSchema, 'What is known of it'), ...problemResponses },
});
const readVendor = createRoute({
  method: 'get',
  path: '/holdings/vendors/{vendor}',
  'x-needs': needs('account.read'),
  summary: 'What a vendor’s console collects of those of us who have accounts, and who stands behind it',
  request: { params },
  responses: { 200: json(VendorHoldingSchema, 'What is known of it'), ...problemResponses },
});
const stateField = createRoute({
  method: 'post',
  path: '/holdings/vendors/{vendor}/fields',
  'x-needs': needs('account.import'),
  summary: 'State a field that a vendor’s console collects, with where one reads it',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: DeclareSchema } } },
  },
  responses: { 201: json(z.object({ id: z.string() }), 'The statement'), ...problemResponses },
});
const withdrawField = createRoute({
  method: 'post',
  path: '/holdings/fields/{field}/withdraw',
  'x-needs': needs('account.import'),
  summary: 'Withdraw a statement of a field',
  request: { params: z.object({ field: z.uuid() }) },
  responses: done,
});
const listVisits = createRoute({
  method: 'get',
  path: '/holdings/vendors/{vendor}/visits',
  'x-needs': needs('account.read'),
  summary: 'Recorded visits to a vendor’s console, the latest first',
  request: { params, query: ListQuerySchema },
  responses: { 200: json(VisitPageSchema, 'A page of visits'), ...problemResponses },
});
const takeVisit = createRoute({
  method: 'put',
  path: '/holdings/vendors/{vendor}/visits',
  'x-needs': needs('account.import'),
  summary:
    'Hand in a browser’s recording (HAR) of a visit to a vendor’s console: names of what was sent are kept, no value is',
  request: {
    params,
    query: VisitQuerySchema,
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: { 200: json(VisitTakenSchema, 'What was taken in'), ...problemResponses },
});
const withdrawVisit = createRoute({
  method: 'post',
  path: '/holdings/visits/{visit}/withdraw',
  'x-needs': needs('account.import'),
  summary: 'Withdraw a visit: it counts no longer',
  request: { params: z.object({ visit: z.uuid() }) },
  responses: done,
});

export function holdingsRoutes(holdings: Holdings) {
  const { visits, declared } = holdings;
  return createRouter()
    .openapi(listParties, async (c) => c.json(await holdings.parties(c.req.valid('query')), 200))
    .openapi(readParty, async (c) => c.json(await holdings.ofParty(c.req.valid('param').party), 200))
    .openapi(readVendor, async (c) => c.json(await holdings.ofVendor(c.req.valid('param').vendor), 200))
    .openapi(stateField, async (c) => {
      const asked = c.req.valid('json');
      const id = await declared.state(c.req.valid('param').vendor, asked, byOf(c, asked.reason));
      return c.json({ id }, 201);
    })
    .openapi(withdrawField, async (c) => {
      await declared.withdraw(c.req.valid('param').field, byOf(c, undefined));
      return c.body(null, 204);
    })
    .openapi(listVisits, async (c) =>
      c.json(await visits.list(c.req.valid('param').vendor, c.req.valid('query')), 200),
    )
    .openapi(takeVisit, async (c) => {
      const asked = { ...c.req.valid('query'), vendor: c.req.valid('param').vendor };
      return c.json(await visits.take(asked, piecesOf(c), byOf(c, undefined)), 200);
    })
    .openapi(withdrawVisit, async (c) => {
      await visits.withdraw(c.req.valid('param').visit, byOf(c, undefined));
      return c.body(null, 204);
    });
}

const byOf = (c: Context<HttpEnv>, reason: string | undefined): By => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});

/** The request's body as it comes. */
function piecesOf(c: Context): AsyncIterable<Uint8Array> {
  const { body } = c.req.raw;
  if (body === null) throw new Problem(400, 'invalid_request', 'The body is the file, and there is none.');
  return body;
}
