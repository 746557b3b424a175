import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** A key at a vendor, as a list of keys that was brought in names it. */
export interface KeyAt {
  id: string;
  label: string;
  source: string;
  /** When it expired, or the list said first that it is not active, or did not name it any more; null: it can be used. */
  endedAt: Date | null;
}

const MOST = 100;
/** Shorter names stand in too many labels. */
const SHORTEST_NAME = 4;

/** Keys at a vendor as of a time: of lists whose source, or of keys whose label, has one of its names. Ended ones first. */
export async function keysAt(
  { db }: Pick<Platform, 'db'>,
  names: readonly string[],
  at: Date,
): Promise<KeyAt[]> {
  const long = names.filter((name) => name.length >= SHORTEST_NAME).map((name) => name.toLowerCase());
  if (long.length === 0) return [];
  const { rows } = await sql<KeyAt>`
    SELECT id, label, source, CASE
        WHEN expires_at <= ${at} THEN expires_at
        WHEN gone_at <= ${at} THEN gone_at
        WHEN NOT active THEN last_listed_at END AS "endedAt"
      FROM held_key
     WHERE first_listed_at <= ${at}
       AND EXISTS (SELECT FROM unnest(${long}::text[]) AS name
                    WHERE position(name IN lower(source)) > 0 OR position(name IN lower(label)) > 0)
     ORDER BY "endedAt" DESC NULLS LAST, label, id LIMIT ${MOST}`.execute(db);
  return rows;
}
