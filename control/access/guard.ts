import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { type HttpEnv, type Platform, Problem } from '../platform/index.ts';
import { countRefused } from './refused.ts';
import { findSession, localAdministrator, sessionHolds } from './session.ts';

export const SESSION_COOKIE = 'drawbridge_session';
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Host names under which a loopback listener may be addressed. Anything else is a rebinding attempt. */
function isLoopbackHost(host: string | undefined, port: number): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}` || host === `[::1]:${port}`;
}

/** Refuses requests that address this listener by another name, or that another site's page makes. */
export function sameOrigin(port: () => number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const host = c.req.header('host');
    if (!isLoopbackHost(host, port())) {
      throw new Problem(
        403,
        'wrong_host',
        'The console answers on 127.0.0.1 and localhost only. Open it by that address.',
      );
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}`) {
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

/**
 * Lets through signed-in people and the operator's command. Writes by cookie need a header that a foreign form can't send.
 */
export function signedIn(platform: Platform, isOperator: OperatorCheck): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (isByOperator(c, isOperator)) {
      c.set('actor', localAdministrator);
      return next();
    }
    const secret = getCookie(c, SESSION_COOKIE);
    const actor = secret === undefined ? null : await findSession(platform, secret);
    if (actor === null) {
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
    c.set('actor', actor);
    return next();
  };
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
