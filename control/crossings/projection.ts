import type { Leaf, PayloadItem, Settlement } from '@drawbridge/protocol';
import type pg from 'pg';
import { inTransaction, type Platform, plainArray, type Topic } from '../platform/index.ts';

/** A stored journal entry as projections read it. Its bytes were checked when they were stored. */
export interface ProjectedEntry {
  log: number;
  index: number;
  entry: Leaf | Settlement;
  /** The items that are neither erased nor missing; of those that an erasure took a name out of, what is left. */
  items: readonly PayloadItem[];
}

/**
 * Rows that are read off the journals and nothing else. `apply` adds a batch's entries in the transaction that moves
 * the cursor on, so each entry counts once. It must not depend on where one batch ends, on the order of different
 * logs, or on the clock: then a rebuild gives the same rows. Entries of one log come in their order.
 */
export interface Projection {
  name: string;
  /**
   * Raised when the same journals come to other rows than before: at the next start they are made anew, once, while the old
   * ones are read. Left out: 1.
   */
  version?: number;
  /** The tables that it alone writes. */
  tables: readonly string[];
  topic: Topic;
  /** Returns whether any row changed. */
  apply(client: pg.PoolClient, entries: readonly ProjectedEntry[]): Promise<boolean>;
}

/** Key of the advisory lock that lets one process project at a time; it goes with the transaction that holds it. */
const PROJECTOR_LOCK = 4_400_441_1;

/**
 * Reads at most `limit` new entries and applies them to those of the projections that are furthest behind, all in one
 * transaction. Returns how many were applied: 0 when there was nothing new, or another process is at it.
 * `changed` is told the topics of those that changed a row, when it is certain.
 */
export async function projectOnce(
  platform: Pick<Platform, 'pool'>,
  projections: readonly Projection[],
  limit: number,
  changed: (topic: Topic) => void = () => undefined,
): Promise<number> {
  const topics = new Set<Topic>();
  const applied = await inTransaction(platform.pool, async (client) => {
    const locked = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
      PROJECTOR_LOCK,
    ]);
    return locked.rows[0]?.mine === true ? projectBatch(client, projections, limit, { changed: topics }) : 0;
  });
  for (const topic of topics) changed(topic);
  return applied;
}

/** The schema with the projections' rows as of the horizons before which logs are pruned. */
export const HORIZON = 'drawbridge_horizon';

/** The schema of the tables in use, quoted. */
export async function homeOf(client: pg.PoolClient): Promise<string> {
  const found = await client.query<{ home: string }>('SELECT quote_ident(current_schema()) AS home');
  return found.rows[0]?.home ?? 'public';
}

/** Waits until no other process projects, and keeps it so until the transaction ends. */
export async function holdProjectors(client: pg.PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [PROJECTOR_LOCK]);
}

export interface BatchOptions {
  /** The topics of projections that changed a row are added. */
  changed?: Set<Topic>;
  /** Only these logs, and no entry from the index on that stands beside each. */
  until?: ReadonlyMap<number, number>;
}

/**
 * One batch, in the caller's transaction, which holds the lock on whatever tables are written. A projection that stands
 * before a log's horizon, as it is new or its rows were thrown away, goes on from the rows that are kept of there.
 */
export async function projectBatch(
  client: pg.PoolClient,
  projections: readonly Projection[],
  limit: number,
  { changed = new Set(), until }: BatchOptions = {},
): Promise<number> {
  const places = await readPlaces(client, projections, until);
  const pruned = projections.filter((_, n) => places.some((log) => (log.at[n] ?? 0) < log.pruned));
  if (pruned.length > 0) {
    for (const projection of pruned) await beginAtHorizon(client, projection);
    return projectBatch(client, projections, limit, { changed, ...(until ? { until } : {}) });
  }
  const { stretches, behind } = await nextStretches(client, projections, places, limit);
  if (stretches.length === 0) return 0;
  const entries: ProjectedEntry[] = [];
  for (const stretch of stretches) entries.push(...(await readEntries(client, stretch)));
  for (const projection of behind) {
    if (await projection.apply(client, entries)) changed.add(projection.topic);
  }
  await client.query(
    `INSERT INTO projection_cursor (projection, log, next_index)
      SELECT p, log, next_index FROM unnest($1::text[]) AS p, unnest($2::int[], $3::bigint[]) AS s (log, next_index)
      ON CONFLICT (projection, log) DO UPDATE SET next_index = excluded.next_index`,
    [behind.map((projection) => projection.name), stretches.map((s) => s.log), stretches.map((s) => s.to)],
  );
  return entries.length;
}

/** Entries `from` up to, not including, `to` of a log. */
interface Stretch {
  log: number;
  from: number;
  to: number;
}

/** How far each of the projections (`at`, in their order) has read a log. */
interface LogPlaces {
  log: number;
  end: number;
  pruned: number;
  at: number[];
}

async function readPlaces(
  client: pg.PoolClient,
  projections: readonly Projection[],
  until: ReadonlyMap<number, number> | undefined,
): Promise<LogPlaces[]> {
  const rows = await client.query<LogPlaces>(
    `SELECT log.id AS log, log.next_index AS end, log.pruned,
        array(SELECT coalesce(c.next_index, 0) FROM unnest($1::text[]) WITH ORDINALITY AS p (name, n)
          LEFT JOIN projection_cursor c ON c.projection = p.name AND c.log = log.id ORDER BY n)::float8[] AS at
      FROM journal_log log ORDER BY log.id`,
    [projections.map((projection) => projection.name)],
  );
  if (until === undefined) return rows.rows;
  return rows.rows.flatMap((row) => {
    const end = until.get(row.log);
    return end === undefined ? [] : [{ ...row, end: Math.min(end, row.end) }];
  });
}

