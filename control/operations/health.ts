import { Hono, type MiddlewareHandler } from 'hono';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HttpEnv, Platform } from '../platform/index.ts';
import type { Vault } from '../vault/index.ts';

/** What a deployment counts about itself. One registry per deployment, so that two in one process stay apart. */
export interface Measures {
  registry: Registry;
  /** Counts and times answered requests by the route's pattern, never by its path. */
  observe: MiddlewareHandler<HttpEnv>;
}

export function createMeasures(): Measures {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'drawbridge_control_' });
  const answered = new Counter({
    name: 'drawbridge_control_requests_total',
    help: 'Requests answered, by method and status.',
    labelNames: ['method', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'drawbridge_control_request_seconds',
    help: 'Time to answer, long polls and live streams left out.',
    buckets: [0.005, 0.02, 0.1, 0.2, 0.5, 1, 5],
    registers: [registry],
  });
  const waits = /^\/(fleet\/v1\/snapshot|api\/v1\/events)$/;
  return {
    registry,
    async observe(c, next) {
      const begun = performance.now();
      await next();
      answered.inc({ method: c.req.method, status: String(c.res.status) });
      if (!waits.test(c.req.path)) seconds.observe((performance.now() - begun) / 1000);
    },
  };
}

const VAULT_CONTEXT = Buffer.from('readiness');

/**
 * `/healthz`: the process answers. `/readyz`: it can also do its work, which takes the database and the vault; 503 names
 * what is missing. A part that is in trouble while all requests are answered (`trouble`) is named, and it stays ready.
 * `/metrics`: Prometheus text. None of them needs a session, and none tells a name.
 */
export function healthRoutes(
  platform: Platform,
  measures: Measures,
  vault: Pick<Vault, 'pid' | 'generate'>,
  inTrouble: Readonly<Record<string, () => boolean>>,
): Hono {
  const trouble = (): string[] => Object.entries(inTrouble).flatMap(([name, isIn]) => (isIn() ? [name] : []));
  new Gauge({
    name: 'drawbridge_control_trouble',
    help: '1 for each part that is in trouble while requests are answered.',
    labelNames: ['part'],
    registers: [measures.registry],
    collect() {
      for (const [part, isIn] of Object.entries(inTrouble)) this.set({ part }, isIn() ? 1 : 0);
    },
  });
  const checks: Readonly<Record<string, () => Promise<unknown>>> = {
    database: () => platform.pool.query('SELECT 1'),
    async vault() {
      // A call would wait until it is started again; who asks wants to know now.
      if (vault.pid === undefined) throw new Error('the vault is not running');
      await vault.generate(VAULT_CONTEXT);
    },
  };
  const missing = async (): Promise<string[]> => {
    const found = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          await check();
          return [];
        } catch (error) {
          platform.log.warn({ err: error, part: name }, 'not ready');
          return [name];
        }
      }),
    );
    return found.flat();
  };
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'up' }))
    .get('/readyz', async (c) => {
      const lacking = await missing();
      const found = trouble();
      return lacking.length === 0
        ? c.json({ status: 'ready', ...(found.length > 0 ? { trouble: found } : {}) })
        : c.json({ status: 'not ready', missing: lacking }, 503);
    })
    .get('/metrics', async (c) =>
      c.body(await measures.registry.metrics(), 200, { 'content-type': measures.registry.contentType }),
    );
}
