import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createRouter, type HttpEnv, json, needs, Problem, problemResponses } from '../platform/index.ts';
import { sessionOf } from './cookies.ts';
import { factorsOf } from './factors.ts';
import type { IdentityParts } from './identity.ts';
import { siteOf } from './passkeys.ts';
import { originOf } from './reached.ts';
import { listPasskeys, listSessions } from './read.ts';
import {
  CodeSchema,
  EmailSchema,
  FactorsSchema,
  NameSchema,
  OptionsSchema,
  PasswordSchema,
  RegistrationSchema,
  SessionItemSchema,
} from './schemas.ts';
import type { Session } from './sessions.ts';

const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});
const params = z.object({ id: z.string().max(60) });
const done = (description: string) => ({ 204: { description }, ...problemResponses });

const introduce = createRoute({
  method: 'put',
  path: '/session/profile',
  'x-needs': needs.enrolling,
  summary: 'While enrolling: what you are called; of the first administrator also the address',
  request: body(z.strictObject({ name: NameSchema, email: EmailSchema.optional() })),
  responses: done('Kept'),
});
const readFactors = createRoute({
  method: 'get',
  path: '/me/factors',
  'x-needs': needs.enrolling,
  summary: 'What you sign in with',
  responses: { 200: json(FactorsSchema, 'Your factors'), ...problemResponses },
});
const passkeyOptions = createRoute({
  method: 'post',
  path: '/me/passkeys/options',
  'x-needs': needs.enrollingSteppedUp,
  summary: 'What to ask the browser for, to make a passkey',
  responses: { 200: json(OptionsSchema, 'WebAuthn options'), ...problemResponses },
});
const addPasskey = createRoute({
  method: 'post',
  path: '/me/passkeys',
  'x-needs': needs.enrollingSteppedUp,
  summary: 'Add a passkey',
  request: body(z.strictObject({ name: NameSchema, response: RegistrationSchema })),
  responses: { 201: json(z.object({ id: z.string() }), 'It signs in from now on'), ...problemResponses },
});
const renamePasskey = createRoute({
  method: 'patch',
  path: '/me/passkeys/{id}',
  'x-needs': needs.enrolling,
  summary: 'Call a passkey something else',
  request: { params, ...body(z.strictObject({ name: NameSchema })) },
  responses: done('Renamed'),
});
const removePasskey = createRoute({
  method: 'delete',
  path: '/me/passkeys/{id}',
  'x-needs': needs.enrollingSteppedUp,
  summary: 'Remove a passkey; not the last factor',
  request: { params },
  responses: done('It signs in no more; your other sessions ended'),
});
const setPassword = createRoute({
  method: 'put',
  path: '/me/password',
  'x-needs': needs.enrollingSteppedUp,
  summary: 'Set your password',
  request: body(z.strictObject({ password: PasswordSchema })),
  responses: done('Set; your other sessions ended'),
});
const beginApp = createRoute({
  method: 'post',
  path: '/me/totp',
  'x-needs': needs.enrollingSteppedUp,
  summary: 'A new secret for an authenticator app, in force once a code of it was shown',
  responses: {
    200: json(z.object({ secret: z.string(), uri: z.string() }), 'The secret, shown once'),
    ...problemResponses,
  },
});
const confirmApp = createRoute({
  method: 'post',
  path: '/me/totp/confirm',
  'x-needs': needs.enrollingSteppedUp,
  summary: 'Show a code of the new app',
  request: body(z.strictObject({ code: CodeSchema })),
  responses: done('In force; your other sessions ended'),
});
const removeApp = createRoute({
  method: 'delete',
  path: '/me/totp',
  'x-needs': needs.enrollingSteppedUp,
  summary: 'Remove the authenticator app; not the last factor',
  responses: done('Removed; your other sessions ended'),
});
const makeCodes = createRoute({
  method: 'post',
  path: '/me/recovery-codes',
  'x-needs': needs.enrollingSteppedUp,
  summary: 'Ten new recovery codes; earlier ones end',
  responses: { 200: json(z.object({ codes: z.array(z.string()) }), 'Shown once'), ...problemResponses },
});
const sessions = createRoute({
  method: 'get',
  path: '/me/sessions',
  'x-needs': needs.self,
  summary: 'Where you are signed in',
  responses: {
    200: json(z.object({ items: z.array(SessionItemSchema) }), 'Your sessions'),
    ...problemResponses,
  },
});
const endSession = createRoute({
  method: 'delete',
  path: '/me/sessions/{id}',
  'x-needs': needs.self,
  summary: 'End one of your sessions',
  request: { params },
  responses: done('Ended'),
});
const rename = createRoute({
  method: 'patch',
  path: '/me',
  'x-needs': needs.self,
  summary: 'Change what you are called',
  request: body(z.strictObject({ name: NameSchema })),
  responses: done('Changed'),
});

