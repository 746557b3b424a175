import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  type Caller,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  problemResponses,
} from '../platform/index.ts';
import { NewTokenSchema, ShownTokenSchema, TokenSchema } from './schemas.ts';
import type { Tokens } from './tokens.ts';

const params = z.object({ id: z.string().max(60) });
const TokensSchema = z.object({ items: z.array(TokenSchema) });

const listOwn = createRoute({
  method: 'get',
  path: '/tokens',
  'x-needs': needs.self,
  summary: 'Your own API tokens, newest first: those that work, and those that ended within 30 days',
  responses: { 200: json(TokensSchema, 'Your tokens'), ...problemResponses },
});
const make = createRoute({
  method: 'post',
  path: '/tokens',
  'x-needs': needs.selfSteppedUp,
  summary: 'Make an API token, for what you may do yourself and no more',
  description:
    'A token can do nothing that asks for a factor used within five minutes, and makes no other token. It ends with your access here.',
  request: { body: { required: true, content: { 'application/json': { schema: NewTokenSchema } } } },
  responses: { 201: json(ShownTokenSchema, 'The token, whole'), ...problemResponses },
});
const revokeOwn = createRoute({
  method: 'delete',
  path: '/tokens/{id}',
  'x-needs': needs.self,
  summary: 'Revoke one of your API tokens: it is refused from then on',
  request: { params },
  responses: { 204: { description: 'Revoked' }, ...problemResponses },
});
const listOfPerson = createRoute({
  method: 'get',
  path: '/people/{id}/tokens',
  'x-needs': needs('person.read'),
  summary: 'A person’s API tokens, newest first',
  request: { params },
  responses: { 200: json(TokensSchema, 'Their tokens'), ...problemResponses },
});
const revokeOfPerson = createRoute({
  method: 'delete',
  path: '/people/{id}/tokens/{token}',
  'x-needs': needs('person.change'),
  summary: 'Revoke an API token of a person',
  request: { params: params.extend({ token: z.string().max(60) }) },
  responses: { 204: { description: 'Revoked' }, ...problemResponses },
});

function by(c: Context<HttpEnv>, reason?: string): By & { actor: Caller } {
  return { actor: c.get('actor'), reason: givenReason(c, reason) };
}

export function tokenRoutes(tokens: Tokens) {
  return createRouter()
    .openapi(listOwn, async (c) => c.json({ items: await tokens.of(c.get('actor').id) }, 200))
    .openapi(make, async (c) => {
      const given = c.req.valid('json');
      const made = await tokens.make(c.get('actor'), given, by(c, given.reason));
      c.set('shownOnce', true);
      return c.json(made, 201, { 'cache-control': 'no-store' });
    })
    .openapi(revokeOwn, async (c) => {
      await tokens.revoke(c.req.valid('param').id, { person: c.get('actor').id }, by(c));
      return c.body(null, 204);
    })
    .openapi(listOfPerson, async (c) => c.json({ items: await tokens.of(c.req.valid('param').id) }, 200))
    .openapi(revokeOfPerson, async (c) => {
      const { id, token } = c.req.valid('param');
      await tokens.revoke(token, { person: id }, by(c));
      return c.body(null, 204);
    });
}
