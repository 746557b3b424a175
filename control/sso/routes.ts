import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Approvals } from '../approvals/index.ts';
import { placeOf, type Reached, setSessionCookie } from '../identity/index.ts';
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
import { IssuerCheckSchema } from './check.ts';
import { IdentitySchema, IssuerChangeSchema, IssuerSchema, NewIssuerSchema } from './schemas.ts';
import type { OidcSignIn } from './sign-in.ts';
import type { Sso } from './sso.ts';

/** What a browser keeps while it is at an issuer. Lax: it comes back by a link of another site. */
const FLOW_COOKIE = '__Host-drawbridge-oidc';
const FLOW_S = 600;

const params = z.object({ id: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const list = createRoute({
  method: 'get',
  path: '/issuers',
  'x-needs': needs('setting.read'),
  summary: 'Issuers that people may sign in through',
  responses: { 200: json(z.object({ items: z.array(IssuerSchema) }), 'The issuers'), ...problemResponses },
});
const add = createRoute({
  method: 'post',
  path: '/issuers',
  'x-needs': needs('issuer.change'),
  summary: 'Let people sign in through an OpenID Connect issuer',
  description:
    'As a public client with PKCE: no secret of ours lies there. Whoever rules the issuer can sign in as anyone of its domains.',
  request: { body: body(NewIssuerSchema) },
  responses: { 201: json(IssuerSchema, 'The issuer'), ...problemResponses },
});
const change = createRoute({
  method: 'patch',
  path: '/issuers/{id}',
  'x-needs': needs('issuer.change'),
  summary: 'Change what is believed of an issuer',
  request: { params, body: body(IssuerChangeSchema) },
  responses: { 200: json(IssuerSchema, 'The issuer as it is now'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/issuers/{id}',
  'x-needs': needs('issuer.change'),
  summary: 'Let nobody sign in through an issuer any more; sessions that are open stay',
  request: { params },
  responses: { 204: { description: 'Removed' }, ...problemResponses },
});
const check = createRoute({
  method: 'post',
  path: '/issuers/{id}/check',
  'x-needs': needs('setting.read'),
  summary: 'Ask an issuer what it says of itself, now; nothing is changed',
  request: { params },
  responses: {
    200: json(IssuerCheckSchema, 'Whether it can be used, or what is wrong'),
    ...problemResponses,
  },
});
const identities = createRoute({
  method: 'get',
  path: '/people/{id}/identities',
  'x-needs': needs('person.read'),
  summary: 'By which subjects issuers mean this person',
  request: { params },
  responses: { 200: json(z.object({ items: z.array(IdentitySchema) }), 'The subjects'), ...problemResponses },
});
const unlink = createRoute({
  method: 'delete',
  path: '/people/{id}/identities',
  'x-needs': needs('person.change'),
  summary: 'Forget by which subject an issuer means this person',
  request: { params, query: z.object({ issuer: z.string().max(300) }) },
  responses: { 204: { description: 'Forgotten' }, ...problemResponses },
});
const begin = createRoute({
  method: 'post',
  path: '/session/oidc/{id}',
  'x-needs': needs.anyone,
  summary: 'Begin to sign in through an issuer: where the browser goes',
  request: { params, body: body(z.strictObject({ path: z.string().max(500).optional() })) },
  responses: { 200: json(z.object({ url: z.string() }), 'The address at the issuer'), ...problemResponses },
});
const finish = createRoute({
  method: 'get',
  path: '/session/oidc/{id}/callback',
  'x-needs': needs.anyone,
  summary: 'Where an issuer sends the browser back to; leads on into the console',
  request: { params },
  responses: { 303: { description: 'To the console, or to /sign-in?problem=…' }, ...problemResponses },
});

function by(c: Context<HttpEnv>, reason?: string): By & { actor: Caller } {
  return { actor: c.get('actor'), reason: givenReason(c, reason) };
}

export function issuerRoutes({ issuers, check: ask }: Pick<Sso, 'issuers' | 'check'>, approvals: Approvals) {
  return createRouter()
    .openapi(list, async (c) => c.json({ items: await issuers.list() }, 200))
    .openapi(add, async (c) => {
      const given = c.req.valid('json');
      const who = by(c, given.reason);
      return c.json(await approvals.asking(who, () => issuers.add(given, who)), 201);
    })
    .openapi(change, async (c) => {
      const given = c.req.valid('json');
      const who = by(c, given.reason);
      const { id } = c.req.valid('param');
      return c.json(await approvals.asking(who, () => issuers.change(id, given, who)), 200);
    })
    .openapi(remove, async (c) => {
      await issuers.remove(c.req.valid('param').id, by(c));
      return c.body(null, 204);
    })
    .openapi(check, async (c) => c.json(await ask(c.req.valid('param').id), 200))
    .openapi(identities, async (c) => {
      const rows = await issuers.identitiesOf(c.req.valid('param').id);
      const items = rows.map(({ issuer, subject, linked_at, last_used_at }) => ({
        issuer,
        subject,
        linkedAt: linked_at.toISOString(),
        lastUsedAt: last_used_at.toISOString(),
      }));
      return c.json({ items }, 200);
    })
    .openapi(unlink, async (c) => {
      await issuers.unlink(c.req.valid('param').id, c.req.valid('query').issuer, by(c));
      return c.body(null, 204);
    });
}

/** Answers without a session: it goes before what asks for one. */
export function oidcRoutes(signIn: OidcSignIn, reached: Reached) {
  return createRouter()
    .openapi(begin, async (c) => {
      const { url, secret } = await signIn.begin(
        c.req.valid('param').id,
        c.req.valid('json').path,
        placeOf(c, reached),
      );
      setCookie(c, FLOW_COOKIE, secret, {
        httpOnly: true,
        secure: true,
        sameSite: 'Lax',
        path: '/',
        maxAge: FLOW_S,
      });
      return c.json({ url }, 200);
    })
    .openapi(finish, async (c) => {
      const { search } = new URL(c.req.url);
      const kept = getCookie(c, FLOW_COOKIE);
      deleteCookie(c, FLOW_COOKIE, { path: '/', secure: true });
      const { id } = c.req.valid('param');
      const outcome = await signIn.finish(id, search.slice(1), kept, placeOf(c, reached));
      if ('refused' in outcome) return c.redirect(`/sign-in?problem=${outcome.refused}`, 303);
      setSessionCookie(c, outcome.secret);
      return c.redirect(outcome.path, 303);
    });
}
