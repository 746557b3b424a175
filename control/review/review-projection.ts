import type pg from 'pg';
import type { Projection } from '../crossings/index.ts';
import { plainArray } from '../platform/index.ts';
import { merged, type NameRecord, namesSeen, nameText } from './sightings.ts';

/** The review queue: names that no rule knows, counted. What people decided about them is kept elsewhere. */
export const reviewProjection: Projection = {
  name: 'review',
  tables: ['review_name'],
  topic: 'review',
  async apply(client, entries) {
    const seen = namesSeen(entries);
    if (seen.size === 0) return false;
    const stored = await readNames(client, [...seen.values()]);
    await writeNames(
      client,
      [...seen].map(([key, record]) => {
        const before = stored.get(key);
        return before === undefined ? record : merged(before, record);
      }),
    );
    return true;
  },
};

async function readNames(
  client: pg.PoolClient,
  wanted: readonly NameRecord[],
): Promise<Map<string, NameRecord>> {
  const found = await client.query<NameRecord>({
    name: 'review-read-names',
    text: `SELECT n.connection, n.kind, n.hash, shape, shapes, apps, seen, extract(epoch FROM first_seen_at)::float8 * 1000 AS first,
        extract(epoch FROM last_seen_at)::float8 * 1000 AS last, subjects, name
      FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (connection, kind, hash)
      JOIN review_name n ON n.connection = wanted.connection AND n.kind = wanted.kind AND n.hash = wanted.hash`,
    values: [
      wanted.map((record) => record.connection),
      wanted.map((record) => record.kind),
      wanted.map((record) => record.hash),
    ],
  });
  return new Map(found.rows.map((row) => [nameText(row), row]));
}

async function writeNames(client: pg.PoolClient, records: readonly NameRecord[]): Promise<void> {
  await client.query({
    name: 'review-write-names',
    text: `INSERT INTO review_name (connection, kind, hash, shape, seen, first_seen_at, last_seen_at, subjects, name,
        shapes, apps)
      SELECT connection, kind, hash, shape, seen, to_timestamp(first / 1000.0), to_timestamp(last / 1000.0),
        string_to_array(subjects, ' '), name, string_to_array(shapes, ' '), string_to_array(apps, ' ')
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::float8[], $7::float8[],
        $8::text[], $9::text[], $10::text[], $11::text[]) AS r (connection, kind, hash, shape, seen, first, last,
        subjects, name, shapes, apps)
      ON CONFLICT (connection, kind, hash) DO UPDATE SET shape = excluded.shape, seen = excluded.seen,
        first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at,
        subjects = excluded.subjects, name = excluded.name, shapes = excluded.shapes, apps = excluded.apps`,
    values: [
      records.map((record) => record.connection),
      records.map((record) => record.kind),
      records.map((record) => record.hash),
      records.map((record) => record.shape),
      plainArray(records.map((record) => record.seen)),
      plainArray(records.map((record) => Math.round(record.first))),
      plainArray(records.map((record) => Math.round(record.last))),
      // Pseudonyms hold no space: ingest refuses those that do.
      records.map((record) => record.subjects.join(' ')),
      records.map((record) => record.name),
      records.map((record) => record.shapes.join(' ')),
      // Ids of apps hold no space either.
      records.map((record) => record.apps.join(' ')),
    ],
  });
}
