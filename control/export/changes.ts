import { sql } from 'kysely';
import { type ChangeTable, inTransaction, type Platform } from '../platform/index.ts';
import type { ChangeEvent } from './event.ts';

/** Key of the advisory lock that lets one at a time give places; it goes with the transaction that holds it. */
const PLACES_LOCK = 4_400_441_8;
const PLACED_AT_ONCE = 10_000;

/**
 * Gives the changes that became certain since their places, and returns the last place given. One at a time does it and
 * all wait for it, so that a place is never given below one that somebody has read.
 */
export async function placeChanges(platform: Pick<Platform, 'pool'>): Promise<number> {
  for (;;) {
    const { placed, last } = await inTransaction(platform.pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [PLACES_LOCK]);
      const taken = await client.query(
        `WITH taken AS (
            DELETE FROM export_waiting WHERE change IN (SELECT change FROM export_waiting ORDER BY change LIMIT $1)
            RETURNING change)
          INSERT INTO export_change (place, change)
          SELECT (SELECT coalesce(max(place), 0) FROM export_change) + row_number() OVER (ORDER BY change), change
          FROM taken`,
        [PLACED_AT_ONCE],
      );
      const highest = await client.query<{ last: number }>(
        'SELECT coalesce(max(place), 0) AS last FROM export_change',
      );
      return { placed: taken.rowCount ?? 0, last: highest.rows[0]?.last ?? 0 };
    });
    if (placed < PLACED_AT_ONCE) return last;
  }
}

/** Changes after `after` up to and with `to`, in the order of their places, at most `limit`. */
export async function readChanges(
  platform: Platform,
  { after, to }: { after: number; to: number },
  limit: number,
): Promise<{ place: number; event: ChangeEvent }[]> {
  const found = await sql<
    Omit<ChangeTable, 'detail'> & { place: number; detail: Record<string, unknown> }
  >`SELECT p.place, c.* FROM export_change p JOIN change c ON c.id = p.change
    WHERE p.place > ${after}::bigint AND p.place <= ${to}::bigint ORDER BY p.place LIMIT ${limit}`.execute(
    platform.db,
  );
  return found.rows.map((row) => ({
    place: row.place,
    event: {
      kind: 'change',
      id: row.id,
      at: row.at.getTime(),
      actor: row.actor,
      act: row.act,
      subject: { kind: row.subject_kind, id: row.subject_id },
      reason: row.reason,
      detail: row.detail,
    },
  }));
}

/** The place before which no change is from `time` (milliseconds since 1970) on or later. */
export async function placeAt(platform: Platform, time: number, last: number): Promise<number> {
  const found = await sql<{ place: number | null }>`
    SELECT min(p.place) AS place FROM export_change p JOIN change c ON c.id = p.change
    WHERE c.at >= to_timestamp(${time}::float8 / 1000.0)`.execute(platform.db);
  const first = found.rows[0]?.place ?? null;
  return first === null ? last : first - 1;
}
