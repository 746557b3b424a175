/** Start times and insert latencies of the embedded server: node libs/postgres/bench.ts [--json] [--runs N] [--inserts N] */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { type PostgresConnection, startPostgres } from './index.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '7' },
    inserts: { type: 'string', default: '3000' },
  },
});

interface Spread {
  readonly p50: number;
  readonly p99: number;
}

interface Starts {
  readonly first: number;
  readonly again: number;
  readonly stop: number;
}

const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-'));
await chmod(folder, 0o755);
try {
  const starts: Starts[] = [];
  for (let run = 0; run < Number(values.runs); run++) starts.push(await timeStarts(join(folder, `${run}`)));
  const inserts = await timeInserts(join(folder, '0'), Number(values.inserts));
  const result = {
    unit: 'milliseconds',
    firstStart: spread(starts.map(({ first }) => first)),
    laterStart: spread(starts.map(({ again }) => again)),
    stop: spread(starts.map(({ stop }) => stop)),
    ...inserts,
  };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${table(result)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function timeStarts(dataDir: string): Promise<Starts> {
  const log = () => undefined;
  const [first, one] = await timed(() => startPostgres({ dataDir, log }));
  await one.stop();
  const [again, two] = await timed(() => startPostgres({ dataDir, log }));
  const [stop] = await timed(() => two.stop());
  return { first, again, stop };
}

async function timeInserts(
  dataDir: string,
  count: number,
): Promise<{ insertOne: Spread; insertHundred: Spread }> {
  const postgres = await startPostgres({ dataDir, log: () => undefined });
  const insertOne = await timeInsert(postgres.connection, 1, count);
  const insertHundred = await timeInsert(postgres.connection, 100, Math.ceil(count / 10));
  await postgres.stop();
  return { insertOne, insertHundred };
}

/** One connection, one commit per statement; a row holds about 500 bytes under two indexes. */
async function timeInsert(connection: PostgresConnection, rows: number, count: number): Promise<Spread> {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query(
    'create table if not exists events (id bigserial primary key, at timestamptz, app text, body text)',
  );
  await client.query('create index if not exists events_at on events (app, at)');
  const insert = {
    name: `insert-${rows}`,
    text: "insert into events (at, app, body) select now(), 'app-' || n % 7, repeat(md5(n::text), 14) from generate_series(1, $1) n",
    values: [rows],
  };
  const times: number[] = [];
  for (let n = 0; n < count; n++) times.push((await timed(() => client.query(insert)))[0]);
  await client.end();
  return spread(times);
}

async function timed<T>(work: () => Promise<T>): Promise<[milliseconds: number, result: T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

function spread(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2));
  return { p50: at(0.5), p99: at(0.99) };
}

function table(result: Record<string, Spread | string>): string {
  const lines = Object.entries(result).flatMap(([name, value]) =>
    typeof value === 'string'
      ? []
      : [`${name.padEnd(16)}${String(value.p50).padStart(10)}${String(value.p99).padStart(10)}`],
  );
  return [`${'ms'.padEnd(16)}${'p50'.padStart(10)}${'p99'.padStart(10)}`, ...lines].join('\n');
}
