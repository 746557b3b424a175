import type pg from 'pg';
import { inTransaction, type Platform, Problem, plainArray } from '../platform/index.ts';
import type { CheckedEntry, CheckedShipment } from './shipment.ts';

/**
 * Stores a checked shipment of the given gateway, all of it or nothing, and returns the index of the log's first entry
 * not yet stored. Entries that are there already are compared, not stored again, so that shipping twice is harmless.
 * Throws a Problem: `journal_not_yours`, `journal_gap` (with `next`), `journal_conflict` (and an alarm in the log).
 */
export async function storeShipment(
  platform: Platform,
  gateway: string,
  shipment: CheckedShipment,
): Promise<number> {
  const { origin, first, entries } = shipment;
  return inTransaction(platform.pool, async (client) => {
    const log = await lockLog(client, platform, gateway, origin);
    if (first > log.next) {
      throw new Problem(
        409,
        'journal_gap',
        `Entries ${log.next} to ${first - 1} of this log are not stored. Ship from ${log.next} on.`,
        undefined,
        { next: log.next },
      );
    }
    const known = Math.min(log.next - first, entries.length);
    // What is pruned can't be compared any more: it was, when it was stored and when its checkpoint was verified.
    const unpruned = Math.min(Math.max(0, log.pruned - first), known);
    await compare(platform, client, log.id, origin, entries.slice(unpruned, known));
    const fresh = entries.slice(known);
    const lastIndex = fresh.at(-1)?.index;
    if (lastIndex === undefined) return log.next;
    await insertEntries(client, log.id, log.next, fresh);
    await insertItems(client, log.id, fresh);
    await client.query('UPDATE journal_log SET next_index = $2, last_stored_at = $3 WHERE id = $1', [
      log.id,
      lastIndex + 1,
      new Date(platform.clock.now()),
    ]);
    return lastIndex + 1;
  });
}

/** The log's row, locked until the transaction ends: shipments of one log come one after another. */
async function lockLog(
  client: pg.PoolClient,
  platform: Platform,
  gateway: string,
  origin: string,
): Promise<{ id: number; next: number; pruned: number }> {
  const read = () =>
    client.query<{ id: number; gateway: string; next: number; pruned: number }>(
      'SELECT id, gateway, next_index AS next, pruned FROM journal_log WHERE origin = $1 FOR UPDATE',
      [origin],
    );
  let row = (await read()).rows[0];
  if (row === undefined) {
    await client.query(
      `INSERT INTO journal_log (origin, gateway, last_stored_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [origin, gateway, new Date(platform.clock.now())],
    );
    row = (await read()).rows[0];
  }
  if (row === undefined) throw new Error('a log that was just stored is not there');
  if (row.gateway !== gateway) {
    platform.log.error(
      { alarm: 'journal_not_yours', origin, gateway },
      'a gateway shipped another one’s log',
    );
    throw new Problem(
      403,
      'journal_not_yours',
      'This log belongs to another gateway. Ship only your own logs.',
    );
  }
  return row;
}

/** What is stored can't change: the same index with other bytes means that a log was rewritten or a disk went wrong. */
async function compare(
  platform: Platform,
  client: pg.PoolClient,
  log: number,
  origin: string,
  entries: readonly CheckedEntry[],
): Promise<void> {
  const [from, to] = [entries[0]?.index, entries.at(-1)?.index];
  if (from === undefined || to === undefined) return;
  const stored = await client.query<{ idx: number; bytes: Buffer }>(
    'SELECT idx, bytes FROM journal_entry WHERE log = $1 AND idx BETWEEN $2 AND $3',
    [log, from, to],
  );
  const bytesOf = new Map(stored.rows.map((row) => [row.idx, row.bytes]));
  for (const entry of entries) {
    if (bytesOf.get(entry.index)?.equals(entry.bytes)) continue;
    platform.log.error(
      { alarm: 'journal_conflict', origin, index: entry.index },
      'a log was shipped that differs from what is stored of it',
    );
    throw new Problem(
      409,
      'journal_conflict',
      `Entry ${entry.index} is stored with other bytes. Nothing was stored. Find out why before this log goes on.`,
      undefined,
      { index: entry.index },
    );
  }
}

/** Cuts many byte strings out of one parameter: sent in binary, where an array of them would go as hexadecimal text. */
function packed(parts: readonly Buffer[]): { bytes: Buffer; starts: string; lengths: string } {
  const starts: number[] = [];
  const lengths: number[] = [];
  let at = 1;
  for (const part of parts) {
    starts.push(at);
    lengths.push(part.length);
    at += part.length;
  }
  return { bytes: Buffer.concat(parts, at - 1), starts: plainArray(starts), lengths: plainArray(lengths) };
}

async function insertEntries(
  client: pg.PoolClient,
  log: number,
  next: number,
  entries: readonly CheckedEntry[],
): Promise<void> {
  const { bytes, starts, lengths } = packed(entries.map((entry) => entry.bytes));
  const added = await client.query({
    name: 'journal-insert-entries',
    text: `INSERT INTO journal_entry (log, idx, kind, crossing, at, bytes)
      SELECT $1, $2::bigint + n - 1, kind, crossing, to_timestamp(at / 1000.0), substr($3::bytea, start, length)
      FROM unnest($4::text[], $5::uuid[], $6::float8[], $7::int[], $8::int[])
        WITH ORDINALITY AS e (kind, crossing, at, start, length, n)
      ON CONFLICT DO NOTHING`,
    values: [
      log,
      next,
      bytes,
      plainArray(entries.map((entry) => entry.kind)),
      plainArray(entries.map((entry) => entry.crossing)),
      plainArray(entries.map((entry) => entry.at)),
      starts,
      lengths,
    ],
  });
  if (added.rowCount !== entries.length) {
    throw new Error(`log ${log} held entries at or after ${next}, which its row says are not stored`);
  }
}

async function insertItems(
  client: pg.PoolClient,
  log: number,
  entries: readonly CheckedEntry[],
): Promise<void> {
  const indexes: number[] = [];
  const numbers: number[] = [];
  const hashes: Buffer[] = [];
  const contents: Buffer[] = [];
  for (const entry of entries) {
    for (const [number, item] of entry.items.entries()) {
      indexes.push(entry.index);
      numbers.push(number);
      hashes.push(item.hash);
      contents.push(item.bytes);
    }
  }
  if (contents.length === 0) return;
  const { bytes, starts, lengths } = packed(contents);
  await client.query({
    name: 'journal-insert-items',
    text: `INSERT INTO payload_item (log, idx, item, hash, bytes)
      SELECT $1, idx, item, substr($2::bytea, (n::int - 1) * 32 + 1, 32), substr($3::bytea, start, length)
      FROM unnest($4::bigint[], $5::int[], $6::int[], $7::int[])
        WITH ORDINALITY AS e (idx, item, start, length, n)
      ON CONFLICT DO NOTHING`,
    values: [log, Buffer.concat(hashes), bytes, plainArray(indexes), plainArray(numbers), starts, lengths],
  });
}
