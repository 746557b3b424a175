import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import { dayAgo } from './counts.ts';
import { type Names, nameAll } from './names.ts';
import type { UsePlace } from './schemas.ts';

/** How a virtual key is used. "24 hours" begins at a whole minute. */
export interface KeyUse {
  firstUsedAt: Date;
  lastUsedAt: Date;
  /** Forwarded and refused together. */
  crossings24h: number;
  refused24h: number;
}

/** How each of the virtual keys is used; those that never were are not in it. */
export async function keyUse(platform: Platform, keyIds: readonly string[]): Promise<Map<string, KeyUse>> {
  const found = await sql<KeyUse & { key: string }>`
    WITH recent AS (
      SELECT kind, sum(crossings)::bigint AS crossings FROM crossing_minute
      WHERE minute >= ${dayAgo(platform)} GROUP BY kind),
    ever AS (SELECT kind, min(first_at) AS first_at, max(last_at) AS last_at FROM crossing_day GROUP BY kind)
    SELECT key, min(first_at) AS "firstUsedAt", max(last_at) AS "lastUsedAt",
      coalesce(sum(crossings), 0)::bigint AS "crossings24h",
      coalesce(sum(crossings) FILTER (WHERE decision = 'refused'), 0)::bigint AS "refused24h"
    FROM crossing_kind JOIN ever ON ever.kind = id LEFT JOIN recent ON recent.kind = id
    WHERE key = ANY (${keyIds}) GROUP BY key`.execute(platform.db);
  return new Map(found.rows.map(({ key, ...use }) => [key, use]));
}

const MOST_PLACES = 200;

/** Where an app or one of its keys was used: connections and endpoints, most used first, at most 200. */
export async function placesOfUse(
  platform: Platform,
  names: Names,
  of: { app: string } | { key: string },
): Promise<UsePlace[]> {
  const mine = 'app' in of ? sql`app = ${of.app}` : sql`key = ${of.key}`;
  const found = await sql<
    Omit<UsePlace, 'connection' | 'firstAt' | 'lastAt'> & {
      connection: string;
      firstAt: Date;
      lastAt: Date;
    }
  >`
    SELECT vendor, connection, endpoint, class, sum(crossings)::bigint AS crossings,
      coalesce(sum(crossings) FILTER (WHERE decision = 'refused'), 0)::bigint AS refused,
      min(first_at) AS "firstAt", max(last_at) AS "lastAt"
    FROM crossing_kind JOIN crossing_day ON kind = id WHERE ${mine}
    GROUP BY vendor, connection, endpoint, class
    ORDER BY sum(crossings) DESC, vendor, connection, endpoint, class LIMIT ${MOST_PLACES}`.execute(
    platform.db,
  );
  const named = await nameAll(
    names,
    found.rows.map((row) => ({ connection: row.connection, app: '' })),
  );
  return found.rows.map((row) => ({
    ...row,
    connection: named.connection(row.connection),
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
  }));
}
