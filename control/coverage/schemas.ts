import { z } from '@hono/zod-openapi';
import { PageQuerySchema, pageSchema, ReasonSchema } from '../platform/index.ts';
import { findingKinds, strengths } from './findings.ts';

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !CONTROL.test(text), 'holds a control character; leave it out');
export const VendorIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'is lower case letters, digits and -, at most 61');
const DaySchema = z.iso.date().openapi({ example: '2026-11-22' });

/** Days that one answer speaks of. */
export const MOST_DAYS = 366;

export const WindowQuerySchema = z.object({
  from: DaySchema.optional().openapi({
    description: 'The first day, in UTC; 29 days before `to` unless said',
  }),
  to: DaySchema.optional().openapi({
    description: 'The last day; yesterday unless said, as today is not over',
  }),
});

export const AccountSchema = z
  .string()
  .trim()
  .max(100)
  .refine((text) => !CONTROL.test(text), 'holds a control character; leave it out')
  .default('')
  .openapi({ description: 'Which of your accounts at the vendor, where you have several: they add up' });

export const ImportQuerySchema = z.object({
  name: line(400).openapi({
    description: 'The file’s name, which helps to tell its format',
    example: 'usage.json',
  }),
  asOf: z.iso
    .datetime({ offset: true })
    .openapi({ description: 'When it was fetched: a day that was not over then is not known whole' }),
  account: AccountSchema,
  format: line(40).optional().openapi({ description: 'Where its beginning does not tell' }),
  of: z
    .string()
    .regex(/^[a-z_]{1,40}$/, 'is lower case letters and _, as the report names it')
    .optional()
    .openapi({ description: 'What it counts, where nothing was used and so it does not say' }),
  at: line(100).optional().openapi({ description: 'For a table: the column with the day' }),
  requests: line(100).optional(),
  tokens: line(100).optional(),
  inputTokens: line(100).optional(),
  outputTokens: line(100).optional(),
  key: line(100).optional().openapi({ description: 'The column with the vendor’s id of the key' }),
});

export const ImportSchema = z
  .object({
    id: z.string(),
    vendor: z.string(),
    account: z.string(),
    shape: z.string(),
    of: z.string(),
    name: z.string(),
    sha256: z.string(),
    bytes: z.int(),
    buckets: z.int().openapi({ description: 'Spans of time that it speaks of' }),
    rows: z.int(),
    firstDay: z.string(),
    lastDay: z.string(),
    more: z.boolean().openapi({ description: 'There were pages after the last one that is in it' }),
    asOf: z.string(),
    at: z.string(),
    by: z.string(),
  })
  .openapi('UsageImport');
export type ImportView = z.infer<typeof ImportSchema>;
export const ImportedSchema = z
  .object({
    import: ImportSchema,
    again: z.boolean().openapi({ description: 'The same file was there already' }),
  })
  .openapi('UsageImported');
export const ImportPageSchema = pageSchema(ImportSchema);
export const ImportListQuerySchema = PageQuerySchema.extend({ vendor: VendorIdSchema.optional() });

export const ShareSchema = z
  .object({ value: z.number(), low: z.number(), high: z.number() })
  .openapi('CoverageShare', {
    description: 'Of what the vendor reports, the part that crossed: from 0 to 1',
  });

const UnitSchema = z.enum(['requests', 'tokens']);
const CountedSchema = z.enum(['requests', 'tokens', 'connections', 'lookups', 'crossings', 'millionths']);

export const DaySchemaOut = z
  .object({
    day: z.string(),
    state: z.enum(['whole', 'part', 'unknown']).openapi({
      description: 'Whether reports of all kinds, of some, or of none are there for all of the day',
    }),
    crossings: z.int().openapi({ description: 'All that gateways sent, in requests' }),
    reported: z.int().nullable(),
    seen: z.int().nullable().openapi({ description: 'Reported, and crossed' }),
    past: z.int().nullable().openapi({ description: 'Reported, and certainly not crossed' }),
    unsure: z.int().nullable(),
    more: z.int().nullable().openapi({ description: 'Crossed, and not reported' }),
  })
  .openapi('CoverageDay');

const EvidenceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('import'), import: z.string(), line: z.int() }),
  z.object({ kind: z.literal('file'), source: z.string(), file: z.string(), lines: z.array(z.int()) }),
  z.object({ kind: z.literal('crossings') }),
]);

