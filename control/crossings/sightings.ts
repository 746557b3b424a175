import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import { type Names, nameAll } from './names.ts';
import type { Sighting } from './schemas.ts';

/** Most that are listed; apps ask for few things that are not there. */
const MOST = 200;

interface Row {
  vendor: string;
  service: string;
  connection: string;
  app: string;
  reason: string;
  method: string;
  path: string;
  times: number;
  firstAt: Date;
  lastAt: Date;
}

/** What apps asked a vendor for with a known key, and the gateway does not serve; the most asked for first. */
export async function listSightings(
  platform: Platform,
  names: Names,
  query: { vendor?: string | undefined },
): Promise<Sighting[]> {
  const { rows } = await sql<Row>`
    SELECT vendor, service, connection, app, reason, method, endpoint AS path, sum(d.crossings)::bigint AS times,
      min(d.first_at) AS "firstAt", max(d.last_at) AS "lastAt"
    FROM crossing_kind JOIN crossing_day d ON d.kind = id
    WHERE reason IN ('unknown_endpoint', 'upgrade_not_supported')
      AND (${query.vendor ?? null}::text IS NULL OR vendor = ${query.vendor ?? null})
    GROUP BY vendor, service, connection, app, reason, method, endpoint
    ORDER BY times DESC, vendor, connection, app, path, method, reason LIMIT ${MOST}`.execute(platform.db);
  const named = await nameAll(names, rows);
  return rows.map(({ connection, app, reason, firstAt, lastAt, ...row }) => ({
    ...row,
    reason: reason === 'upgrade_not_supported' ? 'upgrade_not_supported' : 'unknown_endpoint',
    connection: named.connection(connection),
    app: named.app(app),
    firstAt: firstAt.toISOString(),
    lastAt: lastAt.toISOString(),
  }));
}
