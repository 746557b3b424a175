import { EGRESS, type Leaf } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { type SqlBool, sql } from 'kysely';
import { decodeCursor, type Platform, page } from '../platform/index.ts';
import { type Names, nameAll } from './names.ts';
import type { Crossing, CrossingQuery } from './schemas.ts';
import type { CrossingTables } from './tables.ts';

/** A crossing with its leaf: what lists and details are made of. */
export type CrossingRow = CrossingTables['crossing'] &
  Omit<CrossingTables['crossing_kind'], 'id' | 'signature' | 'classes' | 'treatments'> & { leaf: string };

/** Why a crossing was refused that a policy refused: a code of the gateway's catalogue. */
const POLICY_DENIED = 'policy_denied';

const Cursor = z.tuple([z.int(), z.int(), z.int()]);

/** One page of crossings, newest first. */
export async function listCrossings(
  platform: Platform,
  names: Names,
  query: CrossingQuery,
): Promise<{ items: Crossing[]; next: string | null }> {
  const kinds = await matchingKinds(platform, query);
  const rows = kinds?.length === 0 ? [] : await readRows(platform, query, kinds);
  const named = await nameAll(names, rows);
  return page(
    rows,
    query.limit,
    (row) => [row.at.getTime(), row.log, row.idx],
    (row) => toCrossing(row, named),
  );
}

/** The kinds of crossings that the filters allow; null when they allow all. */
export async function matchingKinds(
  platform: Platform,
  query: Omit<CrossingQuery, 'limit' | 'cursor'>,
): Promise<number[] | null> {
  const { connection, vendor, app, key, decision, endpoint, class: fieldClass, treatment } = query;
  const exact = { connection, vendor, app, key, decision, endpoint };
  let kinds = platform.db.withTables<CrossingTables>().selectFrom('crossing_kind').select('id');
  let filtered = false;
  for (const [column, value] of Object.entries(exact)) {
    if (value === undefined) continue;
    kinds = kinds.where(sql<SqlBool>`${sql.ref(column)} = ${value}`);
    filtered = true;
  }
  if (fieldClass !== undefined || treatment !== undefined) {
    kinds = kinds.where(sql<SqlBool>`EXISTS (
      SELECT FROM unnest(classes, treatments) AS f (class, treatment)
      WHERE f.class = coalesce(${fieldClass ?? null}, f.class)
        AND f.treatment = coalesce(${treatment ?? null}, f.treatment))`);
    filtered = true;
  }
  if (!filtered) return null;
  return (await kinds.execute()).map((kind) => kind.id);
}

/** The leaves of the latest crossings of a connection, newest first, without those refused for other than `reasons`. */
export async function latestLeaves(
  platform: Platform,
  connection: string,
  reasons: readonly string[],
  limit: number,
): Promise<Leaf[]> {
  const kinds = await platform.db
    .withTables<CrossingTables>()
    .selectFrom('crossing_kind')
    .select('id')
    .where('connection', '=', connection)
    .where((is) => is.or([is('reason', 'is', null), is('reason', 'in', reasons)]))
    .execute();
  if (kinds.length === 0) return [];
  const ids = kinds.map((kind) => kind.id);
  return (await readRows(platform, { limit: limit - 1 }, ids)).map((row): Leaf => JSON.parse(row.leaf));
}

/**
 * The leaves of the latest crossings that policies had a say in, newest first: those that were forwarded, and those that
 * a policy refused.
 */
export async function latestDecided(platform: Platform, limit: number): Promise<Leaf[]> {
  const found = await sql<{ leaf: string }>`SELECT convert_from(e.bytes, 'UTF8') AS leaf FROM (
      SELECT at, c.log, c.idx FROM crossing c JOIN crossing_kind k ON k.id = c.kind
      WHERE (k.reason IS NULL OR k.reason = ${POLICY_DENIED}) AND k.connection <> ${EGRESS}
      ORDER BY at DESC, c.log DESC, c.idx DESC LIMIT ${limit}) AS newest
    JOIN journal_entry e USING (log, idx)
    ORDER BY newest.at DESC, newest.log DESC, newest.idx DESC`.execute(platform.db);
  return found.rows.map((row): Leaf => JSON.parse(row.leaf));
}

