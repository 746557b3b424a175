import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createRouter, json, needs, Problem, problemResponses } from '../platform/index.ts';
import { dropSessionCookie, sessionOf, setSessionCookie } from './cookies.ts';
import { factorsOf, missingOf, usable } from './factors.ts';
import type { IdentityParts } from './identity.ts';
import { inviterOf, redeemLink } from './links.ts';
import { siteOf, takesPasskeys } from './passkeys.ts';
import { activePeople } from './person.ts';
import { placeOf } from './place.ts';
import { originOf } from './reached.ts';
import {
  AssertionSchema,
  CodeSchema,
  EmailSchema,
  OptionsSchema,
  PasswordSchema,
  RecoveryCodeSchema,
  SessionSchema,
  TokenSchema,
  type Warning,
} from './schemas.ts';
import { endSessions, type Session, sessionCaller } from './sessions.ts';
import type { Stage } from './tables.ts';

const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});
const done = (description: string) => ({ 204: { description }, ...problemResponses });

const readSession = createRoute({
  method: 'get',
  path: '/session',
  'x-needs': needs.anyone,
  summary: 'Who is signed in, what is missing yet, and what this deployment warns of',
  responses: { 200: json(SessionSchema, 'The session'), ...problemResponses },
});
const redeem = createRoute({
  method: 'post',
  path: '/session/invitation',
  'x-needs': needs.anyone,
  summary: 'Come in with a one-time link, to enrol',
  request: body(z.strictObject({ token: TokenSchema })),
  responses: done('The cookie holds a session in which nothing but enrolment answers'),
});
const byPassword = createRoute({
  method: 'post',
  path: '/session/password',
  'x-needs': needs.anyone,
  summary: 'Sign in with a password, the first of two factors',
  request: body(z.strictObject({ email: EmailSchema, password: PasswordSchema })),
  responses: done('The cookie holds a session that lacks its second factor'),
});
const byTotp = createRoute({
  method: 'post',
  path: '/session/totp',
  'x-needs': needs.anyone,
  summary: 'The second factor: the code of an authenticator app',
  request: body(z.strictObject({ code: CodeSchema })),
  responses: done('Signed in, under another cookie'),
});
const byRecovery = createRoute({
  method: 'post',
  path: '/session/recovery',
  'x-needs': needs.anyone,
  summary: 'A recovery code in place of the app; with an address, of who has passkeys only and lost them',
  request: body(z.strictObject({ code: RecoveryCodeSchema, email: EmailSchema.optional() })),
  responses: done('Signed in, or enrolling anew, under another cookie'),
});
const passkeyOptions = createRoute({
  method: 'post',
  path: '/session/passkey/options',
  'x-needs': needs.anyone,
  summary: 'What to ask the browser for, to sign in with a passkey',
  responses: { 200: json(OptionsSchema, 'WebAuthn options'), ...problemResponses },
});
const byPasskey = createRoute({
  method: 'post',
  path: '/session/passkey',
  'x-needs': needs.anyone,
  summary: 'Sign in with a passkey',
  request: body(z.strictObject({ response: AssertionSchema })),
  responses: done('Signed in'),
});
const stepUpOptions = createRoute({
  method: 'post',
  path: '/session/step-up/options',
  'x-needs': needs.self,
  summary: 'What to ask the browser for, to use a passkey anew',
  responses: { 200: json(OptionsSchema, 'WebAuthn options'), ...problemResponses },
});
const stepUp = createRoute({
  method: 'post',
  path: '/session/step-up',
  'x-needs': needs.self,
  summary: 'Use a factor anew, for what asks for one',
  request: body(
    z.union([z.strictObject({ totp: CodeSchema }), z.strictObject({ passkey: AssertionSchema })]),
  ),
  responses: done('It counts for five minutes, under another cookie'),
});
const finish = createRoute({
  method: 'post',
  path: '/session/finish',
  'x-needs': needs.enrolling,
  summary: 'End enrolment, once nothing is missing',
  responses: done('Signed in, under another cookie'),
});
const signOut = createRoute({
  method: 'delete',
  path: '/session',
  'x-needs': needs.anyone,
  summary: 'Sign out',
  responses: done('Signed out'),
});

export interface SessionRouteDeps extends IdentityParts {
  /** Shown to signed-in people only. */
  warnings(): readonly Warning[];
  /** What the deployment is called. */
  name(): Promise<string>;
  /** Issuers that people may sign in through. */
  oidc(): Promise<{ id: string; name: string }[]>;
}