/** What people see and change about themselves. */
export function meRoutes({ platform, reached, passkeys, profile }: IdentityParts) {
  /** The gate let a session through: it may have ended since. */
  async function own(c: Context<HttpEnv>): Promise<Session> {
    const session = await sessionOf(c, platform);
    if (session === null) throw new Problem(401, 'signed_out', 'This session is over. Sign in again.');
    return session;
  }
  const site = (c: Context) => siteOf(originOf(reached, c.req.header('host')) ?? '');

  return createRouter()
    .openapi(introduce, async (c) => {
      const session = await own(c);
      if (session.stage !== 'enrolling')
        throw new Problem(409, 'enrolled', 'You are enrolled. Change your name in your profile.');
      await profile.introduce(session, c.req.valid('json'));
      return c.body(null, 204);
    })
    .openapi(readFactors, async (c) => {
      const { person } = await own(c);
      const factors = await factorsOf(platform.db, person.id);
      return c.json(
        {
          passkeys: await listPasskeys(platform.db, person.id),
          totp: factors.totpSince === null ? null : { since: new Date(factors.totpSince).toISOString() },
          password: factors.hasPassword,
          recoveryCodesLeft: factors.recoveryCodes,
        },
        200,
      );
    })
    .openapi(passkeyOptions, async (c) => {
      const { id, person } = await own(c);
      return c.json({ options: await passkeys.enrolOptions(person, site(c), `enrol ${id}`) }, 200);
    })
    .openapi(addPasskey, async (c) => {
      const id = await profile.addPasskey(await own(c), { ...c.req.valid('json'), site: site(c) });
      return c.json({ id }, 201);
    })
    .openapi(renamePasskey, async (c) => {
      await profile.renamePasskey(await own(c), c.req.valid('param').id, c.req.valid('json').name);
      return c.body(null, 204);
    })
    .openapi(removePasskey, async (c) => {
      await profile.removePasskey(await own(c), c.req.valid('param').id);
      return c.body(null, 204);
    })
    .openapi(setPassword, async (c) => {
      await profile.setPassword(await own(c), c.req.valid('json').password);
      return c.body(null, 204);
    })
    .openapi(beginApp, async (c) => {
      c.set('shownOnce', true);
      return c.json(await profile.beginApp(await own(c)), 200);
    })
    .openapi(confirmApp, async (c) => {
      await profile.confirmApp(await own(c), c.req.valid('json').code);
      return c.body(null, 204);
    })
    .openapi(removeApp, async (c) => {
      await profile.removeApp(await own(c));
      return c.body(null, 204);
    })
    .openapi(makeCodes, async (c) => {
      c.set('shownOnce', true);
      return c.json({ codes: await profile.newRecoveryCodes(await own(c)) }, 200);
    })
    .openapi(sessions, async (c) => {
      const { id, person } = await own(c);
      return c.json({ items: await listSessions(platform, person.id, id) }, 200);
    })
    .openapi(endSession, async (c) => {
      await profile.endOwnSession(await own(c), c.req.valid('param').id);
      return c.body(null, 204);
    })
    .openapi(rename, async (c) => {
      await profile.rename(await own(c), c.req.valid('json').name);
      return c.body(null, 204);
    });
}
