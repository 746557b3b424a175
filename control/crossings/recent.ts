import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** What an app sent over a connection lately. */
export interface RecentUse {
  vendor: string;
  connection: string;
  app: string;
  crossings: number;
  lastAt: Date;
}

/** What crossed to these vendors since a whole UTC day (`2025-11-09`), by connection and app, the most first. */
export async function recentUse(
  { db }: Pick<Platform, 'db'>,
  vendors: readonly string[],
  since: string,
): Promise<RecentUse[]> {
  const found = await sql<RecentUse>`
    SELECT k.vendor, k.connection, k.app, sum(crossings)::bigint AS crossings, max(last_at) AS "lastAt"
    FROM crossing_kind k JOIN crossing_day ON kind = k.id
    WHERE k.vendor = ANY (${[...vendors]}) AND k.decision = 'forwarded' AND day >= ${since}::date
    GROUP BY k.vendor, k.connection, k.app ORDER BY crossings DESC, k.vendor, k.connection, k.app`.execute(
    db,
  );
  return found.rows;
}
