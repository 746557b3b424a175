import type { PayloadItem } from '@drawbridge/protocol';
import type pg from 'pg';
import { inTransaction, type Platform, Problem, plainArray } from '../platform/index.ts';
import type { SubjectName } from './about.ts';
import { without } from './erase.ts';
import type { CheckedEntry, CheckedShipment } from './shipment.ts';

/** Whether a subject was erased after the given time (milliseconds since 1970), so that what is from then must go. */
export type IsErased = (subject: SubjectName, at: number) => boolean;

/** What was erased, as shipments are to heed it. */
export interface Erased {
  /** As it stands until the caller's transaction ends: no erasure is carried out meanwhile. Null: nothing was erased. */
  asOf(client: pg.PoolClient): Promise<IsErased | null>;
}

/**
 * Stores a checked shipment of the given gateway, all of it or nothing, and returns the index of the log's first entry
 * not yet stored. Of items that speak of a subject who was erased after they were recorded, only the hash is stored. Entries that are there already are compared, not stored again, so that shipping twice is harmless.
 * Throws a Problem: `journal_not_yours`, `journal_gap` (with `next`), `journal_conflict` (and an alarm in the log).
 */
export async function storeShipment(
  platform: Platform,
  gateway: string,
  shipment: CheckedShipment,
  erased: Erased,
): Promise<number> {
  const { origin, first, entries } = shipment;
  return inTransaction(platform.pool, async (client) => {
    const isErased = await erased.asOf(client);
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
    await insertItems(client, log.id, fresh, isErased);
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

interface Remainder {
  index: number;
  number: number;
  text: string;
}

async function insertItems(
  client: pg.PoolClient,
  log: number,
  entries: readonly CheckedEntry[],
  isErased: IsErased | null,
): Promise<void> {
  const indexes: number[] = [];
  const numbers: number[] = [];
  const hashes: Buffer[] = [];
  const contents: Buffer[] = [];
  const gone: boolean[] = [];
  const remainders: Remainder[] = [];
  for (const entry of entries) {
    for (const [number, item] of entry.items.entries()) {
      const kept = isErased === null ? item.bytes : afterErasures(entry, item.bytes, isErased);
      indexes.push(entry.index);
      numbers.push(number);
      hashes.push(item.hash);
      contents.push(Buffer.isBuffer(kept) ? kept : Buffer.alloc(0));
      gone.push(!Buffer.isBuffer(kept));
      if (typeof kept === 'string') remainders.push({ index: entry.index, number, text: kept });
    }
  }
  if (contents.length === 0) return;
  const { bytes, starts, lengths } = packed(contents);
  await client.query({
    name: 'journal-insert-items',
    text: `INSERT INTO payload_item (log, idx, item, hash, bytes)
      SELECT $1, idx, item, substr($2::bytea, (n::int - 1) * 32 + 1, 32),
        CASE WHEN NOT gone THEN substr($3::bytea, start, length) END
      FROM unnest($4::bigint[], $5::int[], $6::int[], $7::int[], $8::boolean[])
        WITH ORDINALITY AS e (idx, item, start, length, gone, n)
      ON CONFLICT DO NOTHING`,
    values: [
      log,
      Buffer.concat(hashes),
      bytes,
      plainArray(indexes),
      plainArray(numbers),
      starts,
      lengths,
      plainArray(gone.map(String)),
    ],
  });
  if (remainders.length > 0) await keepRemainders(client, log, remainders);
}

/** Bytes as they are; a text: what is left of them; null: nothing is. */
function afterErasures(entry: CheckedEntry, bytes: Buffer, isErased: IsErased): Buffer | string | null {
  const item: PayloadItem = JSON.parse(bytes.toString('utf8'));
  const kept = without(item, (subject) => isErased(subject, entry.at));
  if (kept === item) return bytes;
  return kept === null ? null : JSON.stringify(kept);
}

async function keepRemainders(
  client: pg.PoolClient,
  log: number,
  remainders: readonly Remainder[],
): Promise<void> {
  await client.query(
    `UPDATE payload_item i SET remainder = convert_to(r.text, 'UTF8')
      FROM unnest($2::bigint[], $3::int[], $4::text[]) AS r (idx, item, text)
      WHERE i.log = $1 AND i.idx = r.idx AND i.item = r.item`,
    [
      log,
      plainArray(remainders.map((one) => one.index)),
      plainArray(remainders.map((one) => one.number)),
      remainders.map((one) => one.text),
    ],
  );
}
