import { z } from '@hono/zod-openapi';
import { BlobRefSchema, NamedBlobSchema, ReasonSchema } from '../platform/index.ts';
import { agreementKinds, agreementStates } from './agreements.ts';
import { statementKinds } from './statements.ts';
import { criticalities, statuses } from './status.ts';
import { outcomes } from './tables.ts';

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((given) => !given.includes('\0'), 'holds a NUL character; leave it out');
const Day = z.iso.date();
export const VendorIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'a vendor’s id has lower-case letters, digits and hyphens, at most 61')
  .openapi({ example: 'mixpanel' });
export const SourceSchema = text(500).openapi({
  description: 'Whose word it is, or where one reads it',
  example: 'https://example.com/dpa',
});
const Domain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'is no domain, such as example.com');

/** What is entered of a vendor; null: unknown. */
export const vendorFields = {
  name: text(120),
  owner: text(120).nullable(),
  purpose: text(1000).nullable(),
  category: text(60).nullable(),
  domain: Domain.nullable(),
  criticality: z.enum(criticalities),
  tier: z.string().max(31).nullable(),
};
const fields = z.strictObject(vendorFields).partial();

export const EnterSchema = fields
  .extend({ id: VendorIdSchema, name: vendorFields.name, reason: ReasonSchema })
  .openapi('VendorEntry');
export const ChangeSchema = fields.extend({ reason: ReasonSchema }).openapi('VendorChange');
export const MoveSchema = z
  .strictObject({ to: z.enum(statuses), reason: ReasonSchema })
  .openapi('VendorMove');

const files = z.array(BlobRefSchema).max(20).default([]);
export const StateSchema = z
  .strictObject({
    kind: z.enum(statementKinds),
    key: z.string().max(120).default(''),
    value: z.unknown(),
    source: SourceSchema,
    asOf: Day,
    files,
    reason: ReasonSchema,
  })
  .openapi('VendorStatementEntry');
export const UnstateSchema = z
  .strictObject({ kind: z.enum(statementKinds), key: z.string().max(120).default(''), reason: ReasonSchema })
  .openapi('VendorStatementRemoval');

export const agreementFields = {
  kind: z.enum(agreementKinds),
  parties: text(500).nullable().default(null),
  signedOn: Day.nullable().default(null),
  validFrom: Day.nullable().default(null),
  validUntil: Day.nullable()
    .default(null)
    .openapi({ description: 'Its last day; null: open-ended, or unknown' }),
  openEnded: z.boolean().default(false),
  noticeDays: z.int().min(0).max(3660).nullable().default(null),
  objectionDays: z.int().min(0).max(365).nullable().default(null).openapi({
    description: 'How long one may object to a new sub-processor, in days; null: it says nothing of that',
  }),
  endedOn: Day.nullable().default(null),
  reviewedBy: text(120).nullable().default(null),
  reviewedOn: Day.nullable().default(null),
  note: text(2000).nullable().default(null),
  source: SourceSchema,
  asOf: Day,
};
export const AgreementEntrySchema = z
  .strictObject({ ...agreementFields, files, reason: ReasonSchema })
  .openapi('AgreementEntry');

export const reviewFields = {
  reviewedOn: Day,
  outcome: z.enum(outcomes),
  note: text(4000),
  reviewer: text(120),
};
export const ReviewEntrySchema = z
  .strictObject({ ...reviewFields, files, reason: ReasonSchema })
  .openapi('VendorReviewEntry');

export const RequestEntrySchema = z
  .strictObject({
    purpose: text(1000),
    data: z.array(text(120)).max(60),
    owner: text(120),
    tier: z.string().max(31).optional(),
    reason: ReasonSchema,
  })
  .openapi('ConnectionRequestEntry');
export const ExceptionEntrySchema = z
  .strictObject({ owner: text(120), until: z.iso.datetime({ offset: true }), reason: ReasonSchema })
  .openapi('ConnectionExceptionEntry');

const Named = z.array(NamedBlobSchema);
const ReasonOf = z.object({ code: z.string(), text: z.string() });
export const StandingSchema = z
  .object({
    open: z.boolean(),
    reasons: z.array(ReasonOf).openapi({ description: 'Why it is closed' }),
    missing: z
      .array(ReasonOf)
      .openapi({ description: 'What does not hold, also where it is open all the same' }),
    runsOut: z.array(z.object({ code: z.string(), text: z.string(), on: z.string() })),
  })
  .openapi('ConnectionStanding');

export const StatementSchema = z
  .object({
    kind: z.enum(statementKinds),
    key: z.string(),
    value: z.unknown(),
    source: z.string(),
    asOf: z.string(),
    statedAt: z.string(),
    statedBy: z.string(),
    files: Named,
  })
  .openapi('VendorStatement');
