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

/** What can ask: a connection, or any of the pool. */
type Asks = Pick<pg.Pool | pg.PoolClient, 'query'>;

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
  client: Asks,
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

/** Where a crossing's leaf and settlement stand in its log; `settlement` is null before it is settled. */
export interface StoredPlace {
  log: number;
  leaf: number;
  settlement: number | null;
}

/** Null: there is no such crossing. */
export async function findStoredPlace(db: Asks, crossing: string): Promise<StoredPlace | null> {
  const found = await db.query<StoredPlace>(
    `SELECT log, idx AS leaf, settlement_idx AS settlement FROM crossing
      WHERE id = $1::uuid ORDER BY log, idx LIMIT 1`,
    [crossing],
  );
  return found.rows[0] ?? null;
}

/** An item of a crossing's payload: its hash, and its exact bytes, null when it was erased. */
export interface StoredItem {
  hash: Buffer;
  bytes: Buffer | null;
}

/** In the order that the leaf commits to; empty when the gateway had deleted the payload before it was shipped. */
export async function readStoredItems(
  db: Asks,
  { log, leaf }: Pick<StoredPlace, 'log' | 'leaf'>,
): Promise<StoredItem[]> {
  const found = await db.query<StoredItem>(
    'SELECT hash, bytes FROM payload_item WHERE log = $1 AND idx = $2 ORDER BY item',
    [log, leaf],
  );
  return found.rows;
}
