import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, needs, notFound, problemResponses, ReasonSchema } from '../platform/index.ts';
import type { Register } from './register.ts';
import { askFor, endException, grantException, type Intake } from './requests.ts';
import { body, byOf, mayDecide, OnlyReasonSchema } from './route-parts.ts';
import { RulesSchema } from './rules.ts';
import { ExceptionEntrySchema, IntakeSchema, RequestEntrySchema } from './schemas.ts';
import { intakeView } from './views.ts';

const params = z.object({ id: z.string().max(60) });

const list = createRoute({
  method: 'get',
  path: '/connection-requests',
  'x-needs': needs('register.read'),
  summary: 'All connections: what was asked for them, and whether they may be used',
  responses: {
    200: json(z.object({ items: z.array(IntakeSchema) }), 'The connections'),
    ...problemResponses,
  },
});
const ask = createRoute({
  method: 'put',
  path: '/connections/{id}/request',
  'x-needs': needs('register.change'),
  summary: 'Say what a connection is for, and ask for it to be used',
  description:
    'Without `tier`: the vendor’s, or the usual one; another one needs `register.decide` too. Its credential waits for the tier’s conditions.',
  request: { params, body: body(RequestEntrySchema) },
  responses: { 200: json(IntakeSchema, 'The request, and where it stands'), ...problemResponses },
});
const grant = createRoute({
  method: 'post',
  path: '/connections/{id}/exceptions',
  'x-needs': needs('register.decide'),
  summary: 'Let a connection be used for a time though conditions do not hold',
  request: { params, body: body(ExceptionEntrySchema) },
  responses: { 201: json(IntakeSchema, 'Where it stands'), ...problemResponses },
});
const end = createRoute({
  method: 'post',
  path: '/register-exceptions/{exception}/end',
  'x-needs': needs('register.decide'),
  summary: 'End an exception before its time',
  request: { params: z.object({ exception: z.uuid() }), body: body(OnlyReasonSchema) },
  responses: { 204: { description: 'It is over' }, ...problemResponses },
});
const readRules = createRoute({
  method: 'get',
  path: '/register/rules',
  'x-needs': needs('register.read'),
  summary: 'The tiers, what each asks for, and which connections need a request',
  responses: { 200: json(RulesSchema.openapi('RegisterRules'), 'The rules'), ...problemResponses },
});
const setRules = createRoute({
  method: 'put',
  path: '/register/rules',
  'x-needs': needs('register.decide'),
  summary: 'Say what tiers ask for',
  request: {
    body: body(z.strictObject({ rules: RulesSchema, reason: ReasonSchema }).openapi('RegisterRulesEntry')),
  },
  responses: { 200: json(RulesSchema, 'The rules'), ...problemResponses },
});

export function intakeRoutes(register: Register) {
  const { platform } = register.deps;
  async function one(connection: string): Promise<Intake> {
    const [found] = await register.intakes({ connection });
    if (found === undefined) throw notFound('connection');
    return found;
  }
  return createRouter()
    .openapi(list, async (c) => c.json({ items: (await register.intakes()).map(intakeView) }, 200))
    .openapi(ask, async (c) => {
      const { id } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      const by = byOf(c, reason);
      await register.change((tx) => askFor(tx, platform, id, given, by, mayDecide(c, platform)));
      return c.json(intakeView(await one(id)), 200);
    })
    .openapi(grant, async (c) => {
      const { id } = c.req.valid('param');
      const { reason, owner, until } = c.req.valid('json');
      const given = { owner, until: new Date(until) };
      await register.change((tx) => grantException(tx, platform, id, given, byOf(c, reason)));
      return c.json(intakeView(await one(id)), 201);
    })
    .openapi(end, async (c) => {
      const by = byOf(c, c.req.valid('json').reason);
      await register.change((tx) => endException(tx, platform, c.req.valid('param').exception, by));
      return c.body(null, 204);
    })
    .openapi(readRules, async (c) => c.json(await register.rules(), 200))
    .openapi(setRules, async (c) => {
      const { rules, reason } = c.req.valid('json');
      await register.setRules(rules, byOf(c, reason));
      return c.json(await register.rules(), 200);
    });
}
