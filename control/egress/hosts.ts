import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { decodeCursor, type Platform, page } from '../platform/index.ts';

/** A host that an app reached for through the egress proxy, as it was observed. Bytes on the wire. */
export interface ObservedHost {
  host: string;
  app: string;
  /** As gateways knew it when it was seen last; null: no vendor was known for it. */
  vendor: string | null;
  ports: number[];
  firstAt: Date;
  lastAt: Date;
  crossings: number;
  refused: number;
  sent: number;
  received: number;
}

/** What was seen since a time, by host and app. `unknown`: only hosts of no known vendor. */
export async function hosts(
  platform: Pick<Platform, 'db'>,
  { since, unknown = false }: { since: Date; unknown?: boolean },
): Promise<ObservedHost[]> {
  const { rows } = await sql<ObservedHost>`
    SELECT host, app, max(vendor) AS vendor, array_agg(port ORDER BY port) AS ports, min(first_at) AS "firstAt",
      max(last_at) AS "lastAt", sum(crossings)::bigint AS crossings, sum(refused)::bigint AS refused,
      sum(sent)::bigint AS sent, sum(received)::bigint AS received
    FROM egress_host WHERE last_at >= ${since} AND (NOT ${unknown} OR vendor IS NULL)
    GROUP BY host, app ORDER BY host, app`.execute(platform.db);
  return rows;
}

/** A host over all apps. */
export type HostRow = Omit<ObservedHost, 'app'> & { apps: string[] };

const Cursor = z.tuple([z.int(), z.int(), z.string()]);

/** One page of hosts: those of no known vendor first, the latest of each first. */
export async function pageOfHosts(
  platform: Pick<Platform, 'db'>,
  query: {
    limit: number;
    cursor?: string | undefined;
    app?: string | undefined;
    unknown?: boolean | undefined;
  },
): Promise<{ items: HostRow[]; next: string | null }> {
  const [known, at, host] = query.cursor === undefined ? [null, 0, ''] : decodeCursor(query.cursor, Cursor);
  const { rows } = await sql<HostRow>`
    SELECT * FROM (
      SELECT host, max(vendor) AS vendor, array_agg(DISTINCT app) AS apps, array_agg(DISTINCT port) AS ports,
        min(first_at) AS "firstAt", max(last_at) AS "lastAt", sum(crossings)::bigint AS crossings,
        sum(refused)::bigint AS refused, sum(sent)::bigint AS sent, sum(received)::bigint AS received,
        (max(vendor) IS NOT NULL)::int AS known,
        -floor(extract(epoch FROM max(last_at)) * 1000)::bigint AS earlier
      FROM egress_host WHERE (${query.app ?? null}::text IS NULL OR app = ${query.app ?? null})
      GROUP BY host) AS h
    WHERE (${known}::int IS NULL OR (known, earlier, host) > (${known ?? 0}::int, ${-at}::bigint, ${host}))
      AND (NOT ${query.unknown ?? false} OR vendor IS NULL)
    ORDER BY known, earlier, host LIMIT ${query.limit + 1}`.execute(platform.db);
  return page(
    rows,
    query.limit,
    (row) => [row.vendor === null ? 0 : 1, row.lastAt.getTime(), row.host],
    (row) => row,
  );
}
