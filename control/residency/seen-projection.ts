import { UNKNOWN_VENDOR } from '@drawbridge/protocol';
import type pg from 'pg';
import type { ProjectedEntry, Projection } from '../crossings/index.ts';
import { plainArray } from '../platform/index.ts';
import { withoutPort } from './address.ts';

/**
 * Before the host of what went through the egress proxy, in the place of a connection: there is none, and the crossing itself
 * says the host. What is known of the vendor by then is taken; of unknown vendors nothing is kept.
 */
export const EGRESS_SEEN = '@egress:';

/** To which addresses crossings of a connection really went, as the gateways noted them when they connected. */
export const residencyProjection: Projection = {
  name: 'residency',
  tables: ['residency_seen', 'residency_crossing'],
  topic: 'residency',
  async apply(client, entries) {
    await insertCrossings(client, entries);
    return settle(client, entries);
  },
};

async function insertCrossings(client: pg.PoolClient, entries: readonly ProjectedEntry[]): Promise<void> {
  const rows = entries.flatMap(({ log, index, entry }) =>
    entry.type === 'crossing' && entry.decision === 'forwarded' && entry.vendor !== UNKNOWN_VENDOR
      ? [{ log, index, entry }]
      : [],
  );
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO residency_crossing (log, crossing, idx, connection, vendor, service, snapshot)
      SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[])
      ON CONFLICT DO NOTHING`,
    [
      plainArray(rows.map((row) => row.log)),
      rows.map((row) => row.entry.id.toLowerCase()),
      plainArray(rows.map((row) => row.index)),
      rows.map(({ entry }) =>
        entry.egress === undefined ? entry.connection : `${EGRESS_SEEN}${entry.egress.host.toLowerCase()}`,
      ),
      rows.map((row) => row.entry.vendor),
      rows.map((row) => row.entry.service),
      plainArray(rows.map((row) => row.entry.snapshot)),
    ],
  );
}

/** A settlement tells where its crossing went. One without an address tells nothing, and ends the waiting. */
async function settle(client: pg.PoolClient, entries: readonly ProjectedEntry[]): Promise<boolean> {
  const rows = entries.flatMap(({ log, index, entry }) =>
    entry.type === 'settlement' ? [{ log, index, entry }] : [],
  );
  if (rows.length === 0) return false;
  const written = await client.query(
    `WITH settled AS (
        DELETE FROM residency_crossing c
        USING unnest($1::int[], $2::text[], $3::bigint[], $4::text[], $5::float8[])
          AS s (log, crossing, idx, address, at)
        WHERE c.log = s.log AND c.crossing = s.crossing AND c.idx < s.idx
        RETURNING c.connection, c.vendor, c.service, c.snapshot, c.crossing, s.address, s.at)
      INSERT INTO residency_seen AS seen (connection, address, vendor, service, snapshot, crossings, first_at, last_at, last_crossing)
        SELECT connection, address, (array_agg(vendor ORDER BY at DESC, crossing DESC))[1], max(service), max(snapshot), count(*), to_timestamp(min(at) / 1000.0),
          to_timestamp(max(at) / 1000.0), (array_agg(crossing ORDER BY at DESC, crossing DESC))[1]
        FROM settled WHERE address <> '' GROUP BY connection, address
        ORDER BY connection, address
      ON CONFLICT (connection, address) DO UPDATE SET
        crossings = seen.crossings + excluded.crossings,
        snapshot = greatest(seen.snapshot, excluded.snapshot),
        first_at = least(seen.first_at, excluded.first_at),
        vendor = CASE WHEN (excluded.last_at, excluded.last_crossing) > (seen.last_at, seen.last_crossing)
          THEN excluded.vendor ELSE seen.vendor END,
        last_crossing = CASE WHEN (excluded.last_at, excluded.last_crossing) > (seen.last_at, seen.last_crossing)
          THEN excluded.last_crossing ELSE seen.last_crossing END,
        last_at = greatest(seen.last_at, excluded.last_at)`,
    [
      plainArray(rows.map((row) => row.log)),
      rows.map((row) => row.entry.crossing.toLowerCase()),
      plainArray(rows.map((row) => row.index)),
      rows.map(({ entry }) => (entry.remote === null ? '' : withoutPort(entry.remote))),
      plainArray(rows.map((row) => row.entry.at)),
    ],
  );
  return (written.rowCount ?? 0) > 0;
}
