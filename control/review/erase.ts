import type pg from 'pg';
import { readEntriesAt } from '../crossings/index.ts';
import { reviewProjection } from './review-projection.ts';

const PAGE = 5000;
/** As gateways write an item without names for review. Whatever is spelled otherwise is read. */
const NO_NAMES = '"r":[]';

/**
 * Counts the names with these hashes anew from the remaining items. What is forgotten of a name can't be taken off its
 * row: who sent it first, and whose crossing was the last one, only the items say. Runs where no projector writes.
 */
export async function recountNames(client: pg.PoolClient, hashes: ReadonlySet<string>): Promise<void> {
  if (hashes.size === 0) return;
  await client.query('DELETE FROM review_name WHERE hash = ANY ($1)', [[...hashes]]);
  const found = await client.query<{ log: number; index: number }>(
    `SELECT DISTINCT log, idx AS index FROM payload_item
      WHERE position($1::bytea IN coalesce(bytes, remainder)) = 0 ORDER BY log, idx`,
    [Buffer.from(NO_NAMES)],
  );
  for (let at = 0; at < found.rows.length; at += PAGE) {
    const entries = await readEntriesAt(client, found.rows.slice(at, at + PAGE));
    const seen = entries.map((entry) => ({
      ...entry,
      items: entry.items.map((item) => ({ ...item, r: item.r.filter((sighting) => hashes.has(sighting.h)) })),
    }));
    await reviewProjection.apply(client, seen);
  }
}

/** Takes pseudonyms out of the names' senders by the rows alone, in the tables of the current `search_path`. */
export async function eraseSenders(client: pg.PoolClient, pseudonyms: readonly string[]): Promise<void> {
  await client.query(
    `UPDATE review_name SET subjects = array(SELECT one FROM unnest(subjects) AS one
        WHERE one <> ALL ($1::text[]) ORDER BY one COLLATE "C")
      WHERE subjects && $1::text[]`,
    [pseudonyms],
  );
}
