import { type Selectable, sql } from 'kysely';
import {
  type BlobInfo,
  type BlobRef,
  type Blobs,
  type By,
  type Db,
  invalid,
  newId,
  type Platform,
  readSetting,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { addDays, type Day, dayOf } from './days.ts';
import { type Rules, rulesSetting, tierOf } from './rules.ts';
import type { Outcome, RegisterTables, ReviewRow, VendorRow } from './tables.ts';
import { lockVendor } from './vendors.ts';

export interface ReviewEntry {
  reviewedOn: Day;
  outcome: Outcome;
  note: string;
  reviewer: string;
}
export interface KeptReview extends ReviewEntry {
  id: string;
  recordedAt: Date;
  files: readonly (BlobRef & BlobInfo)[];
}
interface ReviewDeps {
  platform: Platform;
  blobs: Blobs;
}

/** What files are needed for, by `blob_use.kind`. */
export const reviewFiles = 'register.review';

/**
 * When a vendor's next review is due; null: its tier asks for none, it has no tier, or it ended. One that was never reviewed, or
 * whose last review failed, is due since it was entered.
 */
export function nextReview(
  vendor: Pick<Selectable<VendorRow>, 'tier' | 'status' | 'reviewed_on' | 'entered_at'>,
  rules: Rules,
): Day | null {
  if (vendor.tier === null || vendor.status === 'ended') return null;
  const every = tierOf(rules, vendor.tier)?.reviewEveryDays ?? null;
  if (every === null) return null;
  return vendor.reviewed_on === null
    ? dayOf(vendor.entered_at.getTime())
    : addDays(vendor.reviewed_on, every);
}

/** Records a review. Returns its id. Throws Problem 404, 422 for a day that is still to come. */
export async function recordReview(
  tx: Tx,
  { platform, blobs }: ReviewDeps,
  vendor: string,
  given: ReviewEntry & { files: readonly BlobRef[] },
  by: By,
): Promise<string> {
  await lockVendor(tx, vendor);
  const today = dayOf(platform.clock.now());
  if (given.reviewedOn > today) throw invalid('reviewedOn', 'is still to come');
  const id = newId(platform.clock, platform.random);
  const { reviewedOn, outcome, note, reviewer, files } = given;
  await tx
    .withTables<RegisterTables>()
    .insertInto('register_review')
    .values({
      id,
      vendor,
      reviewed_on: reviewedOn,
      outcome,
      note,
      reviewer,
      recorded_at: new Date(platform.clock.now()),
    })
    .execute();
  await blobs.use(tx, { kind: reviewFiles, id }, files, 'files');
  await noteLastReview(tx, platform, [vendor]);
  await recordChange(tx, platform, {
    ...by,
    act: 'register.review',
    subject: { kind: 'vendor', id: vendor },
    detail: { review: id, reviewedOn, outcome, files: files.map(({ hash }) => hash) },
  });
  return id;
}

/** Notes at vendors the day of their last review; none where the last one failed. */
export async function noteLastReview(tx: Tx, platform: Platform, vendors: readonly string[]): Promise<void> {
  if (vendors.length === 0) return;
  const now = new Date(platform.clock.now());
  await sql`UPDATE register_vendor SET changed_at = ${now}, revision = revision + 1, reviewed_on = (
      SELECT CASE WHEN outcome = 'failed' THEN NULL ELSE reviewed_on END FROM register_review
      WHERE vendor = register_vendor.id ORDER BY reviewed_on DESC, recorded_at DESC, id DESC LIMIT 1)
    WHERE id IN (${sql.join(vendors)})`.execute(tx);
}

/** Reviews of these vendors, by vendor, the newest first. */
export async function readReviews(
  db: Db,
  { blobs }: ReviewDeps,
  vendors: readonly string[],
): Promise<ReadonlyMap<string, KeptReview[]>> {
  if (vendors.length === 0) return new Map();
  const rows = await db
    .withTables<RegisterTables>()
    .selectFrom('register_review')
    .selectAll()
    .where('vendor', 'in', [...vendors])
    .orderBy('reviewed_on', 'desc')
    .orderBy('recorded_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  const files = await blobs.used(
    reviewFiles,
    rows.map(({ id }) => id),
  );
  const byVendor = Map.groupBy(rows, ({ vendor }) => vendor);
  return new Map(
    [...byVendor].map(([vendor, all]) => [
      vendor,
      all.map((row) => keptReview(row, files.get(row.id) ?? [])),
    ]),
  );
}

const keptReview = (row: Selectable<ReviewRow>, files: KeptReview['files']): KeptReview => ({
  id: row.id,
  reviewedOn: row.reviewed_on,
  outcome: row.outcome,
  note: row.note,
  reviewer: row.reviewer,
  recordedAt: row.recorded_at,
  files,
});

/** One thing that falls due on a day. `id`: of the agreement or the exception. */
export interface DueItem {
  on: Day;
  kind: 'review' | 'agreement' | 'exception';
  vendor: string;
  vendorName: string;
  id: string | null;
  text: string;
}

const MOST_DUE = 2_000;

/** What falls due from a day to another, both with it; what was due before and is not done stands at its own day. */
export async function dueBetween(platform: Platform, from: Day, to: Day): Promise<DueItem[]> {
  const rows = platform.db.withTables<
    RegisterTables & { connection: { id: string; vendor: string; name: string } }
  >();
  const rules = await readSetting(platform.db, rulesSetting);
  const reviewed = rules.tiers.flatMap(({ id, reviewEveryDays }) => (reviewEveryDays === null ? [] : [id]));
  const [vendors, agreements, exceptions] = await Promise.all([
    reviewed.length === 0
      ? []
      : rows
          .selectFrom('register_vendor')
          .select(['id', 'name', 'tier', 'status', 'reviewed_on', 'entered_at'])
          .where('tier', 'in', reviewed)
          .where('status', '<>', 'ended')
          .execute(),
    rows
      .selectFrom('register_agreement')
      .innerJoin('register_vendor', 'register_vendor.id', 'register_agreement.vendor')
      .select(['register_agreement.id', 'vendor', 'name', 'kind', 'valid_until'])
      .where('valid_until', '>=', from)
      .where('valid_until', '<=', to)
      .where('signed_on', 'is not', null)
      .where('ended_on', 'is', null)
      .limit(MOST_DUE)
      .execute(),
    rows
      .selectFrom('register_exception')
      .innerJoin('connection', 'connection.id', 'register_exception.connection')
      .select(['register_exception.id', 'connection.vendor', 'connection.name', 'until'])
      .where('ended_at', 'is', null)
      .where('until', '>=', new Date(`${from}T00:00:00Z`))
      .where('until', '<', new Date(`${addDays(to, 1)}T00:00:00Z`))
      .limit(MOST_DUE)
      .execute(),
  ]);
  const items: DueItem[] = [
    ...vendors.flatMap((vendor): DueItem[] => {
      const on = nextReview(vendor, rules);
      if (on === null || on < from || on > to) return [];
      return [
        { on, kind: 'review', vendor: vendor.id, vendorName: vendor.name, id: null, text: 'A review is due' },
      ];
    }),
    ...agreements.map(
      (one): DueItem => ({
        on: one.valid_until ?? from,
        kind: 'agreement',
        vendor: one.vendor,
        vendorName: one.name,
        id: one.id,
        text: `The ${one.kind.toUpperCase()} runs out`,
      }),
    ),
    ...exceptions.map(
      (one): DueItem => ({
        on: dayOf(one.until.getTime()),
        kind: 'exception',
        vendor: one.vendor,
        vendorName: one.name,
        id: one.id,
        text: 'An exception ends',
      }),
    ),
  ];
  return items
    .toSorted((a, b) => (a.on === b.on ? a.vendor.localeCompare(b.vendor) : a.on < b.on ? -1 : 1))
    .slice(0, MOST_DUE);
}
