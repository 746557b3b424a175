import type pg from 'pg';
import type { Taken } from './entry.ts';

type Asks = Pick<pg.Pool | pg.PoolClient, 'query'>;

export interface KeptTrouble {
  code: string;
  text: string;
  since: Date;
}

interface TroubleColumns {
  trouble_code: string | null;
  trouble_text: string | null;
  trouble_since: Date | null;
}

function troubleIn({ trouble_code: code, trouble_text: text, trouble_since: since }: TroubleColumns) {
  return code === null || text === null || since === null ? null : { code, text, since };
}

/** How many entries of this root log the database knows of. */
export async function countEntries(db: Asks, log: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT coalesce(max(log_index) + 1, 0)::bigint AS count FROM root_entry WHERE log = $1',
    [log],
  );
  return rows[0]?.count ?? 0;
}

export async function writeEntries(
  db: Asks,
  log: string,
  entries: readonly Taken[],
  now: Date,
): Promise<void> {
  if (entries.length === 0) return;
  await db.query(
    `INSERT INTO root_entry (log, log_index, origin, size, root, taken_at)
     SELECT $6::text, taken.*, $5::timestamptz FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[]) AS taken
     ON CONFLICT (log, log_index) DO NOTHING`,
    [
      entries.map(({ index }) => index),
      entries.map(({ origin }) => origin),
      entries.map(({ size }) => size),
      entries.map(({ root }) => root),
      now,
      log,
    ],
  );
}

/** The first entry of this root log that quotes a tree of this log with more than so many entries. */
export async function findEntry(
  db: Asks,
  log: string,
  origin: string,
  index: number,
): Promise<number | null> {
  const { rows } = await db.query<{ log_index: number }>(
    'SELECT log_index FROM root_entry WHERE log = $1 AND origin = $2 AND size > $3 ORDER BY size LIMIT 1',
    [log, origin, index],
  );
  return rows[0]?.log_index ?? null;
}

export interface KnownSource {
  origin: string;
  taken: { index: number; size: number; at: Date } | null;
  trouble: KeptTrouble | null;
}

/** All logs that were ever taken in, or refused, and what of them is in this root log. */
export async function readSources(db: Asks, log: string): Promise<KnownSource[]> {
  const { rows } = await db.query<
    TroubleColumns & { origin: string; log_index: number | null; size: number | null; taken_at: Date | null }
  >(
    `SELECT s.origin, e.log_index, e.size, e.taken_at, s.trouble_code, s.trouble_text, s.trouble_since
     FROM root_source s LEFT JOIN LATERAL (
       SELECT log_index, size, taken_at FROM root_entry WHERE log = $1 AND origin = s.origin
       ORDER BY size DESC LIMIT 1
     ) e ON true ORDER BY s.origin`,
    [log],
  );
  return rows.map((row) => {
    const { origin, log_index: index, size, taken_at: at } = row;
    const taken = index === null || size === null || at === null ? null : { index, size, at };
    return { origin, taken, trouble: troubleIn(row) };
  });
}

export async function addSources(db: Asks, origins: readonly string[]): Promise<void> {
  await db.query('INSERT INTO root_source (origin) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING', [
    origins,
  ]);
}

export async function writeSource(
  db: Asks,
  origin: string,
  trouble: Omit<KeptTrouble, 'since'> | null,
  now: Date,
): Promise<void> {
  await db.query(
    `INSERT INTO root_source (origin, trouble_code, trouble_text, trouble_since) VALUES ($1, $2::text, $3, $4)
     ON CONFLICT (origin) DO UPDATE SET trouble_code = $2, trouble_text = $3, trouble_since =
       CASE WHEN root_source.trouble_code = $2 THEN root_source.trouble_since ELSE $4 END`,
    [origin, trouble?.code ?? null, trouble?.text ?? null, trouble === null ? null : now],
  );
}

export async function readEdge(db: Asks, origin: string): Promise<{ size: number; edge: Buffer } | null> {
  const { rows } = await db.query<{ size: number; edge: Buffer }>(
    'SELECT edge_size AS size, edge FROM root_source WHERE origin = $1',
    [origin],
  );
  return rows[0] ?? null;
}

export async function writeEdge(db: Asks, origin: string, size: number, edge: Buffer): Promise<void> {
  await db.query(
    `INSERT INTO root_source (origin, edge_size, edge) VALUES ($1, $2, $3)
     ON CONFLICT (origin) DO UPDATE SET edge_size = $2, edge = $3`,
    [origin, size, edge],
  );
}

/** What is known of a witness, by its name and the ID of its key. */
export interface KnownWitness {
  key: string;
  size: number;
  cosignedAt: Date | null;
  trouble: KeptTrouble | null;
}

export async function readWitnesses(db: Asks): Promise<KnownWitness[]> {
  const { rows } = await db.query<TroubleColumns & { key: string; size: number; cosigned_at: Date | null }>(
    'SELECT * FROM root_witness',
  );
  return rows.map((row) => ({
    key: row.key,
    size: row.size,
    cosignedAt: row.cosigned_at,
    trouble: troubleIn(row),
  }));
}

export async function writeCosigned(db: Asks, key: string, size: number, at: Date): Promise<void> {
  await db.query(
    `INSERT INTO root_witness (key, size, cosigned_at) VALUES ($1, $2, $3)
     ON CONFLICT (key) DO UPDATE SET size = $2, cosigned_at = $3,
       trouble_code = NULL, trouble_text = NULL, trouble_since = NULL`,
    [key, size, at],
  );
}

export async function writeWitnessTrouble(
  db: Asks,
  key: string,
  { code, text }: Omit<KeptTrouble, 'since'>,
  now: Date,
): Promise<void> {
  await db.query(
    `INSERT INTO root_witness (key, trouble_code, trouble_text, trouble_since) VALUES ($1, $2::text, $3, $4)
     ON CONFLICT (key) DO UPDATE SET trouble_code = $2, trouble_text = $3, trouble_since =
       CASE WHEN root_witness.trouble_code = $2 THEN root_witness.trouble_since ELSE $4 END`,
    [key, code, text, now],
  );
}

export interface Published {
  note: string;
  size: number;
  at: Date;
}

export async function readPublished(db: Asks, origin: string): Promise<Published | null> {
  const { rows } = await db.query<Published>(
    'SELECT note, size, published_at AS at FROM root_published WHERE origin = $1',
    [origin],
  );
  return rows[0] ?? null;
}

export async function writePublished(db: Asks, origin: string, { note, size, at }: Published): Promise<void> {
  await db.query(
    `INSERT INTO root_published (origin, size, note, published_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (origin) DO UPDATE SET size = $2, note = $3, published_at = $4`,
    [origin, size, note, at],
  );
}
