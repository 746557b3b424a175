import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, needs, problemResponses } from '../platform/index.ts';
import { readDueAgreements, removeAgreement, writeAgreement } from './agreed.ts';
import { dayOf } from './days.ts';
import type { Register } from './register.ts';
import { body, byOf, OnlyReasonSchema, vendorParams } from './route-parts.ts';
import { AgreementEntrySchema, DueAgreementSchema } from './schemas.ts';
import { agreementView } from './views.ts';

const params = z.object({ agreement: z.uuid() });
const Made = z.object({ id: z.string() });

const due = createRoute({
  method: 'get',
  path: '/agreements',
  'x-needs': needs('register.read'),
  summary: 'Agreements that run out soon, or ran out and were not ended',
  request: { query: z.object({ within: z.coerce.number().int().min(0).max(3660).default(90) }) },
  responses: {
    200: json(z.object({ items: z.array(DueAgreementSchema) }), 'The soonest first'),
    ...problemResponses,
  },
});
const enter = createRoute({
  method: 'post',
  path: '/register/{vendor}/agreements',
  'x-needs': needs('register.change'),
  summary: 'Enter an agreement with a vendor',
  request: { params: vendorParams, body: body(AgreementEntrySchema) },
  responses: { 201: json(Made, 'It is entered'), ...problemResponses },
});
const change = createRoute({
  method: 'put',
  path: '/agreements/{agreement}',
  'x-needs': needs('register.change'),
  summary: 'Change an agreement; all of it is given',
  request: { params, body: body(AgreementEntrySchema) },
  responses: { 200: json(Made, 'It is changed'), ...problemResponses },
});
const remove = createRoute({
  method: 'post',
  path: '/agreements/{agreement}/remove',
  'x-needs': needs('register.change'),
  summary: 'Take out an agreement that was entered by mistake',
  request: { params, body: body(OnlyReasonSchema) },
  responses: { 204: { description: 'It is gone' }, ...problemResponses },
});

export function agreementRoutes(register: Register) {
  const { deps } = register;
  return createRouter()
    .openapi(due, async (c) => {
      const today = dayOf(deps.platform.clock.now());
      const found = await readDueAgreements(deps, c.req.valid('query').within);
      return c.json(
        { items: found.map((one) => ({ ...agreementView(one, today), vendorName: one.vendorName })) },
        200,
      );
    })
    .openapi(enter, async (c) => {
      const { vendor } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      const by = byOf(c, reason);
      const id = await register.change((tx) => writeAgreement(tx, deps, { vendor }, given, by));
      return c.json({ id }, 201);
    })
    .openapi(change, async (c) => {
      const id = c.req.valid('param').agreement;
      const { reason, ...given } = c.req.valid('json');
      await register.change((tx) => writeAgreement(tx, deps, { id }, given, byOf(c, reason)));
      return c.json({ id }, 200);
    })
    .openapi(remove, async (c) => {
      const by = byOf(c, c.req.valid('json').reason);
      await register.change((tx) => removeAgreement(tx, deps, c.req.valid('param').agreement, by));
      return c.body(null, 204);
    });
}
