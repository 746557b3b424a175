import { createRoute, z } from '@hono/zod-openapi';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import {
  createRouter,
  givenReason,
  json,
  needs,
  type Platform,
  Problem,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { SESSION_COOKIE } from './guard.ts';
import { closeSession, createSignInToken, findSession, LINK_MINUTES, redeemSignInToken } from './session.ts';

const WarningSchema = z.object({ code: z.string(), text: z.string() });
const SessionSchema = z
  .object({
    signedIn: z.boolean(),
    actor: z.object({ id: z.string(), name: z.string() }).nullable(),
    deployment: z.object({ id: z.string(), name: z.string() }),
    warnings: z.array(WarningSchema),
  })
  .openapi('Session');

export type Warning = z.infer<typeof WarningSchema>;

const signIn = createRoute({
  method: 'post',
  path: '/session',
  'x-needs': needs.anyone,
  summary: 'Sign in with a one-time link token',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ token: z.string().min(20).max(100) }) } },
    },
  },
  responses: { 204: { description: 'Signed in; the cookie holds the session' }, ...problemResponses },
});
const readSession = createRoute({
  method: 'get',
  path: '/session',
  'x-needs': needs.anyone,
  summary: 'Who is signed in, and what this deployment warns of',
  responses: { 200: json(SessionSchema, 'The session'), ...problemResponses },
});
const signOut = createRoute({
  method: 'delete',
  path: '/session',
  'x-needs': needs.anyone,
  summary: 'Sign out',
  responses: { 204: { description: 'Signed out' }, ...problemResponses },
});

export interface AccessDeps {
  /** Shown to signed-in people only. */
  warnings(): readonly Warning[];
  /** What the deployment is called. */
  name(): Promise<string>;
}

/** Routes that answer without a session. */
export function accessRoutes(platform: Platform, deps: AccessDeps) {
  return createRouter()
    .openapi(signIn, async (c) => {
      const secret = await redeemSignInToken(platform, c.req.valid('json').token);
      if (secret === null) {
        throw new Problem(
          401,
          'link_used',
          'This link was used before or is over 30 minutes old. Run "npm run drawbridge sign-in" for a new one.',
        );
      }
      setCookie(c, SESSION_COOKIE, secret, {
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        maxAge: 7 * 24 * 3600,
      });
      return c.body(null, 204);
    })
    .openapi(readSession, async (c) => {
      const secret = getCookie(c, SESSION_COOKIE);
      const actor = secret === undefined ? null : await findSession(platform, secret);
      return c.json(
        {
          signedIn: actor !== null,
          actor,
          deployment: { id: platform.deployment.id, name: await deps.name() },
          warnings: actor === null ? [] : [...deps.warnings()],
        },
        200,
      );
    })
    .openapi(signOut, async (c) => {
      const secret = getCookie(c, SESSION_COOKIE);
      if (secret !== undefined) await closeSession(platform, secret);
      deleteCookie(c, SESSION_COOKIE, { path: '/' });
      return c.body(null, 204);
    });
}

const makeLink = createRoute({
  method: 'post',
  path: '/sign-in-links',
  'x-needs': needs('person.invite'),
  summary: 'Make a link that signs in once',
  request: {
    body: {
      required: false,
      content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema.optional() }) } },
    },
  },
  responses: {
    201: json(z.object({ token: z.string(), minutes: z.number() }), 'The token, shown once'),
    ...problemResponses,
  },
});

/** Behind the gate: whoever is signed in, or runs the command on this machine, can let another browser in. */
export function linkRoutes(platform: Platform) {
  return createRouter().openapi(makeLink, async (c) => {
    const by = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
    c.set('shownOnce', true);
    return c.json({ token: await createSignInToken(platform, by), minutes: LINK_MINUTES }, 201);
  });
}
