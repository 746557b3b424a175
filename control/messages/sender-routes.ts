import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  pageSchema,
  problemResponses,
} from '../platform/index.ts';
import { readRejudging } from './jobs.ts';
import {
  AddressSchema,
  DashboardEntrySchema,
  DashboardSchema,
  NewAddressSchema,
  NewSenderSchema,
  RejudgingSchema,
  ReviewDecisionSchema,
  ReviewSchema,
  SenderSchema,
  VendorId,
} from './schemas.ts';
import {
  addAddress,
  decideReview,
  dropAddress,
  dropSender,
  listAddresses,
  listReviews,
  listSenders,
  readDashboard,
  type SenderDeps,
  sayDashboard,
  saySender,
} from './senders.ts';

/** What the organisation says of senders, of its addresses at vendors, and of where it looks after its accounts. */

const read = needs('message.read');
const decide = needs('message.decide');
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const made = z.object({ id: z.uuid() });

const senders = createRoute({
  method: 'get',
  path: '/senders',
  'x-needs': read,
  summary: 'Who sends mail for which vendor: as the organisation says, then as the packs say',
  request: { query: PageQuerySchema.extend({ vendor: VendorId.optional() }) },
  responses: { 200: json(pageSchema(SenderSchema), 'A page of senders'), ...problemResponses },
});
const say = createRoute({
  method: 'post',
  path: '/senders',
  'x-needs': decide,
  summary: 'Say what a sender is; what was judged before is judged again',
  request: { body: body(NewSenderSchema) },
  responses: { 201: json(made, 'It is kept'), ...problemResponses },
});
const drop = createRoute({
  method: 'delete',
  path: '/senders/{sender}',
  'x-needs': decide,
  summary: 'Take back what was said of a sender',
  request: { params: z.object({ sender: z.uuid() }) },
  responses: { 204: { description: 'Taken back' }, ...problemResponses },
});
const rejudging = createRoute({
  method: 'get',
  path: '/senders/rejudging',
  'x-needs': read,
  summary: 'How far messages are judged again after senders changed; it never began where `begunAt` is null',
  responses: { 200: json(z.object({ rejudging: RejudgingSchema }), 'The progress'), ...problemResponses },
});
const reviews = createRoute({
  method: 'get',
  path: '/sender-reviews',
  'x-needs': read,
  summary: 'Senders that proved a domain which the register does not know, and speak for a vendor',
  request: { query: PageQuerySchema.extend({ state: z.enum(['open', 'decided']).optional() }) },
  responses: { 200: json(pageSchema(ReviewSchema), 'A page of senders'), ...problemResponses },
});
const decision = createRoute({
  method: 'post',
  path: '/sender-reviews/{review}/decision',
  'x-needs': decide,
  summary: 'Say what a sender under review is',
  request: { params: z.object({ review: z.uuid() }), body: body(ReviewDecisionSchema) },
  responses: { 204: { description: 'Decided' }, ...problemResponses },
});
const addresses = createRoute({
  method: 'get',
  path: '/vendor-addresses',
  'x-needs': read,
  summary: 'The addresses at which we are registered at vendors',
  request: { query: PageQuerySchema.extend({ vendor: VendorId.optional() }) },
  responses: { 200: json(pageSchema(AddressSchema), 'A page of addresses'), ...problemResponses },
});
const add = createRoute({
  method: 'post',
  path: '/vendor-addresses',
  'x-needs': decide,
  summary: 'Enter an address: mail about the vendor to any other is taken for an impersonation',
  request: { body: body(NewAddressSchema) },
  responses: { 201: json(made, 'It is kept'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/vendor-addresses/{address}',
  'x-needs': decide,
  summary: 'Take an address out',
  request: { params: z.object({ address: z.uuid() }) },
  responses: { 204: { description: 'Taken out' }, ...problemResponses },
});
const dashboard = createRoute({
  method: 'get',
  path: '/vendor-dashboards/{vendor}',
  'x-needs': read,
  summary: 'Where the organisation looks after its account at a vendor',
  request: { params: z.object({ vendor: VendorId }) },
  responses: { 200: json(DashboardSchema, 'The link'), ...problemResponses },
});
const setDashboard = createRoute({
  method: 'put',
  path: '/vendor-dashboards/{vendor}',
  'x-needs': decide,
  summary: 'Say where that is; null: as the packs say',
  request: { params: z.object({ vendor: VendorId }), body: body(DashboardEntrySchema) },
  responses: { 200: json(DashboardSchema, 'The link'), ...problemResponses },
});

export function senderRoutes(deps: SenderDeps) {
  return createRouter()
    .openapi(rejudging, async (c) => c.json({ rejudging: await readRejudging(deps) }, 200))
    .openapi(senders, async (c) => c.json(await listSenders(deps, c.req.valid('query')), 200))
    .openapi(say, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json({ id: await saySender(deps, given, { actor: c.get('actor'), reason }) }, 201);
    })
    .openapi(drop, async (c) => {
      await dropSender(deps, c.req.valid('param').sender, { actor: c.get('actor'), reason: givenReason(c) });
      return c.body(null, 204);
    })
    .openapi(reviews, async (c) => c.json(await listReviews(deps, c.req.valid('query')), 200))
    .openapi(decision, async (c) => {
      const { as, reason } = c.req.valid('json');
      await decideReview(deps, c.req.valid('param').review, as, { actor: c.get('actor'), reason });
      return c.body(null, 204);
    })
    .openapi(addresses, async (c) => c.json(await listAddresses(deps, c.req.valid('query')), 200))
    .openapi(add, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json({ id: await addAddress(deps, given, by) }, 201);
    })
    .openapi(remove, async (c) => {
      await dropAddress(deps, c.req.valid('param').address, {
        actor: c.get('actor'),
        reason: givenReason(c),
      });
      return c.body(null, 204);
    })
    .openapi(dashboard, async (c) => c.json(await readDashboard(deps, c.req.valid('param').vendor), 200))
    .openapi(setDashboard, async (c) => {
      const { vendor } = c.req.valid('param');
      const { url, reason } = c.req.valid('json');
      await sayDashboard(deps, vendor, url, { actor: c.get('actor'), reason: givenReason(c, reason) });
      return c.json(await readDashboard(deps, vendor), 200);
    });
}
