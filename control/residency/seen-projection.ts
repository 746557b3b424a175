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
  // 2: what went through the egress proxy stands by its host; endpoints of one connection are bounded.
  version: 2,
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

interface Went {
  connection: string;
  address: string;
  vendor: string;
  service: string;
  snapshot: number;
  crossings: number;
  first: number;
  last: number;
  crossing: string;
}

/** A settlement tells where its crossing went. One without an address tells nothing, and ends the waiting. */
async function settle(client: pg.PoolClient, entries: readonly ProjectedEntry[]): Promise<boolean> {
  const rows = entries.flatMap(({ log, index, entry }) =>
    entry.type === 'settlement' ? [{ log, index, entry }] : [],
  );
  if (rows.length === 0) return false;
  const { rows: went } = await client.query<Went>(
    `WITH settled AS (
        DELETE FROM residency_crossing c
        USING unnest($1::int[], $2::text[], $3::bigint[], $4::text[], $5::float8[])
          AS s (log, crossing, idx, address, at)
        WHERE c.log = s.log AND c.crossing = s.crossing AND c.idx < s.idx
        RETURNING c.connection, c.vendor, c.service, c.snapshot, c.crossing, s.address, s.at)
      SELECT connection, address, (array_agg(vendor ORDER BY at DESC, crossing DESC))[1] AS vendor, max(service) AS service,
        max(snapshot)::float8 AS snapshot, count(*)::int AS crossings, min(at) AS first, max(at) AS last,
        (array_agg(crossing ORDER BY at DESC, crossing DESC))[1] AS crossing
      FROM settled WHERE address <> '' GROUP BY connection, address
      ORDER BY min(at), connection, address`,
    [
      plainArray(rows.map((row) => row.log)),
      rows.map((row) => row.entry.crossing.toLowerCase()),
      plainArray(rows.map((row) => row.index)),
      rows.map(({ entry }) => (entry.remote === null ? '' : withoutPort(entry.remote))),
      plainArray(rows.map((row) => row.entry.at)),
    ],
  );
  await addSeen(client, await withinBound(client, went));
  return went.length > 0;
}

/**
 * Endpoints that are kept of one connection, and of one vendor through the egress proxy. A name below a vendor's domain costs
 * whoever makes it up nothing, and each may lead to many addresses.
 */
export const MOST_ENDPOINTS = 1_000;
/** In the place of an address: what is beyond them, counted together. */
export const FURTHER = '*';

/** What shares one bound: a connection, or all that the egress proxy reached of a vendor. */
const sharedBy = ({ connection, vendor }: Pick<Went, 'connection' | 'vendor'>): string =>
  connection.startsWith(EGRESS_SEEN) ? `${EGRESS_SEEN}*.${vendor}` : connection;

/** Those that are new and would be more than are kept come to one row. The first to be seen are kept. */
async function withinBound(client: pg.PoolClient, went: readonly Went[]): Promise<readonly Went[]> {
  if (went.length === 0) return [];
  const { rows: there } = await client.query<{ connection: string; address: string }>(
    `SELECT connection, address FROM residency_seen JOIN unnest($1::text[], $2::text[]) AS w (connection, address)
      USING (connection, address)`,
    [went.map(({ connection }) => connection), went.map(({ address }) => address)],
  );
  const known = new Set(there.map(({ connection, address }) => `${address} ${connection}`));
  const fresh = went.filter(({ connection, address }) => !known.has(`${address} ${connection}`));
  if (fresh.length === 0) return went;
  await forgetOld(client, fresh);
  const { rows: counted } = await client.query<{ shared: string; count: number }>(
    `SELECT connection AS shared, count(*)::int AS count FROM residency_seen
        WHERE connection = ANY ($1) AND address <> '${FURTHER}' GROUP BY connection
      UNION ALL SELECT '${EGRESS_SEEN}*.' || vendor, count(*)::int FROM residency_seen
        WHERE vendor = ANY ($2) AND starts_with(connection, '${EGRESS_SEEN}') AND address <> '${FURTHER}' GROUP BY vendor`,
    [
      [...new Set(fresh.map(({ connection }) => connection))],
      [...new Set(fresh.map(({ vendor }) => vendor))],
    ],
  );
  const counts = new Map(counted.map(({ shared, count }) => [shared, count]));
  const further = new Set(
    fresh.filter((one) => {
      const count = (counts.get(sharedBy(one)) ?? 0) + 1;
      counts.set(sharedBy(one), count);
      return count > MOST_ENDPOINTS;
    }),
  );
  if (further.size === 0) return went;
  const folded = [...Map.groupBy(further, sharedBy)].map(([connection, all]): Went => {
    const latest = all.reduce((one, other) =>
      other.last > one.last || (other.last === one.last && other.crossing > one.crossing) ? other : one,
    );
    return {
      ...latest,
      connection,
      address: FURTHER,
      snapshot: Math.max(...all.map(({ snapshot }) => snapshot)),
      crossings: all.reduce((sum, { crossings }) => sum + crossings, 0),
      first: Math.min(...all.map(({ first }) => first)),
    };
  });
  return [...went.filter((one) => !further.has(one)), ...folded];
}

/**
 * What shares a bound with something new, and was not seen in the 31 days before it, makes room: nobody is shown it any more.
 * By the time of the entries, never by the clock here.
 */
async function forgetOld(client: pg.PoolClient, fresh: readonly Went[]): Promise<void> {
  const before = Math.min(...fresh.map(({ first }) => first)) - FORGET_MS;
  await client.query(
    `DELETE FROM residency_seen WHERE last_at < to_timestamp($1 / 1000.0)
      AND (connection = ANY ($2) OR (vendor = ANY ($3) AND starts_with(connection, '${EGRESS_SEEN}')))`,
    [before, fresh.map(({ connection }) => connection), fresh.map(({ vendor }) => vendor)],
  );
}
const FORGET_MS = 31 * 24 * 3600_000;

async function addSeen(client: pg.PoolClient, rows: readonly Went[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO residency_seen AS seen (connection, address, vendor, service, snapshot, crossings, first_at, last_at, last_crossing)
        SELECT connection, address, vendor, service, snapshot, crossings, to_timestamp(first / 1000.0),
          to_timestamp(last / 1000.0), crossing
        FROM jsonb_to_recordset($1::jsonb) AS w (connection text, address text, vendor text, service text, snapshot bigint,
          crossings bigint, first float8, last float8, crossing text)
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
    [JSON.stringify(rows)],
  );
}
