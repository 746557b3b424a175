import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { type BlobRef, type By, invalid, readSetting, recordChange, type Tx } from '../platform/index.ts';
import { agreementColumns, agreementFiles, checkAgreement } from './agreed.ts';
import { withParts } from './export.ts';
import type { Incoming } from './incoming.ts';
import type { PortableVendor } from './portable.ts';
import { noteLastReview, reviewFiles } from './reviews.ts';
import { asksLess, rulesSetting, tierOf } from './rules.ts';
import { type StatedDeps, statementFiles, statementId, statementRow } from './stated.ts';
import type { RegisterTables } from './tables.ts';
import { isVendorId } from './vendors.ts';

/** Taking vendors in from a file: what that would change, and doing it. */

/** What an import does to one vendor. */
export interface Effect {
  id: string;
  name: string;
  effect: 'new' | 'changed' | 'same';
  /** What is otherwise: fields, and statements by kind and key. */
  changes: readonly string[];
  /** What the file has otherwise and stays as it is: a status moves by itself, and a tier by who may decide. */
  kept: readonly string[];
}

const CHUNK = 500;
const LOCK = 4_400_441_39;
const fields = ['name', 'owner', 'purpose', 'category', 'domain', 'criticality', 'tier'] as const;
type Field = (typeof fields)[number];

interface Plan {
  effects: Effect[];
  before: ReadonlyMap<string, PortableVendor>;
}

/** What the import would do. Throws Problem 422 for what can't be taken in. Reads, and changes nothing. */
export async function planImport(deps: StatedDeps, incoming: readonly Incoming[]): Promise<Plan> {
  const { db } = deps.platform;
  const rules = await readSetting(db, rulesSetting);
  for (const [index, vendor] of incoming.entries()) {
    const place = `content.vendors.${index}`;
    if (!isVendorId(vendor.id)) throw invalid(`${place}.id`, `"${vendor.id}" can not be a vendor’s id`);
    if (vendor.tier && tierOf(rules, vendor.tier) === undefined) {
      throw invalid(`${place}.tier`, 'there is no such tier here; make it first, or leave it out');
    }
    for (const [at, one] of vendor.agreements.entries()) checkAgreement(one, `${place}.agreements.${at}.`);
  }
  const before = new Map<string, PortableVendor>();
  for (const ids of chunksOf(incoming.map(({ id }) => id))) {
    const rows = await db
      .withTables<RegisterTables>()
      .selectFrom('register_vendor')
      .selectAll()
      .where('id', 'in', ids)
      .execute();
    for (const one of await withParts(deps, rows)) before.set(one.id, one);
  }
  return { effects: incoming.map((vendor) => effectOf(vendor, before.get(vendor.id))), before };
}

function effectOf(vendor: Incoming, before: PortableVendor | undefined): Effect {
  const { id, name } = vendor;
  if (before === undefined) return { id, name, effect: 'new', changes: [], kept: [] };
  const kept = keptOf(vendor, before);
  const changed = fields.filter(
    (field) => vendor[field] !== undefined && vendor[field] !== before[field] && !kept.includes(field),
  );
  const parts = [
    ...partsThatDiffer(vendor.statements, before.statements, ({ kind, key }) => `${kind} ${key}`.trim()),
    ...partsThatDiffer(vendor.agreements, before.agreements, (one) => `agreement ${one.id}`),
    ...partsThatDiffer(vendor.reviews, before.reviews, (one) => `review ${one.id}`),
  ];
  const changes = [...changed, ...parts];
  return { id, name, effect: changes.length === 0 ? 'same' : 'changed', changes, kept };
}

function keptOf(vendor: Incoming, before: PortableVendor): string[] {
  const status = vendor.status !== undefined && vendor.status !== before.status;
  const tier = vendor.tier !== undefined && before.tier !== null && vendor.tier !== before.tier;
  return [...(status ? ['status'] : []), ...(tier ? ['tier'] : [])];
}

function partsThatDiffer<T>(given: readonly T[], before: readonly T[], name: (one: T) => string): string[] {
  const old = new Map(before.map((one) => [name(one), one]));
  return given.filter((one) => !isDeepStrictEqual(one, old.get(name(one)))).map(name);
}

