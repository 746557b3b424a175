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
import { ExchangedKeySchema, ExchangeSchema, NewWorkloadSchema, WorkloadSchema } from './schemas.ts';
import type { Workloads } from './workloads.ts';

const params = z.object({ id: z.string().max(60) });

const list = createRoute({
  method: 'get',
  path: '/apps/{id}/workloads',
  'x-needs': needs('app.read'),
  summary: 'Whose tokens this app exchanges for virtual keys',
  request: { params },
  responses: { 200: json(z.object({ items: z.array(WorkloadSchema) }), 'The entries'), ...problemResponses },
});
const add = createRoute({
  method: 'post',
  path: '/apps/{id}/workloads',
  'x-needs': needs('workload.change', { own: 'app' }),
  summary: 'Let a workload exchange its OIDC token for short-lived virtual keys of this app',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: NewWorkloadSchema } } },
  },
  responses: { 201: json(WorkloadSchema, 'The entry'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/apps/{id}/workloads/{workload}',
  'x-needs': needs('workload.change', { own: 'app' }),
  summary: 'End it, and revoke the keys that were made of it',
  request: { params: params.extend({ workload: z.string().max(60) }) },
  responses: { 204: { description: 'Ended' }, ...problemResponses },
});
const exchange = createRoute({
  method: 'post',
  path: '/workload/exchange',
  'x-needs': needs.anyone,
  summary: 'Exchange a workload’s OIDC token for a virtual key',
  description:
    'The token is who asks: there is no session. It may be exchanged again while its time lasts; keep the key for as long as it works.',
  request: { body: { required: true, content: { 'application/json': { schema: ExchangeSchema } } } },
  responses: { 201: json(ExchangedKeySchema, 'The virtual key, whole'), ...problemResponses },
});

function by(c: Context<HttpEnv>, reason?: string): By {
  return { actor: c.get('actor'), reason: givenReason(c, reason) };
}

export function workloadRoutes(workloads: Workloads) {
  return createRouter()
    .openapi(list, async (c) => c.json({ items: await workloads.of(c.req.valid('param').id) }, 200))
    .openapi(add, async (c) => {
      const given = c.req.valid('json');
      if (given.private && !c.get('actor').actions.has('workload.change')) {
        throw new Problem(
          403,
          'not_permitted',
          'That an issuer may be in a private network is for who looks after all apps to say: this program would call there. Enter its keys as jwks, or ask an administrator.',
        );
      }
      return c.json(await workloads.add(c.req.valid('param').id, given, by(c, given.reason)), 201);
    })
    .openapi(remove, async (c) => {
      const { id, workload } = c.req.valid('param');
      await workloads.remove(id, workload, by(c));
      return c.body(null, 204);
    });
}

/** Answers without a session: it goes before what asks for one. */
export function exchangeRoutes(workloads: Workloads, addressOf: (c: Context) => string) {
  return createRouter().openapi(exchange, async (c) => {
    const { workload, token } = c.req.valid('json');
    try {
      const made = await workloads.exchange(workload, token, addressOf(c));
      return c.json(made, 201, { 'cache-control': 'no-store' });
    } catch (error) {
      const wait = error instanceof Problem ? error.extra?.retryAfter : undefined;
      if (typeof wait === 'number') c.header('retry-after', String(wait));
      throw error;
    }
  });
}