/** What signs in and out. */
export function sessionRoutes(deps: SessionRouteDeps) {
  const { platform, reached, signIn, passkeys } = deps;
  const place = (c: Context) => placeOf(c, reached);
  const originHere = (c: Context): string => originOf(reached, c.req.header('host')) ?? '';

  /** The session at this stage. Throws a Problem 401 `signed_out` where there is none. */
  async function expectAt(c: Context, stage: Stage): Promise<Session> {
    const session = await sessionOf(c, platform);
    if (session?.stage === stage) return session;
    throw new Problem(401, 'signed_out', 'This sign-in is over, or was finished. Begin again.');
  }

  return createRouter()
    .openapi(readSession, async (c) => {
      const session = await sessionOf(c, platform);
      const always = {
        methods: { oidc: await deps.oidc(), passkeys: takesPasskeys(originHere(c)) },
        firstStart: (await activePeople(platform.db, platform.clock.now())).length === 0,
        deployment: { id: platform.deployment.id, name: await deps.name() },
      };
      if (session === null) return c.json({ ...nobody, ...always }, 200);
      const { person, stage } = session;
      const factors = await factorsOf(platform.db, person.id);
      const caller = sessionCaller(session);
      const isIn = stage === 'signed_in';
      return c.json(
        {
          stage,
          // Who has shown a password only is not told more than they typed.
          person:
            stage === 'second_factor'
              ? null
              : { id: person.id, name: person.name, email: person.email, roles: [...person.roles] },
          actor: isIn ? { id: person.id, name: person.name } : null,
          level: caller.level,
          steppedUpAt: isoOf(session.steppedUpAt),
          idleEndsAt: isoOf(session.idleEndsAt),
          factors: usable(factors),
          actions: isIn ? [...caller.actions] : [],
          ownActions: isIn ? [...caller.ownActions] : [],
          invitedBy: stage === 'enrolling' ? await inviterOf(platform, person.id) : null,
          accessEnds: stage === 'second_factor' ? null : isoOf(person.accessEnds),
          needsEnrolment: stage === 'enrolling' ? missingOf(person, factors) : [],
          ...(isIn ? { refusedBefore: session.refusedBefore } : {}),
          warnings: isIn ? [...deps.warnings()] : [],
          ...always,
        },
        200,
      );
    })
    .openapi(redeem, async (c) => {
      const opened = await redeemLink(platform, c.req.valid('json').token, place(c));
      if (opened === null) {
        throw new Problem(
          401,
          'link_used',
          'This link was used before, or its time is over. Ask who sent it for a new one; on the machine itself: npm run drawbridge sign-in.',
        );
      }
      setSessionCookie(c, opened.secret);
      return c.body(null, 204);
    })
    .openapi(byPassword, async (c) => {
      const { email, password } = c.req.valid('json');
      const { secret } = await signIn.password(email, password, place(c));
      setSessionCookie(c, secret);
      return c.body(null, 204);
    })
    .openapi(byTotp, async (c) => {
      const session = await expectAt(c, 'second_factor');
      setSessionCookie(c, (await signIn.totp(session, c.req.valid('json').code, place(c))).secret);
      return c.body(null, 204);
    })
    .openapi(byRecovery, async (c) => {
      const { code, email } = c.req.valid('json');
      const { secret } =
        email === undefined
          ? await signIn.recovery(await expectAt(c, 'second_factor'), code, place(c))
          : await signIn.recoverPasskeys(email, code, place(c));
      setSessionCookie(c, secret);
      return c.body(null, 204);
    })
    .openapi(passkeyOptions, async (c) =>
      c.json({ options: await passkeys.askOptions(siteOf(originHere(c)), 'sign-in') }, 200),
    )
    .openapi(byPasskey, async (c) => {
      const site = siteOf(originHere(c));
      const before = await sessionOf(c, platform);
      const { secret } = await signIn.passkey(c.req.valid('json').response, site, place(c));
      // What it had before, as a session that lacked its second factor, is of no more use.
      if (before !== null) await end(before, 'Signed in anew');
      setSessionCookie(c, secret);
      return c.body(null, 204);
    })
    .openapi(stepUpOptions, async (c) => {
      const { id, person } = await expectAt(c, 'signed_in');
      const options = await passkeys.askOptions(siteOf(originHere(c)), `step-up ${id}`, person.id);
      return c.json({ options }, 200);
    })
    .openapi(stepUp, async (c) => {
      const session = await expectAt(c, 'signed_in');
      const given = c.req.valid('json');
      const factor = 'totp' in given ? given : { passkey: given.passkey, site: siteOf(originHere(c)) };
      setSessionCookie(c, (await signIn.stepUp(session, factor, place(c))).secret);
      return c.body(null, 204);
    })
    .openapi(finish, async (c) => {
      const session = await expectAt(c, 'enrolling');
      setSessionCookie(c, (await signIn.finish(session)).secret);
      return c.body(null, 204);
    })
    .openapi(signOut, async (c) => {
      const session = await sessionOf(c, platform);
      if (session !== null) await end(session, 'Signed out');
      dropSessionCookie(c);
      return c.body(null, 204);
    });

  async function end(session: Session, reason: string): Promise<void> {
    await platform.db
      .transaction()
      .execute((tx) => endSessions(tx, platform, { ids: [session.id] }, { actor: session.person, reason }));
  }
}

const isoOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const nobody = {
  stage: 'signed_out' as const,
  person: null,
  actor: null,
  level: null,
  steppedUpAt: null,
  idleEndsAt: null,
  factors: [],
  actions: [],
  ownActions: [],
  needsEnrolment: [],
  invitedBy: null,
  accessEnds: null,
  warnings: [],
};
