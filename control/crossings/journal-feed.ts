import type { Leaf, Settlement } from '@drawbridge/protocol';
import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** How far a log can be read: all before `end` is stored for good and projected. */
export interface LogEnd {
  log: number;
  origin: string;
  end: number;
}

/** An entry with the crossing that it speaks of; null for a settlement that settles nothing. */
export interface FeedEntry {
  index: number;
  entry: Leaf | Settlement;
  leaf: Leaf | null;
}

/** How far each log can be read. A gateway that is heard of late comes with a log of its own. */
export async function journalEnds(platform: Platform): Promise<LogEnd[]> {
  const found = await sql<LogEnd>`
    SELECT log.id AS log, log.origin, least(log.next_index, coalesce(c.next_index, 0)) AS end
    FROM journal_log log
      LEFT JOIN projection_cursor c ON c.projection = 'crossings' AND c.log = log.id
    ORDER BY log.id`.execute(platform.db);
  return found.rows;
}

/**
 * The index in each log before which no crossing is from `time` (milliseconds since 1970) on or later. Clocks may have
 * been set back: what comes after the index can still be older.
 */
export async function journalStartsAt(platform: Platform, time: number): Promise<Map<number, number>> {
  const found = await sql<{ log: number; start: number }>`
    SELECT log.id AS log, least(coalesce(c.next_index, 0), coalesce(f.idx, log.next_index)) AS start
    FROM journal_log log
      LEFT JOIN projection_cursor c ON c.projection = 'crossings' AND c.log = log.id
      LEFT JOIN (SELECT log, min(idx) AS idx FROM crossing WHERE at >= to_timestamp(${time}::float8 / 1000.0)
        GROUP BY log) AS f ON f.log = log.id`.execute(platform.db);
  return new Map(found.rows.map((row) => [row.log, row.start]));
}

/** Entries `from` up to, not including, `to` of a log, in their order, at most `limit`. */
export async function readJournal(
  platform: Platform,
  { log, from, to }: { log: number; from: number; to: number },
  limit: number,
): Promise<FeedEntry[]> {
  const found = await sql<{ idx: number; entry: string; leaf: string | null }>`
    SELECT e.idx, convert_from(e.bytes, 'UTF8') AS entry, convert_from(l.bytes, 'UTF8') AS leaf
    FROM (SELECT * FROM journal_entry WHERE log = ${log} AND idx >= ${from}::bigint AND idx < ${to}::bigint
        ORDER BY idx LIMIT ${limit}) AS e
      LEFT JOIN crossing c ON e.kind = 'settlement' AND c.id = e.crossing AND c.log = e.log AND c.settlement_idx = e.idx
      LEFT JOIN journal_entry l ON l.log = c.log AND l.idx = c.idx
    ORDER BY e.idx`.execute(platform.db);
  return found.rows.map((row) => {
    const entry: Leaf | Settlement = JSON.parse(row.entry);
    const leaf: Leaf | null =
      entry.type === 'crossing' ? entry : row.leaf === null ? null : JSON.parse(row.leaf);
    return { index: row.idx, entry, leaf };
  });
}

/** When something of each gateway's journals was last stored. */
export async function journalsStoredAt(platform: Pick<Platform, 'pool'>): Promise<Map<string, Date>> {
  const found = await platform.pool.query<{ gateway: string; at: Date }>(
    'SELECT gateway, max(last_stored_at) AS at FROM journal_log GROUP BY gateway',
  );
  return new Map(found.rows.map(({ gateway, at }) => [gateway, at]));
}
