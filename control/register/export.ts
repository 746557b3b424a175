import type { Selectable } from 'kysely';
import { type BlobRef, csvLine } from '../platform/index.ts';
import { type KeptAgreement, readAgreements } from './agreed.ts';
import { columns, FORMAT, type PortableVendor } from './portable.ts';
import { type KeptReview, readReviews } from './reviews.ts';
import { type KeptStatement, readStatements, type StatedDeps } from './stated.ts';
import type { RegisterTables, VendorRow } from './tables.ts';

/** Vendors that are read at once. */
const BATCH = 250;

/** The whole register as JSON text, in pieces, in order of ids. */
export async function* exportJson(deps: StatedDeps): AsyncGenerator<string> {
  yield `{"format":${JSON.stringify(FORMAT)},"vendors":[`;
  let isFirst = true;
  for await (const batch of portables(deps)) {
    const text = batch.map((one) => JSON.stringify(one)).join(',\n');
    yield isFirst ? `\n${text}` : `,\n${text}`;
    isFirst = false;
  }
  yield '\n]}\n';
}

/** The vendors as a table (RFC 4180) that no spreadsheet takes for formulas. An empty cell: unknown. */
export async function* exportCsv(deps: StatedDeps): AsyncGenerator<string> {
  yield csvLine(columns);
  for await (const batch of portables(deps)) {
    yield batch
      .map((vendor) => {
        const legal = vendor.statements.find(({ kind }) => kind === 'legal_name')?.value;
        const cells = { ...vendor, legal_name: typeof legal === 'string' ? legal : null };
        return csvLine(columns.map((column) => cells[column] ?? ''));
      })
      .join('');
  }
}

async function* portables(deps: StatedDeps): AsyncGenerator<PortableVendor[]> {
  const { db } = deps.platform;
  for (let after = ''; ; ) {
    const rows = await db
      .withTables<RegisterTables>()
      .selectFrom('register_vendor')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .limit(BATCH)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
    yield await withParts(deps, rows);
  }
}

/** These vendors as an export has them. */
export async function withParts(
  deps: StatedDeps,
  rows: readonly Selectable<VendorRow>[],
): Promise<PortableVendor[]> {
  const { db } = deps.platform;
  const ids = rows.map(({ id }) => id);
  const [statements, agreements, reviews] = await Promise.all([
    readStatements(db, deps, ids),
    readAgreements(db, deps, ids),
    readReviews(db, deps, ids),
  ]);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    owner: row.owner,
    purpose: row.purpose,
    category: row.category,
    domain: row.domain,
    criticality: row.criticality,
    tier: row.tier,
    status: row.status,
    statements: (statements.get(row.id) ?? []).map(portableStatement),
    agreements: (agreements.get(row.id) ?? []).map(portableAgreement).toSorted(byId),
    reviews: (reviews.get(row.id) ?? []).map(portableReview).toSorted(byId),
  }));
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
const refs = (files: readonly BlobRef[]): BlobRef[] => files.map(({ hash, name }) => ({ hash, name }));

const portableStatement = (one: KeptStatement): PortableVendor['statements'][number] => ({
  kind: one.kind,
  key: one.key,
  value: one.value,
  source: one.source,
  asOf: one.asOf,
  files: refs(one.files),
});

function portableAgreement(one: KeptAgreement): PortableVendor['agreements'][number] {
  const { vendor: _, enteredBy: __, enteredAt, files, ...rest } = one;
  return { ...rest, enteredAt: enteredAt.toISOString(), files: refs(files) };
}

const portableReview = (one: KeptReview): PortableVendor['reviews'][number] => ({
  id: one.id,
  reviewedOn: one.reviewedOn,
  outcome: one.outcome,
  note: one.note,
  reviewer: one.reviewer,
  recordedAt: one.recordedAt.toISOString(),
  files: refs(one.files),
});
