import type { Db, Tx } from '../platform/index.ts';
import { notFound } from '../platform/index.ts';
import type { SeveranceRow, SeverTables } from './tables.ts';

export const tables = (db: Db | Tx) => db.withTables<SeverTables>();

/** Throws Problem 404. */
export async function readSeverance(db: Db | Tx, id: string): Promise<SeveranceRow> {
  const row = await tables(db).selectFrom('severance').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('severance');
  return row;
}

/** The same, locked until the transaction ends. Throws Problem 404. */
export async function lockSeverance(tx: Tx, id: string): Promise<SeveranceRow> {
  const row = await tables(tx)
    .selectFrom('severance')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('severance');
  return row;
}

/** The vendors that each is about, in order. */
export async function vendorsOf(
  db: Db | Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { vendor: string; epoch: number | null; destroyed_at: Date | null }[]>> {
  if (ids.length === 0) return new Map();
  const rows = await tables(db)
    .selectFrom('severance_vendor')
    .selectAll()
    .where('severance', 'in', [...ids])
    .orderBy('vendor')
    .execute();
  return Map.groupBy(rows, ({ severance }) => severance);
}

/** Contracts that were changed since a field class was cut off under them. */
export async function changedContracts(
  db: Db | Tx,
  severance: string,
): Promise<{ connection: string; name: string; was: number; now: number }[]> {
  return db
    .withTables<SeverTables & { connection: { id: string; name: string; contract_version: number } }>()
    .selectFrom('severance_contract')
    .innerJoin('connection', 'connection.id', 'severance_contract.connection')
    .select([
      'connection.id as connection',
      'connection.name',
      'severance_contract.version as was',
      'connection.contract_version as now',
    ])
    .where('severance', '=', severance)
    .whereRef('connection.contract_version', '<>', 'severance_contract.version')
    .orderBy('connection.id')
    .execute();
}
