import { parseArgs } from 'node:util';
import { createResidency } from '../control/residency/index.ts';
import { shippedTransfers } from '../control/residency/testing.ts';
import { benchPlatform } from './ledger/platform.ts';

/**
 * Where vendors keep data, over many vendors: `node bin/run.mjs bench/residency.ts [--vendors 10000]`. Made-up vendors, each
 * with two statements, three endpoints that were seen and five kinds of data; then each answer is timed on the server's side,
 * from the request to the whole body, with nothing new since the answer before, and with one more crossing seen before each.
 * The first answer of a process is listed beside the median of those after it.
 */
const { values: options } = parseArgs({
  options: {
    vendors: { type: 'string', default: '10000' },
    repeats: { type: 'string', default: '11' },
  },
});
const vendors = Number(options.vendors);
const CLASSES = ['person.email', 'person.name', 'content.prompt', 'geo.country', 'net.ip'];
const HOSTS = ['eu-central-1', 'us-east-1', 'ap-northeast-1'];
const answers = { world: '/world', contradictions: '/contradictions', 'what if': '/what-if?falls=dpf' };

const known = new Map();
const bench = await benchPlatform();
try {
  const { platform } = bench;
  const { pool } = platform;
  const residency = createResidency({
    platform,
    catalogue: { packs: [], pack: () => undefined, service: () => undefined } as never,
    known: async () => known as never,
    connections: { all: async () => [], checkedBy: () => undefined } as never,
    transfers: await shippedTransfers(),
    inEvidence: async () => [],
    // Each connection is in three versions of the configuration, with another region in each.
    readHosts: async (versions) =>
      versions.flatMap((version) =>
        Array.from({ length: vendors }, (_, n) => ({
          version,
          connection: `c${n}`,
          host: `bedrock-runtime.${HOSTS[version % HOSTS.length]}.amazonaws.com`,
        })),
      ),
  });
  await pool.query(
    `INSERT INTO residency_statement (id, version, vendor, service, class, kind, place, bases, conditions, source, as_of, stated_at, stated_by, reason)
      SELECT gen_random_uuid(), 1, 'made-up-' || n, '', '', kind, (ARRAY['EU', 'US', 'DE'])[1 + n % 3],
        CASE n % 3 WHEN 1 THEN '[{"kind":"dpf","certified":true,"active":true,"coversHr":null}]' ELSE '[]' END::jsonb,
        '{}', 'made up', '2025-11-01', now(), 'Bench', 'Bench'
      FROM generate_series(0, $1::int - 1) AS n, unnest(ARRAY['storage', 'support']) AS kind`,
    [vendors],
  );
  await pool.query(
    `INSERT INTO residency_seen (connection, address, vendor, service, snapshot, crossings, first_at, last_at, last_crossing)
      SELECT 'c' || n, '198.51.' || v || '.' || n % 256, 'made-up-' || n, 'service', v, 5, now(), now(),
        gen_random_uuid()::text
      FROM generate_series(0, $1::int - 1) AS n, generate_series(1, 3) AS v`,
    [vendors],
  );
  await pool.query(
    `INSERT INTO people_count SELECT 'person', 'made-up-' || n, connection, class, CASE class WHEN '' THEN '' ELSE 'pass' END, n % 100
      FROM generate_series(0, $1::int - 1) AS n, unnest($2::text[]) AS class, unnest(ARRAY['', 'c' || n]) AS connection`,
    [vendors, ['', ...CLASSES]],
  );
  await pool.query('ANALYZE');
  const oneMore = `UPDATE residency_seen SET crossings = crossings + 1 WHERE connection = 'c1'`;
  const start = performance.now();
  await residency.warm();
  process.stdout.write(
    `made ahead of the first answer, beside starting: ${(performance.now() - start).toFixed(0)} ms\n`,
  );
  for (const [name, path] of Object.entries(answers)) {
    for (const [when, before] of Object.entries({ 'nothing new': null, 'one more seen': oneMore })) {
      const times: number[] = [];
      let bytes = 0;
      for (let n = 0; n < Number(options.repeats); n += 1) {
        if (before !== null) await pool.query(before);
        const start = performance.now();
        const response = await residency.routes.request(`/residency${path}`);
        bytes = (await response.arrayBuffer()).byteLength;
        times.push(performance.now() - start);
        if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
      }
      const [first = 0, ...rest] = times;
      rest.sort((a, b) => a - b);
      const median = rest[Math.floor(rest.length / 2)] ?? 0;
      process.stdout.write(
        `${name.padEnd(16)} ${when.padEnd(14)} first ${first.toFixed(0)} ms, median ${median.toFixed(0)} ms, worst ${(rest.at(-1) ?? 0).toFixed(0)} ms, ${bytes} bytes\n`,
      );
    }
  }
} finally {
  await bench.close();
}
