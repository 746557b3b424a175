import type { Leaf, Settlement } from '@drawbridge/protocol';
import type pg from 'pg';
import { plainArray } from '../platform/index.ts';
import { type CrossingKind, kindsOfBatch } from './crossing-kind.ts';
import type { ProjectedEntry, Projection } from './projection.ts';

/** The crossings as they are listed, counted and found again. */
export const crossingProjection: Projection = {
  name: 'crossings',
  tables: ['crossing_kind', 'crossing', 'crossing_subject', 'crossing_day', 'crossing_minute'],
  topic: 'crossings',
  async apply(client, entries) {
    const leaves: LeafRow[] = [];
    const settlements: SettlementsOf = new Map();
    for (const { log, index, entry, items } of entries) {
      if (entry.type === 'crossing') leaves.push({ log, index, items, leaf: entry });
      else addSettlement(settlements, { log, index, settlement: entry });
    }
    if (leaves.length > 0) {
      const kinds = await kindIds(client, leaves);
      await insertCrossings(client, leaves, kinds, settlements);
      await insertSubjects(client, leaves);
      await addCounts(client, leaves, kinds);
    }
    await settleEarlier(client, settlements);
    return entries.length > 0;
  },
};

type LeafRow = Pick<ProjectedEntry, 'log' | 'index' | 'items'> & { leaf: Leaf };
type SettlementRow = Pick<ProjectedEntry, 'log' | 'index'> & { settlement: Settlement };
/** Settlements by log and crossing, in the log's order. Normally one each. */
type SettlementsOf = Map<string, SettlementRow[]>;

const settlementKey = (log: number, crossing: string): string => `${log} ${crossing.toLowerCase()}`;

function addSettlement(settlements: SettlementsOf, row: SettlementRow): void {
  const key = settlementKey(row.log, row.settlement.crossing);
  const there = settlements.get(key);
  if (there === undefined) settlements.set(key, [row]);
  else there.push(row);
}

/** The id of each leaf's kind, new ones added. In the order of `leaves`. */
async function kindIds(client: pg.PoolClient, leaves: readonly LeafRow[]): Promise<number[]> {
  const kindOfLeaf = kindsOfBatch();
  const kinds = leaves.map(({ leaf }) => kindOfLeaf(leaf));
  const bySignature = new Map(kinds.map((kind) => [kind.signature, kind]));
  const ids = new Map<string, number>();
  const known = await client.query<{ id: number; signature: string }>(
    'SELECT id, signature FROM crossing_kind WHERE signature = ANY($1)',
    [[...bySignature.keys()]],
  );
  for (const { id, signature } of known.rows) ids.set(signature, id);
  const fresh = [...bySignature.values()].filter((kind) => !ids.has(kind.signature));
  if (fresh.length > 0) {
    const highest = await client.query<{ id: number }>(
      'SELECT coalesce(max(id), 0) AS id FROM crossing_kind',
    );
    const first = (highest.rows[0]?.id ?? 0) + 1;
    for (const [n, kind] of fresh.entries()) ids.set(kind.signature, first + n);
    await insertKinds(client, first, fresh);
  }
  return kinds.map((kind) => ids.get(kind.signature) ?? Number.NaN);
}

async function insertKinds(
  client: pg.PoolClient,
  first: number,
  kinds: readonly CrossingKind[],
): Promise<void> {
  await client.query(
    `INSERT INTO crossing_kind (id, signature, vendor, service, connection, app, key, endpoint, class, method,
        decision, reason, stage, classes, treatments, drill, drill_part)
      SELECT $1::int + n - 1, k->>'signature', k->>'vendor', k->>'service', k->>'connection', k->>'app', k->>'key',
        k->>'endpoint', k->>'class', k->>'method', k->>'decision', k->>'reason', k->>'stage',
        array(SELECT jsonb_array_elements_text(k->'classes')), array(SELECT jsonb_array_elements_text(k->'treatments')),
        k->'drill'->>'id', k->'drill'->>'part'
      FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (k, n)`,
    [first, JSON.stringify(kinds)],
  );
}

/** A crossing is settled by the first settlement after it in its own log; no log can settle what another one holds. */
async function insertCrossings(
  client: pg.PoolClient,
  leaves: readonly LeafRow[],
  kinds: readonly number[],
  settlements: SettlementsOf,
): Promise<void> {
  const settled = leaves.map(({ log, index, leaf }) =>
    settlements.get(settlementKey(log, leaf.id))?.find((settlement) => settlement.index > index),
  );
  await client.query({
    name: 'crossings-insert',
    text: `INSERT INTO crossing (log, idx, id, at, kind, settlement_idx, outcome, status, duration_us)
      SELECT log, idx, id, to_timestamp(at / 1000.0), kind, settlement_idx, outcome, status, duration_us
      FROM unnest($1::int[], $2::bigint[], $3::uuid[], $4::float8[], $5::int[], $6::bigint[], $7::text[], $8::int[],
        $9::bigint[]) AS c (log, idx, id, at, kind, settlement_idx, outcome, status, duration_us)`,
    values: [
      plainArray(leaves.map((row) => row.log)),
      plainArray(leaves.map((row) => row.index)),
      plainArray(leaves.map((row) => row.leaf.id)),
      plainArray(leaves.map((row) => row.leaf.at)),
      plainArray(kinds),
      plainArray(settled.map((row) => row?.index ?? null)),
      plainArray(settled.map((row) => row?.settlement.outcome ?? null)),
      plainArray(settled.map((row) => row?.settlement.status ?? null)),
      plainArray(settled.map((row) => (row === undefined ? null : durationOf(row.settlement)))),
    ],
  });
}

