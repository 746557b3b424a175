import { parseArgs } from 'node:util';
import { decodePayload, itemHash } from '@drawbridge/protocol';
import { createAdaptorServer } from '@hono/node-server';
import type pg from 'pg';
import { request } from 'undici';
import { crossingProjection, projectOnce } from '../control/crossings/index.ts';
import { type MadeUpLog, madeUpIngest, type ShippedPart } from '../control/crossings/testing.ts';
import { exposureProjection } from '../control/exposure/index.ts';
import { inTransaction } from '../control/platform/index.ts';
import { reviewProjection } from '../control/review/index.ts';
import { type BenchPlatform, benchPlatform } from './ledger/platform.ts';
import { traffic } from './ledger/traffic.ts';

/**
 * Ingest beside a plain insert of the same bytes, in turns on one database: `node bench/ingest.ts [--rounds 12]
 * [--crossings 1000] [--json]`. One round ships one batch: a leaf, an item and a settlement per crossing.
 * Ingest: sent over HTTP on loopback, read, decrypted, every entry checked, stored, committed, answered. Plain: `INSERT … SELECT unnest` of the same rows
 * into tables of the same form, in one transaction.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    crossings: { type: 'string', default: '1000' },
    people: { type: 'string', default: '20000' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const perRound = Number(options.crossings);
const projections = [crossingProjection, exposureProjection, reviewProjection];

interface PlainRow {
  kind: string;
  crossing: string;
  at: Date;
  bytes: Buffer;
  items: { hash: Buffer; bytes: Buffer }[];
}

function plainRow({ entry, payload }: ShippedPart): PlainRow {
  const value: { type: string; id?: string; crossing?: string; at: number } = JSON.parse(entry.toString());
  const items = payload instanceof Buffer ? decodePayload(payload) : [];
  return {
    kind: value.type,
    crossing: value.id ?? value.crossing ?? '',
    at: new Date(value.at),
    bytes: entry,
    items: items.map((bytes) => ({ bytes, hash: itemHash(bytes) })),
  };
}

async function plainInsert(client: pg.PoolClient, first: number, rows: readonly PlainRow[]): Promise<void> {
  await client.query(
    `INSERT INTO plain_entry (log, idx, kind, crossing, at, bytes)
      SELECT 1, * FROM unnest($1::bigint[], $2::text[], $3::uuid[], $4::timestamptz[], $5::bytea[])`,
    [
      rows.map((_, n) => first + n),
      rows.map((row) => row.kind),
      rows.map((row) => row.crossing),
      rows.map((row) => row.at),
      rows.map((row) => row.bytes),
    ],
  );
  const items = rows.flatMap((row, n) =>
    row.items.map((item, number) => ({ ...item, idx: first + n, number })),
  );
  await client.query(
    `INSERT INTO plain_item (log, idx, item, hash, bytes)
      SELECT 1, * FROM unnest($1::bigint[], $2::int[], $3::bytea[], $4::bytea[])`,
    [
      items.map((item) => item.idx),
      items.map((item) => item.number),
      items.map((item) => item.hash),
      items.map((item) => item.bytes),
    ],
  );
}

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

interface Cost {
  ms: number;
  /** CPU, which other work on the machine does not lengthen as it does `ms`. */
  node: number;
  postgres: number;
}

async function costOf(bench: BenchPlatform, work: () => Promise<unknown>): Promise<Cost> {
  const before = bench.cpu();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const after = bench.cpu();
  return { ms, node: after.node - before.node, postgres: after.postgres - before.postgres };
}

async function shipment(log: MadeUpLog, first: number, parts: readonly ShippedPart[]) {
  return { bytes: await log.ship(first, parts), rows: parts.map(plainRow), first };
}