export const FindingSchema = z
  .object({
    id: z.string(),
    kind: z.enum(findingKinds),
    strength: z.enum(strengths),
    subject: z.string(),
    name: z
      .string()
      .nullable()
      .openapi({ description: 'What the subject is called here, where it is known' }),
    where: z.string(),
    unit: CountedSchema,
    amount: z.int().openapi({ description: 'Of the days below' }),
    days: z.array(z.object({ day: z.string(), amount: z.int(), evidence: EvidenceSchema })),
    state: z.enum(['open', 'settled']),
    reopened: z.boolean().openapi({ description: 'Somebody settled it, and there is more than they knew' }),
    settled: z.object({ reason: z.string(), by: z.string(), at: z.string() }).nullable(),
  })
  .openapi('CoverageFinding');
export type FindingView = z.infer<typeof FindingSchema>;

export const SourceSchema = z
  .object({
    kind: z.enum(['usage_report', 'traffic', 'egress_proxy']),
    name: z.string(),
    detail: z.string().openapi({ description: 'The account, or the kind of file' }),
    measured: z.boolean().openapi({ description: 'Whether it speaks of any of these days' }),
    days: z.int(),
    first: z.string().nullable(),
    last: z.string().nullable(),
    counts: CountedSchema.nullable(),
    amount: z
      .int()
      .nullable()
      .openapi({ description: 'What it counts of this vendor on these days; null: unknown' }),
    seesGateway: z
      .boolean()
      .nullable()
      .openapi({ description: 'Whether the gateway’s traffic is in it; null: nobody said' }),
  })
  .openapi('CoverageSource');
export type SourceView = z.infer<typeof SourceSchema>;

export const CoverageSchema = z
  .object({
    vendor: z.string(),
    from: z.string(),
    to: z.string(),
    share: z.union([ShareSchema, z.literal('unknown')]),
    unit: UnitSchema.nullable(),
    reported: z.int().nullable(),
    more: z.int().nullable(),
    batch: z.int().openapi({ description: 'Reported as done in batches, which is compared with nothing' }),
    of: z.array(z.string()).openapi({ description: 'The reports that the share is of' }),
    missing: z
      .array(z.string())
      .openapi({ description: 'Reports that the vendor has, and that are not here whole' }),
    wholeDays: z.int(),
    standing: z.object({ coverage: z.enum(['proven', 'seen']), text: z.string() }),
    tolerance: z.number(),
    days: z.array(DaySchemaOut),
    sources: z.array(SourceSchema),
    keys: z
      .array(
        z.object({
          key: z.string(),
          connection: z.string().nullable(),
          name: z.string().nullable(),
          held: z.string().nullable().openapi({ description: 'What a list of keys held elsewhere calls it' }),
          amount: z.int(),
        }),
      )
      .openapi({ description: 'Keys that the reports name, by the vendor’s id' }),
    findings: z.array(FindingSchema),
  })
  .openapi('Coverage');
export type CoverageView = z.infer<typeof CoverageSchema>;

export const SummarySchema = z
  .object({
    vendor: z.string(),
    share: z.union([ShareSchema, z.literal('unknown')]),
    unit: UnitSchema.nullable(),
    wholeDays: z.int(),
    open: z.int().openapi({ description: 'Findings that nobody settled' }),
    strong: z.int(),
  })
  .openapi('CoverageSummary');
export const SummaryPageSchema = pageSchema(SummarySchema);
export const SummaryQuerySchema = PageQuerySchema.extend({
  limit: z.coerce.number().int().min(1).max(50).default(20),
});

export const LinkKeySchema = z
  .strictObject({
    key: line(128).openapi({ description: 'The vendor’s id of the key, as its report has it' }),
    connection: z
      .uuid()
      .nullable()
      .openapi({ description: 'Whose credential it is; null: nobody’s any more' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('UsageKeyLink');

export const SaySourceSchema = z
  .strictObject({
    source: line(200),
    seesGateway: z.boolean().nullable().openapi({ description: 'Null: that is not known' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('CoverageSourceSaid');

export const SettleSchema = z
  .strictObject({
    finding: z.string().min(2).max(1000),
    from: DaySchema,
    to: DaySchema,
    reason: ReasonSchema.optional(),
  })
  .openapi('CoverageSettle');
export const ReopenSchema = z
  .strictObject({ finding: z.string().min(2).max(1000), reason: ReasonSchema.optional() })
  .openapi('CoverageReopen');
