import type pg from 'pg';

/** A log of which entries are stored. */
export interface StoredLog {
  id: number;
  /** The gateway that ships it. */
  gateway: string;
  /** The first entry not yet stored. */
  next: number;
  /** Entries before it are pruned, but for those of crossings that are held. */
  pruned: number;
}

/** Null: nothing of it was ever shipped. */
export async function findStoredLog(client: pg.PoolClient, origin: string): Promise<StoredLog | null> {
  const found = await client.query<StoredLog>(
    'SELECT id, gateway, next_index AS next, pruned FROM journal_log WHERE origin = $1',
    [origin],
  );
  return found.rows[0] ?? null;
}

/** Entries `from` up to, not including, `until`, byte for byte; null when one of them is not there. */
export async function readStoredEntries(
  client: pg.PoolClient,
  log: number,
  from: number,
  until: number,
): Promise<Buffer[] | null> {
  const rows = await client.query<{ idx: number; bytes: Buffer }>({
    name: 'journal-read-bytes',
    text: 'SELECT idx, bytes FROM journal_entry WHERE log = $1 AND idx >= $2 AND idx < $3 ORDER BY idx',
    values: [log, from, until],
  });
  const isWhole = rows.rows.length === until - from && rows.rows.every(({ idx }, at) => idx === from + at);
  return isWhole ? rows.rows.map(({ bytes }) => bytes) : null;
}
