import { parseArgs } from 'node:util';
import { crossingProjection, crossingRoutes, type Names } from '../control/crossings/index.ts';
import { exposureProjection, exposureRoutes } from '../control/exposure/index.ts';
import { reviewProjection } from '../control/review/index.ts';
import { load } from './ledger/load.ts';
import { type BenchPlatform, benchPlatform } from './ledger/platform.ts';

/**
 * The vendor page on a large ledger: `node bench/vendor-page.ts [--crossings 1000000] [--people 100000] [--json]`.
 * Made-up traffic of 30 days goes through ingest and projections as any other; then each answer is timed on the
 * server's side, from the request to the whole body.
 */
const { values: options } = parseArgs({
  options: {
    crossings: { type: 'string', default: '1000000' },
    people: { type: 'string', default: '100000' },
    repeats: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const crossings = Number(options.crossings);
const people = Number(options.people);
const projections = [crossingProjection, exposureProjection, reviewProjection];

const pages: Record<string, string> = {
  'vendor page': '/vendors/mixpanel',
  'vendor list': '/vendors',
  'exposures, first page': '/vendors/mixpanel/exposures?class=geo.country&treatment=pass',
  'crossings, newest': '/crossings',
  'crossings, by vendor and class': '/crossings?vendor=openai&class=content.prompt',
};

async function time({ platform }: BenchPlatform) {
  const names: Names = { connections: async () => new Map(), apps: async () => new Map() };
  const exposure = exposureRoutes(platform, {
    names,
    directory: async () => [],
    proven: async () => new Map(),
    connectionsOf: async () => [],
  });
  const app = exposure.route('/', crossingRoutes(platform, names));
  const results: Record<string, { medianMs: number; worstMs: number; bytes: number }> = {};
  for (const [name, path] of Object.entries(pages)) {
    const times: number[] = [];
    let bytes = 0;
    for (let n = 0; n < Number(options.repeats); n++) {
      const start = performance.now();
      const response = await app.request(path);
      bytes = (await response.arrayBuffer()).byteLength;
      times.push(performance.now() - start);
      if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    }
    times.sort((a, b) => a - b);
    results[name] = { medianMs: times[Math.floor(times.length / 2)] ?? 0, worstMs: times.at(-1) ?? 0, bytes };
  }
  return results;
}

const bench = await benchPlatform();
try {
  const loaded = await load(bench, projections, { crossings, people });
  const size = await bench.platform.pool.query(
    'SELECT (SELECT count(*) FROM exposure) AS exposures, (SELECT count(*) FROM crossing) AS crossings, pg_database_size(current_database()) AS bytes',
  );
  const result = {
    postgres: bench.version,
    ledger: { people, ...size.rows[0], ...loaded },
    pages: await time(bench),
  };
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    const { ledger } = result;
    process.stdout.write(
      `${ledger.crossings} crossings of ${people} people: ${ledger.exposures} exposures, ${Math.round(ledger.bytes / 1e6)} MB, loaded in ${Math.round(ledger.seconds)} s (${Math.round(ledger.crossings / ledger.seconds)} crossings/s)\n`,
    );
    for (const [name, page] of Object.entries(result.pages)) {
      process.stdout.write(
        `${name.padEnd(32)}median ${page.medianMs.toFixed(1)} ms, worst ${page.worstMs.toFixed(1)} ms, ${page.bytes} bytes\n`,
      );
    }
  }
} finally {
  await bench.close();
}
