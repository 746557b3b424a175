import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { type Platform, Problem } from '../platform/index.ts';
import type { FleetTables } from './tables.ts';

/** What `gatewayAuth` puts into a request's context: which gateway speaks. */
export interface GatewayEnv {
  Variables: { gateway: { id: string }; requestId: string };
}

/** SHA-256 of a gateway's bearer token, as it is enrolled and compared. 32 bytes. */
export function hashGatewayToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

const BEARER = /^Bearer ([\x21-\x7e]{20,200})$/i;

/** Lets only enrolled gateways through, by their bearer token, and says which one it is in `c.var.gateway`. */
export function gatewayAuth(platform: Platform): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const token = BEARER.exec(c.req.header('authorization') ?? '')?.[1];
    const gateway = token === undefined ? null : await findGateway(platform, hashGatewayToken(token));
    if (gateway === null) {
      throw new Problem(
        401,
        'gateway_unknown',
        'No gateway is enrolled with this token. Send "Authorization: Bearer <token>" as the gateway was given it.',
      );
    }
    c.set('gateway', { id: gateway });
    await next();
  };
}

/** The lookup is by hash, so its timing speaks of a hash that nobody can steer; the verdict itself is constant time. */
async function findGateway(platform: Platform, hash: Buffer): Promise<string | null> {
  const row = await platform.db
    .withTables<FleetTables>()
    .selectFrom('gateway')
    .select(['id', 'token_hash'])
    .where('token_hash', '=', hash)
    .executeTakeFirst();
  return row !== undefined && timingSafeEqual(row.token_hash, hash) ? row.id : null;
}