/** Ships over HTTP on loopback, as gateways do. */
async function overHttp(app: Parameters<typeof createAdaptorServer>[0]) {
  const server = createAdaptorServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    async post(log: MadeUpLog, body: Buffer): Promise<void> {
      const response = await request(`http://127.0.0.1:${address.port}/journal`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/vnd.drawbridge.journal', 'x-drawbridge-origin': log.origin },
      });
      const answer = await response.body.text();
      if (response.statusCode !== 200) throw new Error(`ingest answered ${response.statusCode}: ${answer}`);
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function measure(bench: BenchPlatform) {
  const { platform } = bench;
  await platform.pool.query('CREATE TABLE plain_entry (LIKE journal_entry INCLUDING ALL)');
  await platform.pool.query('CREATE TABLE plain_item (LIKE payload_item INCLUDING ALL)');
  const ingest = await madeUpIngest(platform);
  const http = await overHttp(ingest.app);
  const log = ingest.log('bench.example.com/log-1');
  const now = Date.now();
  const parts = [
    ...traffic({
      people: Number(options.people),
      from: now - 3_600_000,
      to: now,
      crossings: rounds * perRound,
      seed: 1,
    }),
  ];
  const ours: Cost[] = [];
  const plain: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    const first = round * perRound * 2;
    const { bytes, rows } = await shipment(log, first, parts.slice(first, first + perRound * 2));
    const turns = [
      async () => ours.push(await costOf(bench, () => http.post(log, bytes))),
      async () =>
        plain.push(
          await costOf(bench, () =>
            inTransaction(platform.pool, (client) => plainInsert(client, first, rows)),
          ),
        ),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  await http.close();
  let projected = 0;
  const projecting = await costOf(bench, async () => {
    for (;;) {
      const applied = await projectOnce(platform, projections, 10_000);
      if (applied === 0) break;
      projected += applied;
    }
  });
  // The first rounds warm up both.
  const [mine, theirs] = [ours.slice(2), plain.slice(2)].map(summary);
  if (mine === undefined || theirs === undefined) throw new Error('there are two summaries');
  return {
    rounds,
    crossingsPerRound: perRound,
    ingest: mine,
    plain: theirs,
    ratio: theirs.ms / mine.ms,
    projection: {
      people: Number(options.people),
      crossingsPerSecond: (projected / 2 / projecting.ms) * 1000,
      cpuMicros: micros(projecting, projected / 2),
    },
  };
}

const micros = (cost: Cost, crossings: number) => ({
  node: (cost.node * 1000) / crossings,
  postgres: (cost.postgres * 1000) / crossings,
});

/** Medians of wall time per round; means of CPU per crossing, whose clock ticks are coarse. */
function summary(costs: readonly Cost[]) {
  const ms = median(costs.map((cost) => cost.ms));
  const sum = (part: 'node' | 'postgres') => costs.reduce((total, cost) => total + cost[part], 0);
  const total = { ms, node: sum('node'), postgres: sum('postgres') };
  return {
    ms,
    crossingsPerSecond: (perRound / ms) * 1000,
    cpuMicros: micros(total, perRound * costs.length),
  };
}

const bench = await benchPlatform();
try {
  const result = { postgres: bench.version, ...(await measure(bench)) };
  const line = (
    name: string,
    one: { crossingsPerSecond: number; cpuMicros: ReturnType<typeof micros> },
  ): string =>
    `${name.padEnd(34)}${Math.round(one.crossingsPerSecond)} crossings/s; CPU a crossing: ${Math.round(one.cpuMicros.node)} µs here, ${Math.round(one.cpuMicros.postgres)} µs in PostgreSQL`;
  process.stdout.write(
    options.json
      ? `${JSON.stringify(result)}\n`
      : [
          line('ingest, stored and acknowledged', result.ingest),
          line('plain unnest insert, same bytes', result.plain),
          `ratio                             ${result.ratio.toFixed(2)} (wanted: 0.6 or more)`,
          line(`projections, ${result.projection.people} people`, result.projection),
          '',
        ].join('\n'),
  );
} finally {
  await bench.close();
}
