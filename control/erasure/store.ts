import type pg from 'pg';
import { z } from 'zod';
import { decodeCursor, notFound, type Platform, page, type Tx } from '../platform/index.ts';
import type { Erasure } from './schemas.ts';
import type { ErasureTables } from './tables.ts';

export type ErasureRow = ErasureTables['erasure'];

const Cursor = z.tuple([z.int(), z.uuid()]);

/** After which row a page begins; null: at the newest. */
export function readPlace(cursor: string | undefined): { at: Date; id: string } | null {
  if (cursor === undefined) return null;
  const [at, id] = decodeCursor(cursor, Cursor);
  return { at: new Date(at), id };
}

const select = `SELECT e.*, e.state = 'held' AND EXISTS (
    SELECT FROM legal_hold h WHERE h.id = ANY (e.holds) AND h.lifted_at IS NULL AND (h.until IS NULL OR h.until > $1)
  ) AS held_now FROM erasure e`;

function toErasure(row: ErasureRow & { held_now: boolean }): Erasure {
  return {
    id: row.id,
    state: row.state,
    askedAt: row.asked_at.toISOString(),
    doneAt: row.done_at?.toISOString() ?? null,
    actor: row.actor,
    reason: row.reason,
    holds: row.holds,
    heldNow: row.held_now,
    report: row.report,
  };
}

/** Throws Problem 404. */
export async function readErasure(platform: Platform, id: string): Promise<Erasure> {
  const found = await platform.pool.query<ErasureRow & { held_now: boolean }>(`${select} WHERE e.id = $2`, [
    new Date(platform.clock.now()),
    id,
  ]);
  const row = found.rows[0];
  if (row === undefined) throw notFound('erasure');
  return toErasure(row);
}

/** Newest first. */
export async function listErasures(
  platform: Platform,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ items: Erasure[]; next: string | null }> {
  const after = readPlace(cursor);
  const found = await platform.pool.query<ErasureRow & { held_now: boolean }>(
    `${select} WHERE $2::timestamptz IS NULL OR (e.asked_at, e.id) < ($2, $3::uuid)
      ORDER BY e.asked_at DESC, e.id DESC LIMIT $4`,
    [new Date(platform.clock.now()), after?.at ?? null, after?.id ?? null, limit + 1],
  );
  return page(found.rows, limit, (row) => [row.asked_at.getTime(), row.id], toErasure);
}

/** All that are done, in the order in which they were. */
export async function doneErasures(client: pg.PoolClient): Promise<ErasureRow[]> {
  return (await client.query<ErasureRow>("SELECT * FROM erasure WHERE state = 'done' ORDER BY place")).rows;
}

/** Writes an erasure, or what became of one that waited. Where it is done, under the lock that erasures hold alone. */
export async function writeErasure(
  tx: Tx,
  row: Omit<ErasureRow, 'place' | 'report'> & { report: ErasureRow['report'] },
): Promise<void> {
  const rows = tx.withTables<ErasureTables>();
  const { last } = await rows
    .selectFrom('erasure')
    .select((read) => read.fn.coalesce(read.fn.max('place'), read.val(0)).as('last'))
    .executeTakeFirstOrThrow();
  const place = row.state === 'done' ? Number(last) + 1 : null;
  await rows
    .insertInto('erasure')
    .values({ ...row, place })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        state: row.state,
        at: row.at,
        holds: row.holds,
        done_at: row.done_at,
        place,
        report: row.report,
      }),
    )
    .execute();
}
