import type { Selectable } from 'kysely';
import {
  type BlobInfo,
  type BlobRef,
  type Blobs,
  type By,
  type Db,
  invalid,
  newId,
  notFound,
  type Platform,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { type AgreementDates, type AgreementKind, stateOn } from './agreements.ts';
import { addDays, type Day, dayOf } from './days.ts';
import type { AgreementRow, RegisterTables } from './tables.ts';
import { lockVendor, touchVendor } from './vendors.ts';

/** An agreement as somebody enters it. */
export interface AgreementEntry extends AgreementDates {
  /** How long one may object to a new sub-processor, in days; null: it says nothing of that. */
  objectionDays: number | null;
  parties: string | null;
  reviewedBy: string | null;
  reviewedOn: string | null;
  note: string | null;
  source: string;
  asOf: string;
}

export interface KeptAgreement extends AgreementEntry {
  id: string;
  vendor: string;
  enteredAt: Date;
  enteredBy: string;
  files: readonly (BlobRef & BlobInfo)[];
}

export interface AgreedDeps {
  platform: Platform;
  blobs: Blobs;
}

/** What files are needed for, by `blob_use.kind`. */
export const agreementFiles = 'register.agreement';

/** Throws Problem 422 for dates that can't be. */
export function checkAgreement(given: AgreementDates, field = ''): void {
  const { signedOn, validFrom, validUntil, openEnded, endedOn } = given;
  if (openEnded && validUntil !== null) {
    throw invalid(`${field}openEnded`, 'it has a last day: it is not open-ended');
  }
  const first = validFrom ?? signedOn;
  if (first !== null && validUntil !== null && validUntil < first) {
    throw invalid(`${field}validUntil`, 'lies before it begins');
  }
  if (signedOn !== null && endedOn !== null && endedOn < signedOn) {
    throw invalid(`${field}endedOn`, 'lies before it was signed');
  }
}

/** Enters an agreement, or with `id` changes one. Returns its id. Throws Problem 404, 422. */
export async function writeAgreement(
  tx: Tx,
  { platform, blobs }: AgreedDeps,
  of: { vendor: string } | { id: string },
  given: AgreementEntry & { files: readonly BlobRef[] },
  by: By,
): Promise<string> {
  checkAgreement(given);
  const rows = tx.withTables<RegisterTables>();
  const isNew = 'vendor' in of;
  const id = isNew ? newId(platform.clock, platform.random) : of.id;
  const vendor = isNew ? of.vendor : await vendorOf(tx, id);
  await lockVendor(tx, vendor);
  const columns = agreementColumns(given);
  if (isNew) {
    const entered = { entered_at: new Date(platform.clock.now()), entered_by: by.actor.name };
    await rows
      .insertInto('register_agreement')
      .values({ id, vendor, ...columns, ...entered })
      .execute();
  } else {
    await rows.updateTable('register_agreement').set(columns).where('id', '=', id).execute();
  }
  await blobs.use(tx, { kind: agreementFiles, id }, given.files, 'files');
  await touchVendor(tx, platform, vendor, {});
  await recordChange(tx, platform, {
    ...by,
    act: isNew ? 'agreement.enter' : 'agreement.change',
    subject: { kind: 'vendor', id: vendor },
    detail: {
      agreement: id,
      kind: given.kind,
      signedOn: given.signedOn,
      validUntil: given.validUntil,
      endedOn: given.endedOn,
      objectionDays: given.objectionDays,
      files: given.files.map(({ hash }) => hash),
    },
  });
  return id;
}

/** Takes out an agreement that was entered by mistake. Throws Problem 404. */
export async function removeAgreement(
  tx: Tx,
  { platform, blobs }: AgreedDeps,
  id: string,
  by: By,
): Promise<void> {
  const vendor = await vendorOf(tx, id);
  await lockVendor(tx, vendor);
  await blobs.use(tx, { kind: agreementFiles, id }, [], 'files');
  await tx.withTables<RegisterTables>().deleteFrom('register_agreement').where('id', '=', id).execute();
  await touchVendor(tx, platform, vendor, {});
  await recordChange(tx, platform, {
    ...by,
    act: 'agreement.remove',
    subject: { kind: 'vendor', id: vendor },
    detail: { agreement: id },
  });
}

async function vendorOf(tx: Tx, id: string): Promise<string> {
  const row = await tx
    .withTables<RegisterTables>()
    .selectFrom('register_agreement')
    .select('vendor')
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('agreement');
  return row.vendor;
}

export function agreementColumns(given: AgreementEntry) {
  return {
    kind: given.kind,
    parties: given.parties,
    signed_on: given.signedOn,
    valid_from: given.validFrom,
    valid_until: given.validUntil,
    open_ended: given.openEnded,
    notice_days: given.noticeDays,
    objection_days: given.objectionDays,
    ended_on: given.endedOn,
    reviewed_by: given.reviewedBy,
    reviewed_on: given.reviewedOn,
    note: given.note,
    source: given.source,
    as_of: given.asOf,
  };
}

export const datesOf = (row: Selectable<AgreementRow>): AgreementDates & { kind: AgreementKind } => ({
  kind: row.kind,
  signedOn: row.signed_on,
  validFrom: row.valid_from,
  validUntil: row.valid_until,
  openEnded: row.open_ended,
  noticeDays: row.notice_days,
  endedOn: row.ended_on,
});

/** Agreements of these vendors, by vendor, the newest first. */
export async function readAgreements(
  db: Db,
  { blobs }: AgreedDeps,
  vendors: readonly string[],
): Promise<ReadonlyMap<string, KeptAgreement[]>> {
  if (vendors.length === 0) return new Map();
  const rows = await db
    .withTables<RegisterTables>()
    .selectFrom('register_agreement')
    .selectAll()
    .where('vendor', 'in', [...vendors])
    .orderBy('entered_at', 'desc')
    .orderBy('id')
    .execute();
  return Map.groupBy(await keptAgreements(rows, blobs), ({ vendor }) => vendor);
}

/** Signed agreements that run out within so many days, or ran out and were not ended: the soonest first; at most 500. */
export async function readDueAgreements(
  { platform, blobs }: AgreedDeps,
  within: number,
): Promise<(KeptAgreement & { vendorName: string })[]> {
  const rows = await platform.db
    .withTables<RegisterTables>()
    .selectFrom('register_agreement')
    .innerJoin('register_vendor', 'register_vendor.id', 'register_agreement.vendor')
    .selectAll('register_agreement')
    .select('register_vendor.name as vendor_name')
    .where('valid_until', 'is not', null)
    .where('valid_until', '<=', addDays(dayOf(platform.clock.now()), within))
    .where('signed_on', 'is not', null)
    .where('ended_on', 'is', null)
    .where('register_vendor.status', '<>', 'ended')
    .orderBy('valid_until')
    .orderBy('register_agreement.id')
    .limit(500)
    .execute();
  const kept = await keptAgreements(rows, blobs);
  return kept.map((one, index) => ({ ...one, vendorName: rows[index]?.vendor_name ?? one.vendor }));
}

async function keptAgreements(
  rows: readonly Selectable<AgreementRow>[],
  blobs: Blobs,
): Promise<KeptAgreement[]> {
  const files = await blobs.used(
    agreementFiles,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({
    ...datesOf(row),
    id: row.id,
    vendor: row.vendor,
    objectionDays: row.objection_days,
    parties: row.parties,
    reviewedBy: row.reviewed_by,
    reviewedOn: row.reviewed_on,
    note: row.note,
    source: row.source,
    asOf: row.as_of,
    enteredAt: row.entered_at,
    enteredBy: row.entered_by,
    files: files.get(row.id) ?? [],
  }));
}

/**
 * How long one may object to a new sub-processor of a vendor, by what is agreed and in force on a day: of several the
 * shortest, so that no date comes too late. Null: no agreement in force says so.
 */
export async function agreedObjectionDays(tx: Db | Tx, vendor: string, on: Day): Promise<number | null> {
  const rows = await tx
    .withTables<RegisterTables>()
    .selectFrom('register_agreement')
    .selectAll()
    .where('vendor', '=', vendor)
    .where('objection_days', 'is not', null)
    .execute();
  const days = rows.flatMap((row) =>
    row.objection_days !== null && stateOn(datesOf(row), on) === 'in_force' ? [row.objection_days] : [],
  );
  return days.length === 0 ? null : Math.min(...days);
}
