import { sql } from 'kysely';
import type { Tx } from '../platform/index.ts';
import { comparable } from '../vendors/index.ts';
import type { ReadImport } from './entry.ts';
import type { ImportTables } from './tables.ts';

/** Rows in one statement. */
const AT_ONCE = 2_000;
const LOCK = 4_400_441_46;

/** Imports come one after another: each sees what the one before did. */
export const oneImport = (tx: Tx): Promise<unknown> => sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(tx);

/** Writes what a source says; what it said before has to be gone. */
export async function writeImport(tx: Tx, source: string, read: ReadImport): Promise<void> {
  for (const some of chunks(read.vendors)) {
    const rows = some.map(({ key, name, domains, ...facts }) => ({
      ...{ key, name, domains, facts },
      compared: comparable(name),
    }));
    await sql`
      INSERT INTO imported_vendor (source, key, name, compared, domains, facts)
      SELECT ${source}, t.key, t.name, t.compared, t.domains, t.facts
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS t(key text, name text, compared text, domains text[], facts jsonb)`.execute(tx);
  }
  for (const some of chunks(read.answers)) {
    await tx
      .withTables<ImportTables>()
      .insertInto('imported_answer')
      .values(some.map((one) => ({ source, ...one })))
      .execute();
  }
}

function* chunks<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; start += AT_ONCE) yield all.slice(start, start + AT_ONCE);
}
