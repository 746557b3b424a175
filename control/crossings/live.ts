import { type SqlBool, sql } from 'kysely';
import { type Platform, plainArray } from '../platform/index.ts';
import { type Names, nameAll } from './names.ts';
import { type CrossingRow, matchingKinds, selectRows, toCrossing } from './query.ts';
import type { Crossing, LiveQuery } from './schemas.ts';

/** New crossings since the look before: how many there were, and the newest of them. */
export interface LiveBatch {
  seen: number;
  /** Newest first. */
  rows: Crossing[];
}

/**
 * Follows what the projection adds, from now on. Each look gives what came since the one before, each crossing once: it
 * goes by the projection's place in each log, so nothing is missed and nothing depends on clocks. Of more than `most`
 * the newest are given, and all are counted.
 */
export async function followCrossings(
  platform: Platform,
  names: Names,
  query: LiveQuery,
): Promise<(most: number) => Promise<LiveBatch>> {
  let before = await placesOf(platform);
  return async (most) => {
    const now = await placesOf(platform);
    const stretches = [...now].flatMap(([log, to]) => {
      const from = before.get(log) ?? 0;
      // A projection that is made anew goes through its logs again: that is nothing new.
      return to > from ? [{ log, from, to }] : [];
    });
    before = new Map([...now].map(([log, to]) => [log, Math.max(to, before.get(log) ?? 0)]));
    if (stretches.length === 0) return { seen: 0, rows: [] };
    return readBatch(platform, names, query, stretches, most);
  };
}

async function placesOf(platform: Platform): Promise<Map<number, number>> {
  const found = await sql<{ log: number; next_index: number }>`
    SELECT log, next_index FROM projection_cursor WHERE projection = 'crossings'`.execute(platform.db);
  return new Map(found.rows.map((row) => [row.log, row.next_index]));
}

async function readBatch(
  platform: Platform,
  names: Names,
  query: LiveQuery,
  stretches: readonly { log: number; from: number; to: number }[],
  most: number,
): Promise<LiveBatch> {
  const kinds = await matchingKinds(platform, query);
  if (kinds?.length === 0) return { seen: 0, rows: [] };
  const matches = sql.join(
    [
      sql<SqlBool>`c.idx >= s.from_idx AND c.idx < s.to_idx`,
      ...(kinds === null ? [] : [sql<SqlBool>`c.kind = ANY (${plainArray(kinds)}::int[])`]),
      ...(query.subject === undefined
        ? []
        : [
            sql<SqlBool>`EXISTS (SELECT FROM crossing_subject WHERE subject = ${query.subject} AND at = c.at
              AND log = c.log AND idx = c.idx)`,
          ]),
    ],
    sql` AND `,
  );
  const found = await sql<{ log: number; idx: number; in_all: number }>`
    SELECT c.log, c.idx, count(*) OVER ()::int AS in_all
    FROM unnest(${plainArray(stretches.map((one) => one.log))}::int[],
        ${plainArray(stretches.map((one) => one.from))}::bigint[],
        ${plainArray(stretches.map((one) => one.to))}::bigint[]) AS s (log, from_idx, to_idx)
      JOIN crossing c ON c.log = s.log AND ${matches}
    ORDER BY c.at DESC, c.log DESC, c.idx DESC LIMIT ${most}`.execute(platform.db);
  if (found.rows.length === 0) return { seen: 0, rows: [] };
  const rows = await sql<CrossingRow>`${selectRows}
    JOIN unnest(${plainArray(found.rows.map((row) => row.log))}::int[],
      ${plainArray(found.rows.map((row) => row.idx))}::bigint[]) AS w (log, idx) ON w.log = c.log AND w.idx = c.idx
    ORDER BY c.at DESC, c.log DESC, c.idx DESC`.execute(platform.db);
  const named = await nameAll(names, rows.rows);
  return { seen: found.rows[0]?.in_all ?? 0, rows: rows.rows.map((row) => toCrossing(row, named)) };
}