/**
 * Imports come one after another: each sees what the one before did. Vendors that are there stay as they are from here on, so that what
 * people change meanwhile is neither missed nor written over.
 */
export async function oneImport(tx: Tx, incoming: readonly Pick<Incoming, 'id'>[]): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(tx);
  for (const ids of chunksOf(incoming.map(({ id }) => id).toSorted())) {
    await tx
      .withTables<RegisterTables>()
      .selectFrom('register_vendor')
      .select('id')
      .where('id', 'in', ids)
      .orderBy('id')
      .forUpdate()
      .execute();
  }
}

/** Does it, in the caller's transaction. `mayDecide` is asked before a vendor gets a tier that asks for less than the usual one. Returns hashes of files that the import names and that are not here. */
export async function applyImport(
  tx: Tx,
  deps: StatedDeps,
  incoming: readonly Incoming[],
  { effects, before }: Plan,
  by: By,
  mayDecide: () => Promise<void>,
): Promise<string[]> {
  const { platform } = deps;
  const given = await readSetting(tx, rulesSetting);
  const tierless = incoming.filter(({ id }) => (before.get(id)?.tier ?? null) === null);
  if (tierless.some(({ tier }) => tier && asksLess(given, tier))) await mayDecide();
  const now = new Date(platform.clock.now());
  const rows = tx.withTables<RegisterTables>();
  const effectOfId = new Map(effects.map((one) => [one.id, one]));
  const touched = incoming.filter(({ id }) => effectOfId.get(id)?.effect !== 'same');
  const sealer = await deps.sealer();
  const files = await filesHere(tx, touched);
  for (const chunk of chunksOf(touched)) {
    const vendors = chunk.map((vendor) => {
      const old = before.get(vendor.id);
      const kept = effectOfId.get(vendor.id)?.kept ?? [];
      const value = <F extends Field>(field: F) =>
        vendor[field] === undefined || kept.includes(field) ? old?.[field] : vendor[field];
      return {
        id: vendor.id,
        name: vendor.name,
        status: old?.status ?? vendor.status ?? ('candidate' as const),
        owner: value('owner') ?? null,
        purpose: value('purpose') ?? null,
        category: value('category') ?? null,
        domain: value('domain') ?? null,
        criticality: value('criticality') ?? ('unknown' as const),
        tier: value('tier') ?? null,
        reviewed_on: null,
        revision: 1,
        entered_at: now,
        entered_by: by.actor.name,
        changed_at: now,
      };
    });
    await rows
      .insertInto('register_vendor')
      .values(vendors)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((row) => ({
          ...Object.fromEntries(fields.map((field) => [field, row.ref(`excluded.${field}`)] as const)),
          // Never another one than was set, whoever set it meanwhile.
          tier: sql<string | null>`coalesce(register_vendor.tier, excluded.tier)`,
          changed_at: now,
          revision: sql<number>`register_vendor.revision + 1`,
        })),
      )
      .execute();
  }
  const statements = touched.flatMap((vendor) =>
    vendor.statements.map((one) => statementRow(one, vendor.id, sealer, platform, by)),
  );
  for (const chunk of chunksOf(statements)) {
    await rows
      .insertInto('register_statement')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['vendor', 'kind', 'key']).doUpdateSet((row) => ({
          value: row.ref('excluded.value'),
          sealed: row.ref('excluded.sealed'),
          source: row.ref('excluded.source'),
          as_of: row.ref('excluded.as_of'),
          stated_at: row.ref('excluded.stated_at'),
          stated_by: row.ref('excluded.stated_by'),
        })),
      )
      .execute();
  }
  await writeAgreements(tx, touched, by);
  await writeReviews(tx, touched);
  for (const { of, refs } of files.uses) await deps.blobs.use(tx, of, refs, 'content');
  for (const chunk of chunksOf(touched.map(({ id }) => id))) await noteLastReview(tx, platform, chunk);
  const count = (effect: Effect['effect']) => effects.filter((one) => one.effect === effect).length;
  await recordChange(tx, platform, {
    ...by,
    act: 'register.import',
    subject: { kind: 'register', id: 'vendors' },
    detail: { new: count('new'), changed: count('changed'), same: count('same') },
  });
  return files.missing;
}

