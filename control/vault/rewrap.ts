import { sql } from 'kysely';
import type { Db } from '../platform/index.ts';
import { VaultError } from './errors.ts';
import { newestDataKey } from './records.ts';
import type { BoundTo, WrappedColumn } from './wrapped.ts';

const BATCH = 100;

/** How far wrapping anew has come. */
export interface RewrapProgress {
  done: number;
  /** Rows under older data keys when it began. */
  total: number;
}

/** A row that could not be wrapped anew: it does not open where it lies. It stays as it is. */
export interface UnreadableRow {
  table: string;
  /** Its primary key, as text. */
  row: string;
}

/**
 * Wraps every row that is under an older data key anew, in batches, while all of them are read and written. Killed at any
 * moment, it goes on with those that are left. A row that was replaced meanwhile is left to whoever replaced it.
 */
export async function rewrapAll(
  db: Db,
  columns: readonly WrappedColumn[],
  rewrap: (wrapped: Uint8Array, of: BoundTo) => Promise<Uint8Array>,
  progress: (at: RewrapProgress) => void,
): Promise<UnreadableRow[]> {
  const newest = await newestDataKey(db);
  const total = await olderRows(db, columns, newest);
  const unreadable: UnreadableRow[] = [];
  let done = 0;
  progress({ done, total });
  for (const column of columns) {
    let after: readonly unknown[] | null = null;
    for (;;) {
      const rows = await readBatch(db, column, newest, after);
      const last = rows.at(-1);
      if (last === undefined) break;
      const anew: { row: Row; wrapped: Uint8Array }[] = [];
      for (const row of rows) {
        const wrapped = await rewrap(row.wrapped_bytes, column.boundTo(row)).catch((error: unknown) => {
          if (error instanceof VaultError && error.code === 'unreadable') return null;
          throw error;
        });
        if (wrapped === null) unreadable.push({ table: column.table, row: keyOf(column, row).join(', ') });
        else anew.push({ row, wrapped });
      }
      await writeBatch(db, column, anew);
      done += rows.length;
      progress({ done, total: Math.max(total, done) });
      after = keyOf(column, last);
    }
  }
  return unreadable;
}

type Row = Record<string, unknown> & { wrapped_bytes: Buffer };

const keyOf = (column: WrappedColumn, row: Row): unknown[] => column.key.map((name) => row[name]);

const list = (names: readonly string[]) => sql.join(names.map((name) => sql.ref(name)));
const values = (row: readonly unknown[]) => sql.join(row.map((value) => sql`${value}`));

async function readBatch(
  db: Db,
  column: WrappedColumn,
  newest: number,
  after: readonly unknown[] | null,
): Promise<Row[]> {
  const behind = after === null ? sql`true` : sql`(${list(column.key)}) > (${values(after)})`;
  const { rows } = await sql<Row>`
    SELECT ${list([...column.key, ...column.reads])}, ${sql.ref(column.column)} AS wrapped_bytes
    FROM ${sql.table(column.table)}
    WHERE ${sql.ref(`${column.column}_key`)} < ${newest} AND ${behind}
    ORDER BY ${list(column.key)} LIMIT ${BATCH}`.execute(db);
  return rows;
}

/** Only where the row is still what was read. */
async function writeBatch(
  db: Db,
  column: WrappedColumn,
  anew: readonly { row: Row; wrapped: Uint8Array }[],
): Promise<void> {
  if (anew.length === 0) return;
  await db.transaction().execute(async (tx) => {
    for (const { row, wrapped } of anew)
      await sql`
        UPDATE ${sql.table(column.table)} SET ${sql.ref(column.column)} = ${Buffer.from(wrapped)}
        WHERE (${list(column.key)}) = (${values(keyOf(column, row))})
          AND ${sql.ref(column.column)} = ${row.wrapped_bytes}`.execute(tx);
  });
}

/** How many rows are under data keys older than this. */
export async function olderRows(db: Db, columns: readonly WrappedColumn[], newest: number): Promise<number> {
  const byVersion = await rowsByVersion(db, columns);
  return [...byVersion].reduce((sum, [version, rows]) => sum + (version < newest ? rows : 0), 0);
}

/** How many rows are under which data key. */
export async function rowsByVersion(
  db: Db,
  columns: readonly WrappedColumn[],
): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  for (const column of columns) {
    const version = sql.ref(`${column.column}_key`);
    const { rows } = await sql<{ version: number; rows: number }>`
      SELECT ${version} AS version, count(*)::integer AS rows FROM ${sql.table(column.table)}
      WHERE ${version} IS NOT NULL GROUP BY 1`.execute(db);
    for (const one of rows) found.set(one.version, (found.get(one.version) ?? 0) + one.rows);
  }
  return found;
}
