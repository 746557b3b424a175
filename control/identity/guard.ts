import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import {
  type Action,
  actions,
  type Caller,
  expectStepUp,
  type HttpEnv,
  type Named,
  type Needs,
  type NeedsTable,
  needsOf,
  type OwnedKind,
  type Platform,
  Problem,
} from '../platform/index.ts';
import { sessionOf, sessionSecret } from './cookies.ts';
import { commandCaller } from './person.ts';
import { originOf, type Reached } from './reached.ts';
import { countRefused, countRefusedAct } from './refused.ts';
import { callerBySession, sessionCaller } from './sessions.ts';

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Refuses requests that address this listener by a name that is not its own, or that another site's page makes. */
export function sameOrigin(reached: Reached): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const own = originOf(reached, c.req.header('host'));
    if (own === null) {
      throw new Problem(
        403,
        'wrong_host',
        `The console answers at ${reached.origins.join(', ')} only. Open it by one of these addresses.`,
      );
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== own) {
      throw new Problem(403, 'wrong_origin', 'Requests from pages of other origins are not answered.');
    }
    await next();
  };
}

/** Whether a presented token is the operator's; in constant time. */
export type OperatorCheck = (token: string) => boolean;

/** The token of the `drawbridge` command on this machine, which lies beside the keys while the deployment runs. */
export function operatorCheck(token: string): OperatorCheck {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(token);
  return (presented) => timingSafeEqual(digest(presented), wanted);
}

/** Finds out whose bearer token came with a request; null: nobody's that it knows. */
export type Resolver = (token: string, c: Context<HttpEnv>) => Promise<Caller | null>;

/** How the gate finds out who owns what a path's `id` names. Null: nobody, or there is no such thing. */
export type OwnerOf = (kind: OwnedKind, id: string) => Promise<string | null>;

export interface GateOptions {
  platform: Platform;
  isOperator: OperatorCheck;
  /** Asked one after another about a bearer token that is not the operator's. */
  resolvers: readonly Resolver[];
  /** What every route needs; asked at each request, as routes are still added while the API is put together. */
  needs: () => NeedsTable;
  ownerOf: OwnerOf;
  /** Asked once roles permit an act: throws a Problem where a policy refuses it. */
  checkAct?: (caller: Caller, action: Action, named: Named | null) => Promise<void>;
}

/**
 * The one gate in front of all routes: who asks must have what the route that will answer says it needs. A route that
 * does not say is not answered. Writes by cookie need a header that a foreign form can't send.
 */
export function gate(options: GateOptions): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const found = needsOf(c, options.needs());
    if (found?.needed.of === 'anyone') return next();
    const caller = await callerOf(c, options);
    c.set('actor', caller);
    // What there is no route for is not told apart from a route that does not say what it needs.
    if (found === null) throw noRoute();
    const { needed, named } = found;
    const action = needed.of === 'action' ? needed.action : needed.of;
    try {
      await expectPermitted(caller, c, needed, (kind) => options.ownerOf(kind, named?.id ?? ''));
      if (needed.of === 'action') await options.checkAct?.(caller, needed.action, named);
    } catch (error) {
      await noteRefused(options.platform, caller, action, error);
      throw error;
    }
    c.set('expectMay', async (action) => {
      expectAction(caller, action);
      await options.checkAct?.(caller, action, named);
    });
    // Who enrols has none yet that they could use.
    if ('stepUp' in needed && needed.stepUp && caller.level === 2) expectStepUp(c, options.platform);
    await next();
    await noteRefused(options.platform, caller, action, c.error);
  };
}

/** Asking for a factor is no refusal: whoever asked gives one, and goes on. */
const NO_REFUSAL = new Set(['step_up_needed', 'approval_needed']);

/** What somebody who is signed in may not do, and asked for, is counted, and written down when its minute is over. */
async function noteRefused(
  platform: Platform,
  caller: Caller,
  action: string,
  error: unknown,
): Promise<void> {
  if (!(error instanceof Problem) || error.status !== 403 || caller.level < 2) return;
  if (NO_REFUSAL.has(error.code)) return;
  await countRefusedAct(platform, caller, { action, code: error.code });
}

const noRoute = (): Problem =>
  new Problem(404, 'not_found', 'There is no such route. The routes are in /api/openapi.json.');

async function callerOf(c: Context<HttpEnv>, options: GateOptions): Promise<Caller> {
  const { platform, isOperator, resolvers } = options;
  const token = bearerOf(c);
  if (token !== null) {
    if (isOperator(token)) return commandCaller(platform.clock.now());
    for (const resolve of resolvers) {
      const caller = await resolve(token, c);
      if (caller !== null) return caller;
    }
    await countRefused(platform.db, platform, 'command_token');
    throw signedOut();
  }
  const session = await sessionOf(c, platform);
  if (session === null) throw signedOut();
  if (WRITES.has(c.req.method) && c.req.header('x-drawbridge-csrf') !== '1') {
    throw new Problem(403, 'csrf', 'Writes need the header "x-drawbridge-csrf: 1".');
  }
  c.set('session', session);
  return sessionCaller(session);
}

const signedOut = (): Problem =>
  new Problem(
    401,
    'signed_out',
    'Sign in first. Who has no other way in runs "npm run drawbridge sign-in" on the machine that runs this.',
  );

async function expectPermitted(
  caller: Caller,
  c: Context<HttpEnv>,
  needed: Needs,
  ownerOf: (kind: OwnedKind) => Promise<string | null>,
): Promise<void> {
  const isEnrolling = c.get('session')?.stage === 'enrolling';
  if (caller.level < 2 && !(needed.of === 'enrolling' && isEnrolling)) {
    throw new Problem(403, 'second_factor_needed', 'Finish signing in first: a second factor is missing.');
  }
  if (needed.of !== 'action') {
    if (c.get('session') !== undefined) return;
    throw new Problem(
      403,
      'people_only',
      'This is of the person who is signed in. A token or a command has none.',
    );
  }
  if (caller.actions.has(needed.action)) return;
  if (needed.own !== undefined && caller.ownActions.has(needed.action)) {
    if ((await ownerOf(needed.own)) === caller.id) return;
  }
  expectAction(caller, needed.action);
}

function expectAction(caller: Caller, action: Action): void {
  if (caller.actions.has(action)) return;
  throw new Problem(
    403,
    'not_permitted',
    `Your roles do not permit this: ${actions[action].text.toLowerCase()} (${action}). Ask an administrator.`,
  );
}

/** Whether who asked may still do it: for answers that go on for long. Does not keep a session from ending. */
export function stillMay({
  platform,
  isOperator,
  resolvers,
}: Pick<GateOptions, 'platform' | 'isOperator' | 'resolvers'>): (
  c: Context<HttpEnv>,
  action: Action,
) => Promise<boolean> {
  return async (c, action) => {
    const token = bearerOf(c);
    if (token === null) {
      const secret = sessionSecret(c);
      const caller = secret === undefined ? null : await callerBySession(platform, secret);
      return caller?.actions.has(action) ?? false;
    }
    if (isOperator(token)) return true;
    for (const resolve of resolvers) {
      const caller = await resolve(token, c);
      if (caller !== null) return caller.actions.has(action);
    }
    return false;
  };
}

function bearerOf(c: Context<HttpEnv>): string | null {
  return /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? null;
}
