import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { forwardedLeaves } from './crossings/index.ts';
import type { Fleet } from './fleet/index.ts';
import { browserHeaders, firstLink, sameOrigin } from './identity/index.ts';
import { createLife } from './life.ts';
import { healthRoutes } from './operations/index.ts';
import type { ControlOptions } from './options.ts';
import { apiPlane, fleetPlane } from './planes.ts';
import { handleErrors, launcher } from './platform/index.ts';
import { API_BASE, createRooms } from './rooms.ts';

/** The control plane, composed. */
export interface Control {
  /** Answers /api, /fleet, /healthz, /readyz and /metrics. */
  app: Hono;
  fleet: Fleet;
  /** A token that lets the first administrator in, once; null where people can sign in already. */
  firstToken(): Promise<string | null>;
  /** Crossings in the stored journals that were forwarded to a vendor. */
  forwardedLeaves(): Promise<number>;
  /** Catches up with erasures, then begins to publish snapshots and to project journals. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Composes the control plane: rooms, what they answer, and what runs beside. */
export async function createControl(options: ControlOptions): Promise<Control> {
  const rooms = await createRooms(options);
  const { platform, vault, reached, audit, root, fleet, measures } = rooms;
  const { api, document } = apiPlane(rooms);
  const app = new Hono<{ Variables: { requestId: string; actor: { id: string; name: string } } }>();
  app.onError(handleErrors(platform.log));
  app.use('*', browserHeaders());
  app.use('*', async (c, next) => {
    c.set('requestId', randomUUID());
    c.header('x-request-id', c.get('requestId'));
    await next();
  });
  app.use('*', measures.observe);
  app.route(
    '/',
    healthRoutes(platform, measures, vault, {
      log: () => audit.trouble() !== null,
      root: () => root.troubles().length > 0,
    }),
  );
  app.route('/fleet/v1', fleetPlane(rooms));
  app.get('/api/openapi.json', sameOrigin(reached), document);
  app.route(API_BASE, api);

  return {
    app: app as unknown as Hono,
    fleet,
    async firstToken() {
      const link = await firstLink(platform, { actor: launcher, reason: 'Drawbridge was started' });
      return link?.token ?? null;
    },
    forwardedLeaves: () => forwardedLeaves(platform),
    ...createLife(rooms),
  };
}
