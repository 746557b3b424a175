import { createRoute, z } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createRouter, json, needs, type Platform, Problem, problemResponses } from '../platform/index.ts';
import { type GatewayEnv, gatewayAuth } from './auth.ts';
import type { Fleet } from './fleet.ts';
import { GatewayAboutSchema, GatewaySchema, keepHeartbeat } from './gateways.ts';

/** How long a gateway's question is held while there is nothing newer, in milliseconds. */
const HOLD_MS = 25_000;
const LARGEST_HEARTBEAT = 16 * 1024;

const AfterSchema = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 52)
  .default(0);
const CountSchema = z.int().min(0).nullable().default(null);
const HeartbeatSchema = z.looseObject({
  snapshotVersion: z.int().min(0),
  refused: z
    .looseObject({
      version: z.int().min(1),
      code: z.string().regex(/^[a-z_]{1,40}$/),
      field: z.string().max(200).nullable(),
      since: z.int().min(0),
    })
    .nullable()
    .default(null),
  journal: z
    .looseObject({ shipped: CountSchema, behind: CountSchema })
    .default({ shipped: null, behind: null }),
});

const listGateways = createRoute({
  method: 'get',
  path: '/gateways',
  'x-needs': needs('gateway.read'),
  summary:
    'Gateways: which version each runs on, which it refused and why, its workers, TLS, how durable its journal is, and what was verified of its logs',
  responses: { 200: json(z.object({ items: z.array(GatewaySchema) }), 'All gateways'), ...problemResponses },
});

/** What people ask about gateways. */
export function gatewayRoutes(fleet: Fleet) {
  return createRouter().openapi(listGateways, async (c) =>
    c.json({ items: await fleet.gatewaysOverview() }, 200),
  );
}

/**
 * What gateways ask: mounted at `/fleet/v1`, beside the journal's route, which uses `gatewayAuth` too. Not part of the
 * people's API. `holdMs` is for tests.
 */
export function fleetRoutes(platform: Platform, fleet: Fleet, holdMs = HOLD_MS) {
  const auth = gatewayAuth(platform);
  return new Hono<GatewayEnv>()
    .get('/snapshot', auth, async (c) => {
      const after = AfterSchema.safeParse(c.req.query('after'));
      if (!after.success) throw badRequest('after', 'is the version in force, a whole number; 0 for none');
      const { id } = c.get('gateway');
      const snapshot = await fleet.snapshotAfter(id, after.data, holdMs, c.req.raw.signal);
      if (snapshot === null) {
        return c.body(null, 204, { 'x-drawbridge-version': String(fleet.version() ?? 0) });
      }
      return c.body(snapshot.text, 200, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'x-drawbridge-version': String(snapshot.version),
      });
    })
    .post('/status', auth, bodyLimit({ maxSize: LARGEST_HEARTBEAT, onError: tooLarge }), async (c) => {
      const heartbeat = HeartbeatSchema.safeParse(parsed(await c.req.text()));
      if (!heartbeat.success) {
        const issue = heartbeat.error.issues[0];
        throw badRequest(issue?.path.map(String).join('.') || '(body)', issue?.message ?? 'not valid');
      }
      const about = GatewayAboutSchema.safeParse(heartbeat.data);
      await keepHeartbeat(platform, c.get('gateway').id, {
        ...heartbeat.data,
        about: about.success ? about.data : null,
      });
      return c.body(null, 204);
    });
}

const badRequest = (field: string, message: string): Problem =>
  new Problem(400, 'invalid_request', `${field}: ${message}`, [{ field, message }]);

function tooLarge(): never {
  throw new Problem(413, 'too_large', `A heartbeat has at most ${LARGEST_HEARTBEAT} bytes.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest('(body)', 'is not JSON');
    throw error;
  }
}