async function insertSubjects(client: pg.PoolClient, leaves: readonly LeafRow[]): Promise<void> {
  const subjects: string[] = [];
  const rows: LeafRow[] = [];
  for (const row of leaves) {
    for (const subject of new Set(row.items.map((item) => item.s))) {
      if (subject === null) continue;
      subjects.push(subject);
      rows.push(row);
    }
  }
  if (rows.length === 0) return;
  await client.query({
    name: 'crossings-insert-subjects',
    text: `INSERT INTO crossing_subject (subject, at, log, idx)
      SELECT subject, to_timestamp(at / 1000.0), log, idx
      FROM unnest($1::text[], $2::float8[], $3::int[], $4::bigint[]) AS c (subject, at, log, idx)`,
    values: [
      subjects,
      plainArray(rows.map((row) => row.leaf.at)),
      plainArray(rows.map((row) => row.log)),
      plainArray(rows.map((row) => row.index)),
    ],
  });
}

const MINUTE = 60_000;
const MINUTES_KEPT = 49 * 60;

async function addCounts(
  client: pg.PoolClient,
  leaves: readonly LeafRow[],
  kinds: readonly number[],
): Promise<void> {
  const days = new Map<
    string,
    { kind: number; day: string; crossings: number; first: number; last: number }
  >();
  const minutes = new Map<string, { kind: number; minute: number; crossings: number }>();
  leaves.forEach(({ leaf }, n) => {
    const kind = kinds[n] ?? Number.NaN;
    const day = new Date(leaf.at).toISOString().slice(0, 10);
    const inDay = days.get(`${kind} ${day}`) ?? { kind, day, crossings: 0, first: leaf.at, last: leaf.at };
    inDay.crossings += 1;
    inDay.first = Math.min(inDay.first, leaf.at);
    inDay.last = Math.max(inDay.last, leaf.at);
    days.set(`${kind} ${day}`, inDay);
    const minute = Math.floor(leaf.at / MINUTE) * MINUTE;
    const inMinute = minutes.get(`${kind} ${minute}`) ?? { kind, minute, crossings: 0 };
    inMinute.crossings += 1;
    minutes.set(`${kind} ${minute}`, inMinute);
  });
  const byDay = [...days.values()];
  await client.query(
    `INSERT INTO crossing_day (kind, day, crossings, first_at, last_at)
      SELECT kind, day, crossings, to_timestamp(first / 1000.0), to_timestamp(last / 1000.0)
      FROM unnest($1::int[], $2::date[], $3::bigint[], $4::float8[], $5::float8[]) AS d (kind, day, crossings, first, last)
      ON CONFLICT (kind, day) DO UPDATE SET crossings = crossing_day.crossings + excluded.crossings,
        first_at = least(crossing_day.first_at, excluded.first_at),
        last_at = greatest(crossing_day.last_at, excluded.last_at)`,
    [
      plainArray(byDay.map((row) => row.kind)),
      plainArray(byDay.map((row) => row.day)),
      plainArray(byDay.map((row) => row.crossings)),
      plainArray(byDay.map((row) => row.first)),
      plainArray(byDay.map((row) => row.last)),
    ],
  );
  const byMinute = [...minutes.values()];
  await client.query(
    `INSERT INTO crossing_minute (minute, kind, crossings)
      SELECT to_timestamp(minute / 1000.0), kind, crossings
      FROM unnest($1::float8[], $2::int[], $3::bigint[]) AS m (minute, kind, crossings)
      ON CONFLICT (minute, kind) DO UPDATE SET crossings = crossing_minute.crossings + excluded.crossings`,
    [
      plainArray(byMinute.map((row) => row.minute)),
      plainArray(byMinute.map((row) => row.kind)),
      plainArray(byMinute.map((row) => row.crossings)),
    ],
  );
  // Relative to the newest crossing and not to the clock, so that a rebuild forgets the same minutes.
  await client.query(
    `DELETE FROM crossing_minute
      WHERE minute < (SELECT max(minute) FROM crossing_minute) - $1 * interval '1 minute'`,
    [MINUTES_KEPT],
  );
}

/** Settles crossings of earlier batches. */
async function settleEarlier(client: pg.PoolClient, settlements: SettlementsOf): Promise<void> {
  const rows = [...settlements.values()].flatMap((list) => list.slice(0, 1));
  if (rows.length === 0) return;
  await client.query({
    name: 'crossings-settle',
    text: `UPDATE crossing SET settlement_idx = s.idx, outcome = s.outcome, status = s.status, duration_us = s.duration_us
      FROM unnest($1::int[], $2::bigint[], $3::uuid[], $4::text[], $5::int[], $6::bigint[])
        AS s (log, idx, id, outcome, status, duration_us)
      -- Few logs have many crossings each: joined by anything but the id, this takes minutes.
      WHERE crossing.id = s.id AND crossing.log IS NOT DISTINCT FROM s.log AND crossing.idx < s.idx
        AND settlement_idx IS NULL`,
    values: [
      plainArray(rows.map((row) => row.log)),
      plainArray(rows.map((row) => row.index)),
      plainArray(rows.map((row) => row.settlement.crossing)),
      plainArray(rows.map((row) => row.settlement.outcome)),
      plainArray(rows.map((row) => row.settlement.status)),
      plainArray(rows.map((row) => durationOf(row.settlement))),
    ],
  });
}

/** Microseconds over all stages. */
function durationOf(settlement: Settlement): number {
  const sum = settlement.timings.reduce((total, micros) => total + micros, 0);
  return Math.min(sum, Number.MAX_SAFE_INTEGER);
}
