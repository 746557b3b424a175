import { sql } from 'kysely';
import type { PoolClient } from 'pg';
import type { Clock, Db, Tx } from '../platform/index.ts';
import type { KeyRecord, WrappedDataKey } from './messages.ts';
import { type KeySourceKind, keySourceKinds } from './sources/settings.ts';
import type { VaultTables } from './tables.ts';

interface KeyRow {
  id: number;
  source: string;
  label: string;
  check_value: Buffer;
  version: number;
  wrapped: Buffer;
}
const READ = `SELECT id, source, label, check_value, version, wrapped
  FROM key_encryption_key JOIN wrapped_data_key ON kek = id ORDER BY id, version`;

/** What the database keeps of the keys, the newest key-encryption key last; none before the first start. */
export async function readKeyRecords(db: Db | Tx): Promise<KeyRecord[]> {
  return recordsOf((await sql.raw<KeyRow>(READ).execute(db)).rows);
}

/** The same for a client of its own, in the transaction that it is in. */
export async function readKeyRows(client: PoolClient): Promise<KeyRecord[]> {
  return recordsOf((await client.query<KeyRow>(READ)).rows);
}

function recordsOf(rows: readonly KeyRow[]): KeyRecord[] {
  const records = new Map<number, KeyRecord>();
  for (const { id, source, label, check_value, version, wrapped } of rows) {
    const before = records.get(id)?.dataKeys ?? [];
    const dataKeys = [...before, { version, wrapped }];
    records.set(id, { id, source: kindOf(source), label, checkValue: check_value, dataKeys });
  }
  return [...records.values()];
}

/** Throws an error for a kind that a newer build wrote. */
function kindOf(text: string): KeySourceKind {
  const kind = keySourceKinds.find((one) => one === text);
  if (kind === undefined)
    throw new Error(
      `The database has a key from "${text}", which this build does not know. Start a newer one.`,
    );
  return kind;
}

/** The version of the newest data key; 0 before the first start. */
export async function newestDataKey(db: Db | Tx): Promise<number> {
  const row = await db
    .withTables<VaultTables>()
    .selectFrom('data_key')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}

/** False where there was a first record already, which stays. */
export async function keepFirstRecord(
  { db, clock }: { db: Db; clock: Clock },
  made: KeyRecord,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await lockKeys(tx);
    if ((await newestDataKey(tx)) > 0) return false;
    await insertRecord(tx, clock, made);
    return true;
  });
}

/** In the transaction: who else writes keys waits until it ends. */
export async function lockKeys(tx: Tx): Promise<void> {
  await sql`LOCK TABLE key_encryption_key IN SHARE ROW EXCLUSIVE MODE`.execute(tx);
}

/** Keeps a key-encryption key and what it wraps, with data keys that are new. */
export async function insertRecord(tx: Tx, clock: Clock, made: KeyRecord): Promise<void> {
  const rows = tx.withTables<VaultTables>();
  const at = new Date(clock.now());
  await rows
    .insertInto('data_key')
    .values(made.dataKeys.map(({ version }) => ({ version, created_at: at })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await rows
    .insertInto('key_encryption_key')
    .values({
      id: made.id,
      source: made.source,
      label: made.label,
      check_value: Buffer.from(made.checkValue),
      created_at: at,
    })
    .execute();
  for (const one of made.dataKeys) await insertWrapped(tx, made.id, one);
}

export async function insertWrapped(
  tx: Tx,
  kek: number,
  { version, wrapped }: WrappedDataKey,
): Promise<void> {
  await tx
    .withTables<VaultTables>()
    .insertInto('wrapped_data_key')
    .values({ kek, version, wrapped: Buffer.from(wrapped) })
    .execute();
}
