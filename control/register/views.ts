import type { z } from '@hono/zod-openapi';
import { type BlobInfo, type BlobRef, blobView } from '../platform/index.ts';
import type { KeptAgreement } from './agreed.ts';
import { dueOn, noticeBy, stateOn } from './agreements.ts';
import type { Day } from './days.ts';
import { missingOf } from './missing.ts';
import type { Entry } from './register.ts';
import type { Intake } from './requests.ts';
import { type KeptReview, nextReview } from './reviews.ts';
import type { Rules } from './rules.ts';
import type {
  AgreementSchema,
  IntakeSchema,
  RegisterEntrySchema,
  ReviewSchema,
  StandingSchema,
  StatementSchema,
  VendorLineSchema,
} from './schemas.ts';
import type { Standing } from './standing.ts';
import type { KeptStatement } from './stated.ts';
import { movesFrom } from './status.ts';
import type { VendorRow } from './tables.ts';
import type { Undeleted } from './undeleted.ts';

/** What the register holds, as the API shows it. */

const fileView = (file: BlobRef & BlobInfo) => ({ ...blobView(file), name: file.name });

export const lineView = (row: VendorRow, rules: Rules): z.infer<typeof VendorLineSchema> => ({
  id: row.id,
  name: row.name,
  status: row.status,
  owner: row.owner,
  category: row.category,
  domain: row.domain,
  criticality: row.criticality,
  tier: row.tier,
  reviewedOn: row.reviewed_on,
  nextReview: nextReview(row, rules),
});

export const statementView = (one: KeptStatement): z.infer<typeof StatementSchema> => ({
  ...one,
  statedAt: one.statedAt.toISOString(),
  files: one.files.map(fileView),
});

export const agreementView = (one: KeptAgreement, today: Day): z.infer<typeof AgreementSchema> => ({
  id: one.id,
  vendor: one.vendor,
  kind: one.kind,
  state: stateOn(one, today),
  due: dueOn(one, today),
  noticeBy: noticeBy(one),
  parties: one.parties,
  signedOn: one.signedOn,
  validFrom: one.validFrom,
  validUntil: one.validUntil,
  openEnded: one.openEnded,
  noticeDays: one.noticeDays,
  objectionDays: one.objectionDays,
  endedOn: one.endedOn,
  reviewedBy: one.reviewedBy,
  reviewedOn: one.reviewedOn,
  note: one.note,
  source: one.source,
  asOf: one.asOf,
  enteredAt: one.enteredAt.toISOString(),
  enteredBy: one.enteredBy,
  files: one.files.map(fileView),
});

export const reviewView = (one: KeptReview): z.infer<typeof ReviewSchema> => ({
  ...one,
  recordedAt: one.recordedAt.toISOString(),
  files: one.files.map(fileView),
});

export const standingView = (standing: Standing): z.infer<typeof StandingSchema> => ({
  open: standing.open,
  reasons: standing.open ? [] : [...standing.reasons],
  missing: [...standing.missing],
  runsOut: [...standing.runsOut],
});

export const intakeView = ({
  connection,
  request,
  exceptions,
  standing,
}: Intake): z.infer<typeof IntakeSchema> => ({
  connection,
  request:
    request === null ? null : { ...request, data: [...request.data], askedAt: request.askedAt.toISOString() },
  exceptions: exceptions.map((one) => ({
    ...one,
    until: one.until.toISOString(),
    grantedAt: one.grantedAt.toISOString(),
    endedAt: one.endedAt?.toISOString() ?? null,
  })),
  standing: standingView(standing),
});

const undeletedView = ({ classes, people }: Undeleted) => ({ classes: [...classes], people });

export function entryView(
  entry: Entry,
  { intakes, undeleted, today }: { intakes: readonly Intake[]; undeleted: Undeleted; today: Day },
): z.infer<typeof RegisterEntrySchema> {
  const { vendor } = entry;
  return {
    id: vendor.id,
    name: vendor.name,
    status: vendor.status,
    mayMoveTo: [...movesFrom(vendor.status)],
    owner: vendor.owner,
    purpose: vendor.purpose,
    category: vendor.category,
    domain: vendor.domain,
    criticality: vendor.criticality,
    tier: vendor.tier,
    reviewedOn: vendor.reviewed_on,
    nextReview: entry.nextReview,
    enteredAt: vendor.entered_at.toISOString(),
    enteredBy: vendor.entered_by,
    statements: entry.statements.map(statementView),
    agreements: entry.agreements.map((one) => agreementView(one, today)),
    reviews: entry.reviews.map(reviewView),
    connections: intakes.map(intakeView),
    undeleted: undeletedView(undeleted),
    missing: missingOf(entry, today),
  };
}

/** A vendor that is connected and was never entered. */
export function notEnteredView(
  id: string,
  name: string,
  intakes: readonly Intake[],
  undeleted: Undeleted,
): z.infer<typeof RegisterEntrySchema> {
  return {
    id,
    name,
    status: 'not_entered',
    mayMoveTo: [],
    owner: null,
    purpose: null,
    category: null,
    domain: null,
    criticality: 'unknown',
    tier: null,
    reviewedOn: null,
    nextReview: null,
    enteredAt: null,
    enteredBy: null,
    statements: [],
    agreements: [],
    reviews: [],
    connections: intakes.map(intakeView),
    undeleted: undeletedView(undeleted),
    missing: [{ code: 'not_entered', text: 'It is connected, and nobody entered it in the register.' }],
  };
}
