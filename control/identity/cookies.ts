import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Platform } from '../platform/index.ts';
import type { Session } from './sessions.ts';
import { findSession } from './sessions.ts';

/**
 * Bound to exactly this host, by TLS only: what the prefix says, browsers hold (RFC 6265bis §4.1.3.2). Over plain HTTP they
 * keep it on this machine alone.
 */
export const SESSION_COOKIE = '__Host-drawbridge';

const attributes = { httpOnly: true, sameSite: 'Strict', path: '/', secure: true } as const;
const DAY_S = 24 * 3600;

/** Hands the browser a session's secret, in place of the one that it had. */
export function setSessionCookie(c: Context, secret: string): void {
  setCookie(c, SESSION_COOKIE, secret, { ...attributes, maxAge: DAY_S });
}

export function dropSessionCookie(c: Context): void {
  deleteCookie(c, SESSION_COOKIE, attributes);
}

export const sessionSecret = (c: Context): string | undefined => getCookie(c, SESSION_COOKIE);

/** The session of who asks; null where there is none that holds. */
export async function sessionOf(c: Context, platform: Platform): Promise<Session | null> {
  const secret = sessionSecret(c);
  return secret === undefined ? null : findSession(platform, secret);
}
