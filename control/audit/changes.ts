import { sql } from 'kysely';
import { z } from 'zod';
import { decodeCursor, type Platform, page } from '../platform/index.ts';
import type { StoredChange } from './leaf.ts';
import type { ChangeItem, ChangeQuery } from './schemas.ts';
import { CHANGE_COLUMNS } from './store.ts';

export interface ChangeRow extends StoredChange {
  seq: number;
  log_index: number | null;
  log_epoch: number | null;
}

const Cursor = z.tuple([z.int()]);

/** One page of changes, newest first. Throws Problem for a cursor of another list. */
export async function listChanges(
  { db }: Pick<Platform, 'db'>,
  query: ChangeQuery,
): Promise<{ items: ChangeItem[]; next: string | null }> {
  const { act, actor, subject, since, until, cursor, limit } = query;
  const conditions = [sql`true`];
  if (cursor !== undefined) conditions.push(sql`seq < ${decodeCursor(cursor, Cursor)[0]}`);
  if (act !== undefined) conditions.push(sql`act = ${act}`);
  if (actor !== undefined) conditions.push(sql`actor = ${actor}`);
  if (since !== undefined) conditions.push(sql`at >= ${new Date(since)}`);
  if (until !== undefined) conditions.push(sql`at < ${new Date(until)}`);
  if (subject !== undefined) {
    const [kind = '', ...id] = subject.split(':');
    conditions.push(sql`subject_kind = ${kind}`);
    if (id.length > 0) conditions.push(sql`subject_id = ${id.join(':')}`);
  }
  const { rows } = await sql<ChangeRow>`
    SELECT ${sql.raw(CHANGE_COLUMNS)}, seq, log_index, log_epoch FROM change
    WHERE ${sql.join(conditions, sql` AND `)} ORDER BY seq DESC LIMIT ${limit + 1}`.execute(db);
  return page(rows, limit, (row) => [row.seq], toItem);
}

export async function findChange({ db }: Pick<Platform, 'db'>, id: string): Promise<ChangeRow | null> {
  const { rows } = await sql<ChangeRow>`
    SELECT ${sql.raw(CHANGE_COLUMNS)}, seq, log_index, log_epoch FROM change WHERE id = ${id}`.execute(db);
  return rows[0] ?? null;
}

export function toItem(row: ChangeRow): ChangeItem {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: row.actor,
    reason: row.reason,
    act: row.act,
    subject: { kind: row.subject_kind, id: row.subject_id },
    detail: DetailSchema.parse(row.detail),
    index: row.log_index,
    epoch: row.log_epoch,
  };
}

const DetailSchema = z.record(z.string(), z.unknown());