export const AgreementSchema = z
  .object({
    id: z.string(),
    vendor: z.string(),
    kind: z.enum(agreementKinds),
    state: z.enum(agreementStates),
    due: z.enum(['90', '30', '7', 'over']).nullable(),
    noticeBy: z.string().nullable(),
    parties: z.string().nullable(),
    signedOn: z.string().nullable(),
    validFrom: z.string().nullable(),
    validUntil: z.string().nullable(),
    openEnded: z.boolean(),
    noticeDays: z.number().nullable(),
    objectionDays: z.number().nullable(),
    endedOn: z.string().nullable(),
    reviewedBy: z.string().nullable(),
    reviewedOn: z.string().nullable(),
    note: z.string().nullable(),
    source: z.string(),
    asOf: z.string(),
    enteredAt: z.string(),
    enteredBy: z.string(),
    files: Named,
  })
  .openapi('Agreement');
export const DueAgreementSchema = z
  .object({ ...AgreementSchema.shape, vendorName: z.string() })
  .openapi('DueAgreement');
export const ReviewSchema = z
  .object({
    id: z.string(),
    reviewedOn: z.string(),
    outcome: z.enum(outcomes),
    note: z.string(),
    reviewer: z.string(),
    recordedAt: z.string(),
    files: Named,
  })
  .openapi('VendorReview');

export const VendorLineSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(statuses),
    owner: z.string().nullable(),
    category: z.string().nullable(),
    domain: z.string().nullable(),
    criticality: z.enum(criticalities),
    tier: z.string().nullable(),
    reviewedOn: z.string().nullable(),
    nextReview: z.string().nullable(),
  })
  .openapi('RegisterLine');
export const IntakeSchema = z
  .object({
    connection: z.object({ id: z.string(), name: z.string(), vendor: z.string() }),
    request: z
      .object({
        purpose: z.string(),
        data: z.array(z.string()),
        owner: z.string(),
        tier: z.string(),
        askedAt: z.string(),
        askedBy: z.string(),
      })
      .nullable(),
    exceptions: z.array(
      z.object({
        id: z.string(),
        owner: z.string(),
        reason: z.string(),
        until: z.string(),
        grantedAt: z.string(),
        grantedBy: z.string(),
        endedAt: z.string().nullable(),
      }),
    ),
    standing: StandingSchema,
  })
  .openapi('ConnectionIntake');
export const RegisterEntrySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum([...statuses, 'not_entered']).openapi({
      description: '`not_entered`: it is connected, and nobody entered it; that is no approval',
    }),
    mayMoveTo: z.array(z.enum(statuses)),
    owner: z.string().nullable(),
    purpose: z.string().nullable(),
    category: z.string().nullable(),
    domain: z.string().nullable(),
    criticality: z.enum(criticalities),
    tier: z.string().nullable(),
    reviewedOn: z.string().nullable(),
    nextReview: z.string().nullable(),
    enteredAt: z.string().nullable(),
    enteredBy: z.string().nullable(),
    statements: z.array(StatementSchema),
    agreements: z.array(AgreementSchema),
    reviews: z.array(ReviewSchema),
    connections: z.array(IntakeSchema),
    undeleted: z.object({ classes: z.array(z.string()), people: z.number() }),
    missing: z.array(z.object({ code: z.string(), text: z.string() })).openapi({
      description: 'What is not entered, or does not hold: unknown, never taken to be good',
    }),
  })
  .openapi('RegisterEntry');
export const DueItemSchema = z
  .object({
    on: z.string(),
    kind: z.enum(['review', 'agreement', 'exception']),
    vendor: z.string(),
    vendorName: z.string(),
    id: z.string().nullable(),
    text: z.string(),
  })
  .openapi('VendorDueItem');

export const ImportedSchema = z
  .object({
    counts: z.object({ new: z.number(), changed: z.number(), same: z.number() }),
    effects: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          effect: z.enum(['new', 'changed', 'same']),
          changes: z.array(z.string()),
          kept: z.array(z.string()),
        }),
      )
      .openapi({ description: 'Of the first vendors that are new, changed, or keep something' }),
    unread: z.array(z.string()).openapi({ description: 'Columns or members that nothing is made of' }),
    missingFiles: z.array(z.string()).openapi({ description: 'Hashes of files that are not here' }),
  })
  .openapi('RegisterImported');

/** As the API answers, for those that show it. */
export type RegisterImportedView = z.infer<typeof ImportedSchema>;
export type RegisterEntryView = z.infer<typeof RegisterEntrySchema>;
export type RegisterLineView = z.infer<typeof VendorLineSchema>;
export type StatementView = z.infer<typeof StatementSchema>;
export type AgreementView = z.infer<typeof AgreementSchema>;
export type DueAgreementView = z.infer<typeof DueAgreementSchema>;
export type IntakeView = z.infer<typeof IntakeSchema>;
export type DueItemView = z.infer<typeof DueItemSchema>;
