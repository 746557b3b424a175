import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateKeyPair, openSealed } from '@drawbridge/envelope';
import { Hono } from 'hono';
import { crossingProjection } from '../control/crossings/index.ts';
import { createErasure } from '../control/erasure/index.ts';
import { exposureProjection } from '../control/exposure/index.ts';
import { type HttpEnv, handleErrors } from '../control/platform/index.ts';
import { testCaller } from '../control/platform/testing.ts';
import { reviewProjection } from '../control/review/index.ts';
import { load } from './ledger/load.ts';
import { type BenchPlatform, benchPlatform } from './ledger/platform.ts';

/**
 * Erasing people from a large ledger: `node bench/erasure.ts [--crossings 500000] [--people 100000] [--json]`.
 * Each erasure is timed on the server's side, from the request to the answer.
 */
const { values: options } = parseArgs({
  options: {
    crossings: { type: 'string', default: '500000' },
    people: { type: 'string', default: '100000' },
    repeats: { type: 'string', default: '15' },
    json: { type: 'boolean', default: false },
  },
});
const size = { crossings: Number(options.crossings), people: Number(options.people) };
const projections = [crossingProjection, exposureProjection, reviewProjection];

async function time({ platform }: BenchPlatform) {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-'));
  const { publicKey, privateKey } = await generateKeyPair();
  const erasure = createErasure({
    platform,
    pseudonymOf: async () => 'A'.repeat(22),
    payloadKey: {
      publicKey: Buffer.from(publicKey),
      open: (sealed, context) => openSealed(privateKey, sealed, context),
    },
    projections,
    names: { connections: async () => new Map(), apps: async () => new Map() },
    gateways: async () => [],
    file: join(folder, 'bench.erasures'),
  });
  const app = new Hono<HttpEnv>();
  app.onError(handleErrors(platform.log));
  app.use(async (c, next) => {
    c.set('actor', testCaller({ id: 'bench', name: 'Bench' }));
    await next();
  });
  app.route('/', erasure.routes);
  const people = await platform.pool.query<{ pseudonym: string }>(
    `SELECT pseudonym FROM subject WHERE about = 'person' ORDER BY md5(pseudonym) LIMIT ${Number(options.repeats)}`,
  );
  const times: number[] = [];
  const items: number[] = [];
  for (const { pseudonym } of people.rows) {
    const start = performance.now();
    const answer = await app.request('/erasures', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ subject: pseudonym, reason: 'a measurement' }),
    });
    const body = (await answer.json()) as { report?: { counts: { items: number } } };
    times.push(performance.now() - start);
    if (answer.status !== 201) throw new Error(`an erasure answered ${answer.status}`);
    items.push(body.report?.counts.items ?? 0);
  }
  await rm(folder, { recursive: true });
  times.sort((a, b) => a - b);
  return {
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    worstMs: times.at(-1) ?? 0,
    items: { most: Math.max(...items), all: items.reduce((sum, one) => sum + one, 0) },
  };
}

const bench = await benchPlatform();
try {
  const loaded = await load(bench, projections, size);
  const stored = await bench.platform.pool.query<{ items: number; bytes: number }>(
    "SELECT count(*) AS items, pg_total_relation_size('payload_item') AS bytes FROM payload_item",
  );
  const result = {
    postgres: bench.version,
    ...size,
    ...stored.rows[0],
    ...loaded,
    erasure: await time(bench),
  };
  process.stdout.write(`${JSON.stringify(result, null, options.json ? 0 : 2)}\n`);
} finally {
  await bench.close();
}
