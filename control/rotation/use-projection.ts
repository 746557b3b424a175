import type pg from 'pg';
import type { ProjectedEntry, Projection } from '../crossings/index.ts';
import { plainArray } from '../platform/index.ts';

/** How each version of a connection's credential was used: how often, when last, and what it was answered. */
export const credentialUseProjection: Projection = {
  name: 'credential_use',
  tables: ['credential_use', 'credential_crossing'],
  topic: 'rotations',
  async apply(client, entries) {
    const sent = addSent(entries);
    await insertSent(client, [...sent.values()]);
    await insertCrossings(client, entries);
    await settle(client, entries);
    // Crossings that do not say are many, and no page of rotations hangs on them.
    return [...sent.values()].some(({ version }) => version > 0);
  },
};

interface Sent {
  connection: string;
  version: number;
  sent: number;
  last: number;
}

function addSent(entries: readonly ProjectedEntry[]): Map<string, Sent> {
  const found = new Map<string, Sent>();
  for (const { entry } of entries) {
    if (entry.type !== 'crossing' || entry.decision !== 'forwarded') continue;
    const version = entry.credential ?? 0;
    const key = `${version} ${entry.connection}`;
    const there = found.get(key) ?? { connection: entry.connection, version, sent: 0, last: entry.at };
    there.sent += 1;
    there.last = Math.max(there.last, entry.at);
    found.set(key, there);
  }
  return found;
}

async function insertSent(client: pg.PoolClient, rows: readonly Sent[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO credential_use (connection, version, sent, answered, unauthorised, forbidden, last_at)
      SELECT connection, version, sent, 0, 0, 0, to_timestamp(last / 1000.0)
      FROM unnest($1::text[], $2::int[], $3::bigint[], $4::float8[]) AS s (connection, version, sent, last)
      ON CONFLICT (connection, version) DO UPDATE SET sent = credential_use.sent + excluded.sent,
        last_at = greatest(credential_use.last_at, excluded.last_at)`,
    [
      rows.map((row) => row.connection),
      plainArray(rows.map((row) => row.version)),
      plainArray(rows.map((row) => row.sent)),
      plainArray(rows.map((row) => row.last)),
    ],
  );
}

async function insertCrossings(client: pg.PoolClient, entries: readonly ProjectedEntry[]): Promise<void> {
  const rows = entries.flatMap(({ log, index, entry }) =>
    entry.type === 'crossing' && entry.decision === 'forwarded' && entry.credential !== undefined
      ? [{ log, index, id: entry.id.toLowerCase(), connection: entry.connection, version: entry.credential }]
      : [],
  );
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO credential_crossing (log, crossing, idx, connection, version)
      SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::text[], $5::int[]) ON CONFLICT DO NOTHING`,
    [
      plainArray(rows.map((row) => row.log)),
      rows.map((row) => row.id),
      plainArray(rows.map((row) => row.index)),
      rows.map((row) => row.connection),
      plainArray(rows.map((row) => row.version)),
    ],
  );
}

/** What was answered counts for the version that the crossing went with; what had no answer counts for nothing. */
async function settle(client: pg.PoolClient, entries: readonly ProjectedEntry[]): Promise<void> {
  const rows = entries.flatMap(({ log, index, entry }) =>
    entry.type === 'settlement'
      ? [{ log, index, id: entry.crossing.toLowerCase(), status: entry.status }]
      : [],
  );
  if (rows.length === 0) return;
  await client.query(
    `WITH settled AS (
        DELETE FROM credential_crossing c
        USING unnest($1::int[], $2::text[], $3::int[], $4::bigint[]) AS s (log, crossing, status, idx)
        WHERE c.log = s.log AND c.crossing = s.crossing AND c.idx < s.idx RETURNING c.connection, c.version, s.status),
      counted AS (
        SELECT connection, version, count(*) FILTER (WHERE status NOT IN (401, 403)) AS answered,
          count(*) FILTER (WHERE status = 401) AS unauthorised, count(*) FILTER (WHERE status = 403) AS forbidden
        FROM settled GROUP BY connection, version)
      UPDATE credential_use u SET answered = u.answered + c.answered,
          unauthorised = u.unauthorised + c.unauthorised, forbidden = u.forbidden + c.forbidden
        FROM counted c WHERE u.connection = c.connection AND u.version = c.version`,
    [
      plainArray(rows.map((row) => row.log)),
      rows.map((row) => row.id),
      plainArray(rows.map((row) => row.status)),
      plainArray(rows.map((row) => row.index)),
    ],
  );
}
