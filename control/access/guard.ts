import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import {
  actions,
  type Caller,
  expectStepUp,
  type HttpEnv,
  type Needs,
  type NeedsTable,
  needsOf,
  type OwnedKind,
  type Platform,
  Problem,
  type Reached,
} from '../platform/index.ts';
import { countRefused } from './refused.ts';
import { commandCaller, findSession, sessionHolds } from './session.ts';

export const SESSION_COOKIE = 'drawbridge_session';
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Refuses requests that address this listener by another name, or that another site's page makes. */
export function sameOrigin(reached: Pick<Reached, 'origins'>): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const host = c.req.header('host');
    const named = reached.origins.filter((origin) => new URL(origin).host === host);
    if (named.length === 0) {
      throw new Problem(
        403,
        'wrong_host',
        `The console does not answer under this name. Open it at ${reached.origins[0]}.`,
      );
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && !named.includes(origin)) {
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

/** How the gate finds out who owns what a path's `id` names. Null: nobody, or there is no such thing. */
type OwnerOf = (kind: OwnedKind, id: string) => Promise<string | null>;

interface GateOptions {
  platform: Platform;
  isOperator: OperatorCheck;
  /** What every route needs; asked at each request, as routes are still added while the API is put together. */
  needs: () => NeedsTable;
  ownerOf: OwnerOf;
}

/**
 * The one gate in front of all routes: who asks must have what the route that will answer says it needs. A route that
 * does not say is not answered. Writes by cookie need a header that a foreign form can't send.
 */
export function gate(options: GateOptions): MiddlewareHandler<HttpEnv> {
  const { platform } = options;
  return async (c, next) => {
    const found = needsOf(c, options.needs());
    if (found?.needed.of === 'anyone') return next();
    const caller = await callerOf(c, options);
    c.set('actor', caller);
    // What there is no route for is not told apart from a route that does not say what it needs.
    if (found === null) throw noRoute();
    const { needed, id } = found;
    if (needed.of !== 'enrolling')
      await expectPermitted(caller, needed, (kind) => options.ownerOf(kind, id ?? ''));
    if ('stepUp' in needed && needed.stepUp) expectStepUp(c, platform);
    return next();
  };
}

const noRoute = (): Problem =>
  new Problem(404, 'not_found', 'There is no such route. The routes are in /api/openapi.json.');

async function callerOf(c: Context<HttpEnv>, { platform, isOperator }: GateOptions): Promise<Caller> {
  if (isByOperator(c, isOperator)) return commandCaller(platform.clock.now());
  const secret = getCookie(c, SESSION_COOKIE);
  const caller = secret === undefined ? null : await findSession(platform, secret);
  if (caller === null) {
    if (bearerOf(c) !== null) await countRefused(platform.db, platform, 'command_token');
    throw new Problem(
      401,
      'signed_out',
      'Sign in with the link that "npm start" printed, or run "npm run drawbridge sign-in" for a new one.',
    );
  }
  if (WRITES.has(c.req.method) && c.req.header('x-drawbridge-csrf') !== '1') {
    throw new Problem(403, 'csrf', 'Writes need the header "x-drawbridge-csrf: 1".');
  }
  return caller;
}

async function expectPermitted(
  caller: Caller,
  needed: Needs,
  ownerOf: (kind: OwnedKind) => Promise<string | null>,
): Promise<void> {
  if (caller.level < 2) {
    throw new Problem(403, 'second_factor_needed', 'Finish signing in first: a second factor is missing.');
  }
  if (needed.of !== 'action' || caller.actions.has(needed.action)) return;
  if (needed.own !== undefined && caller.ownActions.has(needed.action)) {
    if ((await ownerOf(needed.own)) === caller.id) return;
  }
  throw new Problem(
    403,
    'not_permitted',
    `Your roles do not permit this: ${actions[needed.action].text.toLowerCase()} (${needed.action}). Ask an administrator.`,
  );
}

/** Whether who asked would still be let in: for answers that go on for long. Does not keep a session from ending. */
export function stillSignedIn(
  platform: Platform,
  isOperator: OperatorCheck,
): (c: Context<HttpEnv>) => Promise<boolean> {
  return async (c) => {
    if (isByOperator(c, isOperator)) return true;
    const secret = getCookie(c, SESSION_COOKIE);
    return secret !== undefined && sessionHolds(platform, secret);
  };
}

function isByOperator(c: Context<HttpEnv>, isOperator: OperatorCheck): boolean {
  const bearer = bearerOf(c);
  return bearer !== null && isOperator(bearer);
}

function bearerOf(c: Context<HttpEnv>): string | null {
  return /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? null;
}
