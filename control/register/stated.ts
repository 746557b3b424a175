import type { Selectable } from 'kysely';
import {
  type BlobInfo,
  type BlobRef,
  type Blobs,
  type By,
  type Db,
  notFound,
  type Platform,
  recordChange,
  type Sealer,
  type Tx,
} from '../platform/index.ts';
import { checkedValue, isSealedKind, type Statement, type StatementKind } from './statements.ts';
import type { RegisterTables, StatementRow } from './tables.ts';
import { lockVendor, touchVendor } from './vendors.ts';

/** A statement as it is kept: who entered it, and what proves it. */
export interface KeptStatement extends Statement {
  statedAt: Date;
  statedBy: string;
  files: readonly (BlobRef & BlobInfo)[];
}

export interface StatedDeps {
  platform: Platform;
  blobs: Blobs;
  sealer: () => Promise<Sealer>;
}

/** What files are needed for, by `blob_use.kind`. */
export const statementFiles = 'register.statement';
export const statementId = (vendor: string, kind: StatementKind, key: string): string =>
  `${vendor}/${kind}/${key}`;
const sealedOf = (vendor: string, kind: StatementKind, key: string) => ['statement', vendor, kind, key];

/** Writes statements, in place of those of the same kind and key. Throws Problem 404, 422. */
export async function state(
  tx: Tx,
  { platform, blobs, sealer }: StatedDeps,
  vendor: string,
  given: Statement & { files: readonly BlobRef[] },
  by: By,
): Promise<void> {
  await lockVendor(tx, vendor);
  const { kind, key, source, asOf, files } = given;
  const value = checkedValue(kind, key, given.value);
  const row = statementRow({ ...given, value }, vendor, await sealer(), platform, by);
  await tx
    .withTables<RegisterTables>()
    .insertInto('register_statement')
    .values(row)
    .onConflict((conflict) => conflict.columns(['vendor', 'kind', 'key']).doUpdateSet(row))
    .execute();
  await blobs.use(tx, { kind: statementFiles, id: statementId(vendor, kind, key) }, files, 'files');
  await touchVendor(tx, platform, vendor, {});
  await recordChange(tx, platform, {
    ...by,
    act: 'register.state',
    subject: { kind: 'vendor', id: vendor },
    detail: { kind, key, source, asOf, files: files.map(({ hash }) => hash) },
  });
}

/** Takes a statement back: what it said is unknown again. Throws Problem 404. */
export async function unstate(
  tx: Tx,
  { platform, blobs }: StatedDeps,
  vendor: string,
  { kind, key }: Pick<Statement, 'kind' | 'key'>,
  by: By,
): Promise<void> {
  await lockVendor(tx, vendor);
  const gone = await tx
    .withTables<RegisterTables>()
    .deleteFrom('register_statement')
    .where('vendor', '=', vendor)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .executeTakeFirst();
  if (gone.numDeletedRows === 0n) throw notFound('statement');
  await blobs.use(tx, { kind: statementFiles, id: statementId(vendor, kind, key) }, [], 'files');
  await touchVendor(tx, platform, vendor, {});
  await recordChange(tx, platform, {
    ...by,
    act: 'register.unstate',
    subject: { kind: 'vendor', id: vendor },
    detail: { kind, key },
  });
}

/** The row of a statement whose value was checked. */
export function statementRow(
  { kind, key, value, source, asOf }: Statement,
  vendor: string,
  sealer: Sealer,
  { clock }: Platform,
  by: By,
) {
  const text = JSON.stringify(value);
  const sealed = isSealedKind(kind) ? sealer.seal(sealedOf(vendor, kind, key), Buffer.from(text)) : null;
  return {
    vendor,
    kind,
    key,
    value: sealed === null ? text : null,
    sealed,
    source,
    as_of: asOf,
    stated_at: new Date(clock.now()),
    stated_by: by.actor.name,
  };
}

/** What is stated of these vendors, by vendor, in order of kind and key. */
export async function readStatements(
  db: Db,
  { blobs, sealer }: StatedDeps,
  vendors: readonly string[],
): Promise<ReadonlyMap<string, KeptStatement[]>> {
  if (vendors.length === 0) return new Map();
  const rows = await db
    .withTables<RegisterTables>()
    .selectFrom('register_statement')
    .selectAll()
    .where('vendor', 'in', [...vendors])
    .orderBy('vendor')
    .orderBy('kind')
    .orderBy('key')
    .execute();
  const { open } = await sealer();
  const files = await blobs.used(
    statementFiles,
    rows.map((row) => statementId(row.vendor, row.kind, row.key)),
  );
  const kept = rows.map((row) => ({
    vendor: row.vendor,
    statement: keptStatement(row, open, files.get(statementId(row.vendor, row.kind, row.key)) ?? []),
  }));
  const byVendor = Map.groupBy(kept, ({ vendor }) => vendor);
  return new Map([...byVendor].map(([vendor, all]) => [vendor, all.map(({ statement }) => statement)]));
}

function keptStatement(
  row: Selectable<StatementRow>,
  open: Sealer['open'],
  files: KeptStatement['files'],
): KeptStatement {
  const { vendor, kind, key, sealed } = row;
  return {
    kind,
    key,
    value:
      sealed === null
        ? row.value
        : (JSON.parse(open(sealedOf(vendor, kind, key), sealed).toString()) as unknown),
    source: row.source,
    asOf: row.as_of,
    statedAt: row.stated_at,
    statedBy: row.stated_by,
    files,
  };
}