/** A crossing that a policy refused, as its record says; null: there is none of this id, or no policy refused it. */
export async function findPolicyRefusal(
  platform: Platform,
  id: string,
): Promise<{ app: string; connection: string; policies: string[] } | null> {
  const found = await sql<CrossingRow>`${selectRows} WHERE c.id = ${id}::uuid AND k.reason = ${POLICY_DENIED}
    ORDER BY c.log, c.idx LIMIT 1`.execute(platform.db);
  const row = found.rows[0];
  if (row === undefined) return null;
  const leaf: Leaf = JSON.parse(row.leaf);
  return { app: leaf.app, connection: leaf.connection, policies: leaf.decided_by ?? [] };
}

/** The latest crossings of a connection that were forwarded, newest first. */
export async function latestForwarded(
  platform: Platform,
  connection: string,
  limit: number,
): Promise<CrossingRow[]> {
  const kinds = await matchingKinds(platform, { connection, decision: 'forwarded' });
  return kinds === null || kinds.length === 0 ? [] : readRows(platform, { limit: limit - 1 }, kinds);
}

async function readRows(
  platform: Platform,
  query: CrossingQuery,
  kinds: readonly number[] | null,
): Promise<CrossingRow[]> {
  const more = query.limit + 1;
  const inTime = sql.join(
    [
      sql`true`,
      ...(query.from === undefined ? [] : [sql`at >= ${query.from}::timestamptz`]),
      ...(query.to === undefined ? [] : [sql`at < ${query.to}::timestamptz`]),
      ...(query.cursor === undefined ? [] : [beforeCursor(query.cursor)]),
    ],
    sql` AND `,
  );
  const newestFirst = sql`ORDER BY at DESC, log DESC, idx DESC LIMIT ${more}`;
  const found =
    query.subject !== undefined
      ? sql`SELECT log, idx FROM crossing_subject WHERE subject = ${query.subject} AND ${inTime}
          ${
            kinds === null
              ? sql``
              : sql`AND EXISTS (SELECT FROM crossing c WHERE c.log = crossing_subject.log
            AND c.idx = crossing_subject.idx AND c.kind = ANY (${kinds}))`
          } ${newestFirst}`
      : kinds === null
        ? sql`SELECT log, idx FROM crossing WHERE ${inTime} ${newestFirst}`
        : // Each kind has its newest at one end of the index; of those of all kinds, the newest are wanted.
          sql`SELECT newest.log, newest.idx FROM unnest(${kinds}::int[]) AS wanted (kind) CROSS JOIN LATERAL (
            SELECT at, log, idx FROM crossing WHERE kind = wanted.kind AND ${inTime} ${newestFirst}) AS newest
            ORDER BY newest.at DESC, newest.log DESC, newest.idx DESC LIMIT ${more}`;
  const rows = await sql<CrossingRow>`${selectRows} WHERE (c.log, c.idx) IN (${found})
    ORDER BY c.at DESC, c.log DESC, c.idx DESC`.execute(platform.db);
  return rows.rows;
}

function beforeCursor(cursor: string) {
  const [at, log, idx] = decodeCursor(cursor, Cursor);
  return sql`(at, log, idx) < (to_timestamp(${at}::float8 / 1000.0), ${log}::int, ${idx}::bigint)`;
}

/** Crossings (`c`) with what is known of them, as CrossingRow. */
export const selectRows = sql`
  SELECT c.*, k.vendor, k.service, k.connection, k.app, k.key, k.endpoint, k.class, k.method, k.decision, k.reason,
    k.stage, convert_from(e.bytes, 'UTF8') AS leaf
  FROM crossing c JOIN crossing_kind k ON k.id = c.kind JOIN journal_entry e ON e.log = c.log AND e.idx = c.idx`;

export function toCrossing(row: CrossingRow, named: Awaited<ReturnType<typeof nameAll>>): Crossing {
  const leaf: Leaf = JSON.parse(row.leaf);
  return {
    id: row.id,
    at: row.at.toISOString(),
    vendor: row.vendor,
    service: row.service,
    connection: named.connection(row.connection),
    app: named.app(row.app),
    endpoint: row.endpoint,
    class: row.class,
    method: row.method,
    decision: row.decision,
    reason: row.reason,
    stage: row.stage,
    fields: leaf.fields,
    mode: leaf.mode ?? 'enforce',
    would: leaf.would ?? null,
    egress: leaf.egress ?? null,
    bytes: leaf.bytes,
    status: row.status,
    outcome: row.outcome,
    durationMs: row.duration_us === null ? null : row.duration_us / 1000,
  };
}
