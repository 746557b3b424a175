import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import { type Names, nameAll } from './names.ts';

/** The first crossing of an app over a connection in a time. */
export interface FirstCrossing {
  id: string;
  at: Date;
  /** Names, as they are now. */
  connection: string;
  app: string;
  refused: boolean;
}

const MOST = 1000;

/**
 * For each app and connection to a vendor the first crossing from a time on, up to another (null: without end); what was refused
 * apart from what went out. The newest first, at most 1,000.
 */
export async function firstCrossings(
  platform: Platform,
  names: Names,
  vendor: string,
  from: Date,
  to: Date | null,
): Promise<FirstCrossing[]> {
  const found = await sql<FirstCrossing>`
    SELECT id, at, connection, app, refused FROM (
      SELECT DISTINCT ON (k.connection, k.app, k.decision) c.id, c.at, k.connection, k.app,
        k.decision = 'refused' AS refused
      FROM crossing_kind k CROSS JOIN LATERAL (
        SELECT id, at FROM crossing WHERE kind = k.id AND at >= ${from}
          AND at <= coalesce(${to}::timestamptz, 'infinity') ORDER BY at, log, idx LIMIT 1) c
      WHERE k.vendor = ${vendor}
      ORDER BY k.connection, k.app, k.decision, c.at, c.id) AS first
    ORDER BY at DESC, id DESC LIMIT ${MOST}`.execute(platform.db);
  const named = await nameAll(names, found.rows);
  return found.rows.map((row) => ({
    ...row,
    connection: named.connection(row.connection).name,
    app: named.app(row.app).name,
  }));
}