/** Puts in place of a projection's rows those of the horizon; one that has none there begins empty. */
async function beginAtHorizon(client: pg.PoolClient, projection: Projection): Promise<void> {
  for (const table of projection.tables) {
    await client.query(`DELETE FROM ${table}`);
    await client.query(`INSERT INTO ${table} SELECT * FROM ${HORIZON}.${table}`);
  }
  await client.query('DELETE FROM projection_cursor WHERE projection = $1', [projection.name]);
  await client.query(
    `INSERT INTO projection_cursor (projection, log, next_index)
      SELECT $1, id, pruned FROM journal_log WHERE pruned > 0`,
    [projection.name],
  );
}

/**
 * What to read next. Projections that stand at different places (one was rebuilt, or is new) are brought together:
 * those furthest behind go first, as far as the next one stands.
 */
async function nextStretches(
  client: pg.PoolClient,
  projections: readonly Projection[],
  places: readonly LogPlaces[],
  limit: number,
): Promise<{ stretches: Stretch[]; behind: Projection[] }> {
  const lag = (n: number): number => places.reduce((sum, row) => sum + row.end - (row.at[n] ?? 0), 0);
  const most = Math.max(...projections.map((_, n) => lag(n)));
  const first = projections.findIndex((_, n) => lag(n) === most);
  const together = (n: number): boolean => places.every((row) => row.at[n] === row.at[first]);
  const behind = projections.filter((_, n) => together(n));
  const stretches: Stretch[] = [];
  let room = limit;
  for (const row of places) {
    const from = row.at[first] ?? 0;
    const ahead = row.at.filter((at) => at > from);
    const to = Math.min(row.end, from + room, ...ahead);
    if (to <= from) continue;
    const stretch = await withinMemory(client, { log: row.log, from, to });
    stretches.push(stretch);
    room -= stretch.to - from;
    if (stretch.to < to) break;
  }
  return { stretches, behind };
}

const BATCH_ITEM_BYTES = 32 * 1024 * 1024;

/** Ends a stretch before its items are too much to hold: one entry may carry megabytes of them. */
async function withinMemory(client: pg.PoolClient, { log, from, to }: Stretch): Promise<Stretch> {
  const cut = await client.query<{ idx: number | null }>(
    `SELECT min(idx) AS idx FROM (
        SELECT idx, sum(octet_length(coalesce(bytes, remainder))) OVER (ORDER BY idx, item) AS total
        FROM payload_item WHERE log = $1 AND idx >= $2 AND idx < $3) AS sizes
      WHERE total > $4`,
    [log, from, to, BATCH_ITEM_BYTES],
  );
  const first = cut.rows[0]?.idx ?? null;
  return { log, from, to: first === null ? to : Math.max(first, from + 1) };
}

/** Single entries of any log, as projections read them. Those that are not stored are not in it. */
export async function readEntriesAt(
  client: pg.PoolClient,
  places: readonly { log: number; index: number }[],
): Promise<ProjectedEntry[]> {
  const found = await client.query<[number, number, string, string[]]>({
    text: `SELECT e.log, e.idx, convert_from(e.bytes, 'UTF8'),
        array(SELECT convert_from(coalesce(i.bytes, i.remainder), 'UTF8') FROM payload_item i
          WHERE i.log = e.log AND i.idx = e.idx AND coalesce(i.bytes, i.remainder) IS NOT NULL ORDER BY i.item)
      FROM unnest($1::int[], $2::bigint[]) AS wanted (log, idx)
        JOIN journal_entry e ON e.log = wanted.log AND e.idx = wanted.idx
      ORDER BY e.log, e.idx`,
    values: [plainArray(places.map((place) => place.log)), plainArray(places.map((place) => place.index))],
    rowMode: 'array',
  });
  return found.rows.map(([log, index, text, items]) => {
    const entry: Leaf | Settlement = JSON.parse(text);
    return { log, index, entry, items: items.map((item): PayloadItem => JSON.parse(item)) };
  });
}

async function readEntries(client: pg.PoolClient, { log, from, to }: Stretch): Promise<ProjectedEntry[]> {
  // As text: the driver reads it faster than bytes, and it was checked to be UTF-8.
  const leaves = await client.query<[number, string]>({
    name: 'projection-read-entries',
    text: `SELECT idx, convert_from(bytes, 'UTF8') FROM journal_entry
      WHERE log = $1 AND idx >= $2 AND idx < $3 ORDER BY idx`,
    values: [log, from, to],
    rowMode: 'array',
  });
  const items = await client.query<[number, string]>({
    name: 'projection-read-items',
    text: `SELECT idx, convert_from(coalesce(bytes, remainder), 'UTF8') FROM payload_item
      WHERE log = $1 AND idx >= $2 AND idx < $3 AND coalesce(bytes, remainder) IS NOT NULL ORDER BY idx, item`,
    values: [log, from, to],
    rowMode: 'array',
  });
  const itemsOf = new Map<number, PayloadItem[]>();
  for (const [index, text] of items.rows) {
    const item: PayloadItem = JSON.parse(text);
    const there = itemsOf.get(index);
    if (there === undefined) itemsOf.set(index, [item]);
    else there.push(item);
  }
  return leaves.rows.map(([index, text]) => {
    const entry: Leaf | Settlement = JSON.parse(text);
    return { log, index, entry, items: itemsOf.get(index) ?? [] };
  });
}
