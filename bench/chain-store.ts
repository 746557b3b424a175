import { createChain } from '../control/chain/index.ts';
import { createRouter, handleErrors } from '../control/platform/index.ts';
import { testCaller } from '../control/platform/testing.ts';
import { knownOf } from '../control/vendors/index.ts';
import { benchPlatform } from './ledger/platform.ts';

/**
 * A chain of 5,000 vendors and 20,000 links out of the database, from the request to the whole body:
 * `node bin/run.mjs bench/chain-store.ts`; with `line` one chain that is 5,000 links long.
 */
const VENDORS = 5_000;
const LINKS = 20_000;
const DAY_MS = 86_400_000;

let state = 7;
/** Numbers that repeat, at least 0 and below `below` (an LCG of Numerical Recipes). */
const draw = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state % below;
};
const idOf = (n: number): string => `v${n}`;

function madeUp(): (readonly [string, string])[] {
  const links = new Map<string, readonly [string, string]>();
  const add = (from: string, to: string) => links.set(`${from} ${to}`, [from, to]);
  if (process.argv.includes('line')) {
    for (let n = 0; n < VENDORS; n += 1) add(n === 0 ? 'us' : idOf(n - 1), idOf(n));
    return [...links.values()];
  }
  for (let n = 0; n < 300; n += 1) add('us', idOf(n));
  for (let n = 300; n < VENDORS; n += 1) add(idOf(draw(n)), idOf(n));
  while (links.size < LINKS) {
    const [from, to] = [draw(VENDORS), draw(3) === 0 ? VENDORS - 1 - draw(20) : draw(VENDORS)];
    if (from !== to) add(idOf(from), idOf(to));
  }
  return [...links.values()];
}

const bench = await benchPlatform();
try {
  const { platform } = bench;
  const chain = createChain({
    platform,
    network: { resolve: async () => [] },
    known: async () => knownOf([]),
    objectionDays: async () => null,
    nameOf: () => undefined,
    named: async (ids) => new Map(ids.map((id) => [id, id])),
    ours: async () => ({ crossed: [], connections: [], accounts: [], consoles: [] }),
    exposure: async () => new Map(Array.from({ length: VENDORS }, (_, n) => [idOf(n), n])),
    criticalityOf: async () => new Map(),
  });
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  app.route('/', chain.routes);

  async function timed(name: string, method: string, path: string, body?: unknown): Promise<string> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const start = performance.now();
    const answer = await app.request(path, {
      method,
      headers: { 'content-type': 'application/json', 'x-drawbridge-reason': 'A bench' },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await answer.text();
    const ms = (performance.now() - start).toFixed(0);
    process.stdout.write(
      `${name.padEnd(28)} ${ms.padStart(6)} ms ${String(text.length).padStart(9)} bytes\n`,
    );
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    return text;
  }

  const at = new Date(platform.clock.now() - DAY_MS).toISOString();
  const { format } = JSON.parse(await timed('nothing', 'GET', '/chain/export'));
  const edges = madeUp().map(([from, to]) => ({
    ...{ from, to, layer: 'declared', scopes: ['content'], firstSeenAt: at, lastSeenAt: at },
    ...{ source: { kind: 'file', text: 'contract.pdf' }, validFrom: null, validUntil: null },
    ...{ conditions: [], conditionsText: null, note: null },
  }));
  await timed('taken in', 'POST', '/chain/imports', { export: { format, at, vendors: [], edges } });
  for (let round = 0; round < 3; round += 1) {
    await timed('the whole chain', 'GET', '/chain');
    await timed('what hangs on whom', 'GET', '/chain/concentration');
    await timed('declared, never seen: a page', 'GET', '/chain/edges?difference=declared_only');
  }
  await timed('as a table', 'GET', '/chain/export.csv');
  const exported = JSON.parse(await timed('as JSON', 'GET', '/chain/export'));
  const bom = JSON.parse(await timed('as CycloneDX', 'GET', '/chain/export.cdx.json'));
  await timed('our own JSON again', 'POST', '/chain/imports', { export: exported });
  await platform.pool.query('TRUNCATE chain_edge, chain_vendor CASCADE');
  await timed('our own CycloneDX', 'POST', '/chain/imports', { bom });
} finally {
  await bench.close();
}