async function writeAgreements(tx: Tx, vendors: readonly Incoming[], by: By): Promise<void> {
  const all = vendors.flatMap(({ id, agreements }) =>
    agreements.map((one) => ({
      id: one.id,
      vendor: id,
      ...agreementColumns(one),
      entered_at: new Date(one.enteredAt),
      entered_by: by.actor.name,
    })),
  );
  for (const chunk of chunksOf(all)) {
    const written = await tx
      .withTables<RegisterTables>()
      .insertInto('register_agreement')
      .values(chunk)
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet((row) =>
            Object.fromEntries(
              agreementColumnNames.map((name) => [name, row.ref(`excluded.${name}`)] as const),
            ),
          )
          // An id that is another vendor's agreement stays that vendor's.
          .whereRef('register_agreement.vendor', '=', 'excluded.vendor'),
      )
      .executeTakeFirst();
    expectAll(written.numInsertedOrUpdatedRows, chunk.length, 'agreement');
  }
}

const agreementColumnNames = [
  'kind',
  'parties',
  'signed_on',
  'valid_from',
  'valid_until',
  'open_ended',
  'notice_days',
  'objection_days',
  'ended_on',
  'reviewed_by',
  'reviewed_on',
  'note',
  'source',
  'as_of',
] as const;

async function writeReviews(tx: Tx, vendors: readonly Incoming[]): Promise<void> {
  const all = vendors.flatMap(({ id, reviews }) =>
    reviews.map((one) => ({
      id: one.id,
      vendor: id,
      reviewed_on: one.reviewedOn,
      outcome: one.outcome,
      note: one.note,
      reviewer: one.reviewer,
      recorded_at: new Date(one.recordedAt),
    })),
  );
  for (const chunk of chunksOf(all)) {
    const written = await tx
      .withTables<RegisterTables>()
      .insertInto('register_review')
      .values(chunk)
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet((row) => ({
            reviewed_on: row.ref('excluded.reviewed_on'),
            outcome: row.ref('excluded.outcome'),
            note: row.ref('excluded.note'),
            reviewer: row.ref('excluded.reviewer'),
            recorded_at: row.ref('excluded.recorded_at'),
          }))
          .whereRef('register_review.vendor', '=', 'excluded.vendor'),
      )
      .executeTakeFirst();
    expectAll(written.numInsertedOrUpdatedRows, chunk.length, 'review');
  }
}

function expectAll(written: bigint | undefined, asked: number, what: string): void {
  if (Number(written ?? 0n) === asked) return;
  throw invalid(
    'content',
    `an id of one ${what} belongs to a ${what} of another vendor here; leave those ids as they were`,
  );
}

interface Use {
  of: { kind: string; id: string };
  refs: BlobRef[];
}

/** Which files the vendors name, those that are here and those that are not. */
async function filesHere(tx: Tx, vendors: readonly Incoming[]): Promise<{ uses: Use[]; missing: string[] }> {
  const named = vendors.flatMap((vendor): Use[] => [
    ...vendor.statements.map(({ kind, key, files }) => ({
      of: { kind: statementFiles, id: statementId(vendor.id, kind, key) },
      refs: files,
    })),
    ...vendor.agreements.map(({ id, files }) => ({ of: { kind: agreementFiles, id }, refs: files })),
    ...vendor.reviews.map(({ id, files }) => ({ of: { kind: reviewFiles, id }, refs: files })),
  ]);
  const asked = named.filter(({ refs }) => refs.length > 0);
  const hashes = [...new Set(asked.flatMap(({ refs }) => refs.map(({ hash }) => hash)))];
  const here = new Set<string>();
  for (const chunk of chunksOf(hashes)) {
    const found = await tx
      .withTables<{ blob: { hash: string | null } }>()
      .selectFrom('blob')
      .select('hash')
      .where('hash', 'in', chunk)
      .execute();
    for (const { hash } of found) if (hash !== null) here.add(hash);
  }
  return {
    uses: asked.map(({ of, refs }) => ({ of, refs: refs.filter(({ hash }) => here.has(hash)) })),
    missing: hashes.filter((hash) => !here.has(hash)),
  };
}

function chunksOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, n) =>
    all.slice(n * CHUNK, (n + 1) * CHUNK),
  );
}
