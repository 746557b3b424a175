import type { ContractDocument, FieldClass } from '@drawbridge/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../platform/index.ts';
import type { ConnectionTables, CutTreatment } from './tables.ts';

/** What severances hold cut off. It lies over what connections and contracts say, and changes neither of them. */

/** A vendor as a whole, one connection, or one field class to a vendor. */
export interface Cut {
  vendor: string | null;
  connection: string | null;
  field: { class: FieldClass; treatment: CutTreatment } | null;
}

/** Whether a connection is severed: it says so itself, or a severance holds it or its vendor. For queries of `connection`. */
export const effectiveState: RawBuilder<'open' | 'severed'> = sql`
  CASE WHEN connection.state = 'severed' OR EXISTS (
    SELECT 1 FROM severance_cut c
    WHERE c.lifted_at IS NULL AND c.field_class IS NULL
      AND (c.vendor = connection.vendor OR c.connection = connection.id))
  THEN 'severed' ELSE 'open' END`;

/** Severances that hold a connection as a whole. For queries of `connection`. */
export const holdingSeverances: RawBuilder<string[]> = sql`
  ARRAY(SELECT DISTINCT c.severance::text FROM severance_cut c
    WHERE c.lifted_at IS NULL AND c.field_class IS NULL
      AND (c.vendor = connection.vendor OR c.connection = connection.id) ORDER BY 1)`;

export async function insertCuts(tx: Tx, severance: string, cuts: readonly Cut[]): Promise<void> {
  if (cuts.length === 0) return;
  await tx
    .withTables<ConnectionTables>()
    .insertInto('severance_cut')
    .values(
      cuts.map(({ vendor, connection, field }) => ({
        severance,
        vendor,
        connection,
        field_class: field?.class ?? null,
        treatment: field?.treatment ?? null,
        lifted_at: null,
      })),
    )
    .execute();
}

/** Ends what one severance holds; what another one holds stays. */
export async function liftCuts(tx: Tx, severance: string, at: Date): Promise<void> {
  await tx
    .withTables<ConnectionTables>()
    .updateTable('severance_cut')
    .set({ lifted_at: at })
    .where('severance', '=', severance)
    .where('lifted_at', 'is', null)
    .execute();
}

/** Vendors that severances hold as a whole, in order. */
export async function severedVendors(db: Db | Tx): Promise<string[]> {
  const rows = await db
    .withTables<ConnectionTables>()
    .selectFrom('severance_cut')
    .select('vendor')
    .distinct()
    .where('lifted_at', 'is', null)
    .where('field_class', 'is', null)
    .where('vendor', 'is not', null)
    .orderBy('vendor')
    .execute();
  return rows.flatMap(({ vendor }) => vendor ?? []);
}

export type CutClasses = ReadonlyMap<FieldClass, CutTreatment>;

/** Field classes that are cut off from vendors. Where one severance drops a class and another refuses it, it is refused. */
export async function readCutClasses(db: Db | Tx): Promise<ReadonlyMap<string, CutClasses>> {
  const rows = await db
    .withTables<ConnectionTables>()
    .selectFrom('severance_cut')
    .select(['vendor', 'field_class', 'treatment'])
    .where('lifted_at', 'is', null)
    .where('field_class', 'is not', null)
    .orderBy('vendor')
    .orderBy('field_class')
    .execute();
  const found = new Map<string, Map<FieldClass, CutTreatment>>();
  for (const { vendor, field_class: name, treatment } of rows) {
    if (vendor === null || name === null || treatment === null) continue;
    const classes = found.get(vendor) ?? new Map<FieldClass, CutTreatment>();
    if (classes.get(name) !== 'refuse') classes.set(name, treatment);
    found.set(vendor, classes);
  }
  return found;
}

/** A contract’s rules with classes cut off: wherever the rules name the class, and where they do not. */
export function withCutClasses(rules: ContractDocument, cut: CutClasses): ContractDocument {
  if (cut.size === 0) return rules;
  const treatments = Object.fromEntries([...cut].map(([name, treatment]) => [name, { do: treatment }]));
  const properties = Object.entries(rules.properties).map(([name, one]) => {
    const treatment = cut.get(one.class);
    return [name, treatment === undefined ? one : { ...one, treatment: { do: treatment } }] as const;
  });
  return {
    ...rules,
    classes: { ...rules.classes, ...treatments },
    properties: Object.fromEntries(properties),
    ...(rules.text === undefined
      ? {}
      : { text: { ...rules.text, found: { ...rules.text.found, ...treatments } } }),
  };
}
