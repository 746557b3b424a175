import {
  ContractRulesSchema,
  connectionModes,
  FieldClassSchema,
  TreatmentNameSchema,
  TreatmentSchema,
} from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { pageSchema, ReasonSchema } from '../platform/index.ts';
import { breakGlassStates } from './break-glass-rule.ts';

const UpstreamSchema = z.strictObject({
  scheme: z.enum(['https', 'http']),
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65535),
  private: z.boolean().openapi({
    description:
      'Addresses in private and link-local networks are allowed: a stand-in, or a model of one’s own',
  }),
});

const ModeSchema = z.enum(connectionModes).openapi({
  description:
    '`observe`: nothing is changed, and what contract and policies would have done is recorded; `minimise`: data is ' +
    'minimised, and nothing is refused for what it is; `enforce`: as they say. Secrets are blocked in every mode.',
});

const NoticeSchema = z.object({ code: z.string(), text: z.string() });
const ContractHeadSchema = z.object({
  id: z.string(),
  version: z.int(),
  author: z.string(),
  reason: z.string(),
  createdAt: z.string(),
});

export const ConnectionSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string().openapi({ description: 'The path prefix on the gateway' }),
    vendor: z.string(),
    service: z.string(),
    region: z.string(),
    upstream: UpstreamSchema,
    state: z.enum(['open', 'severed']),
    severances: z.array(z.string()).openapi({
      description: 'Severances that hold it cut off; it opens when the last of them is reopened',
    }),
    mode: ModeSchema,
    origins: z.array(z.string()),
    owner: z.string(),
    credential: z
      .object({
        id: z.string(),
        version: z.int(),
        covers: z.boolean().openapi({
          description:
            'Whether it is bound to every place that the service’s `auth` has now. If not, requests with the key in another place are refused until it is entered again.',
        }),
        enteredAt: z.string(),
        enteredBy: z.string(),
      })
      .nullable()
      .openapi({ description: 'What is known of the credential. No answer holds the credential itself.' }),
    contract: ContractHeadSchema,
    createdAt: z.string(),
    gatewayUrl: z.string().openapi({ description: 'What SDKs take as their base URL' }),
    etag: z.string(),
    notices: z.array(NoticeSchema).optional().openapi({
      description: 'What a change did beyond what was asked, such as dropping the credential',
    }),
  })
  .openapi('Connection');
export type ConnectionView = z.infer<typeof ConnectionSchema>;
export const ConnectionPageSchema = pageSchema(ConnectionSchema);

/** Visible ASCII: anything else can't stand in a header, and a line break there would begin another one. */
const CredentialSchema = z
  .string()
  .trim()
  .regex(/^[!-~]{1,4096}$/, 'a credential is 1 to 4096 visible ASCII characters, without spaces')
  .openapi({ description: 'The vendor’s credential. Stored sealed; never answered.', format: 'password' });
const NameSchema = z.string().trim().min(1).max(100);
const OriginsSchema = z.array(z.string().max(300)).max(200);

export const NewConnectionSchema = z
  .strictObject({
    name: NameSchema,
    slug: z.string().max(60).optional(),
    vendor: z.string().max(60),
    service: z.string().max(60),
    region: z.string().max(60),
    upstream: UpstreamSchema.optional().openapi({ description: 'Instead of the region’s host over https' }),
    contract: z.union([z.enum(['recommended', 'as_is']), ContractRulesSchema]),
    mode: ModeSchema.optional(),
    origins: OriginsSchema.optional(),
    owner: NameSchema.optional(),
    credential: CredentialSchema.optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewConnection');
export type NewConnection = z.infer<typeof NewConnectionSchema>;

export const ConnectionChangeSchema = z
  .strictObject({
    name: NameSchema.optional(),
    upstream: UpstreamSchema.optional(),
    origins: OriginsSchema.optional(),
    owner: NameSchema.optional(),
    state: z.enum(['open', 'severed']).optional(),
    mode: ModeSchema.optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('ConnectionChange');
export type ConnectionChange = z.infer<typeof ConnectionChangeSchema>;

export const CredentialEntrySchema = z
  .strictObject({
    value: CredentialSchema,
    reason: ReasonSchema.optional(),
  })
  .openapi('CredentialEntry');
export type CredentialEntry = z.infer<typeof CredentialEntrySchema>;

export const ContractVersionSchema = ContractHeadSchema.extend({ rules: ContractRulesSchema }).openapi(
  'ContractVersion',
);
export type ContractVersionView = z.infer<typeof ContractVersionSchema>;
export const ContractHistorySchema = z.object({
  current: ContractVersionSchema,
  versions: z.array(ContractVersionSchema).openapi({ description: 'The latest 50, newest first' }),
});

export const ContractChangeSchema = z
  .strictObject({
    rules: ContractRulesSchema,
    basedOn: z
      .int()
      .min(1)
      .openapi({ description: 'The version that was changed: another one in force is a conflict' }),
    despite: z.array(z.string().max(60)).max(100).optional().openapi({
      description:
        'Ids of contract tests that may fail under these rules: any other that fails refuses them (409 `contract_tests_fail`)',
    }),
    reason: ReasonSchema.optional(),
  })
  .openapi('ContractChange');
export type ContractChange = z.infer<typeof ContractChangeSchema>;

export const AllowanceSchema = z
  .strictObject({
    kind: z.enum(['event_name', 'path_segment', 'property', 'parameter']),
    name: z.string().min(1).max(200),
    class: FieldClassSchema.optional().openapi({ description: 'For properties: what its values are' }),
    treatment: z
      .union([TreatmentSchema, z.enum(['pass', 'drop', 'pseudonymise', 'refuse'])])
      .optional()
      .openapi({ description: 'For properties: what happens to its values; they pass if this is not said' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('Allowance');
export type Allowance = Omit<z.infer<typeof AllowanceSchema>, 'reason'>;

export const DifferenceQuerySchema = z.object({
  to: ModeSchema,
  last: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .default(500)
    .openapi({ description: 'Over how many crossings, the latest ones' }),
});
const ExamplesSchema = z
  .array(z.string())
  .max(20)
  .openapi({ description: 'Ids of crossings behind the count, newest first: all of them, or twenty' });
const RefusedSchema = z.array(
  z.object({ reason: z.string(), text: z.string(), crossings: z.int(), examples: ExamplesSchema }),
);

export const DifferenceSchema = z
  .object({
    from: ModeSchema,
    to: ModeSchema,
    crossings: z.int().openapi({ description: 'What it rests on; 0: nothing is known' }),
    since: z.string().nullable().openapi({ description: 'Time of the oldest of these crossings' }),
    latest: z.string().nullable(),
    otherContracts: z
      .int()
      .openapi({ description: 'Crossings under another version of the contract than is in force now' }),
    refusedUnread: z.int().openapi({
      description: 'Crossings that were refused: of them no more is known than the class for which they were',
    }),
    rows: z.array(
      z.object({
        class: FieldClassSchema,
        now: TreatmentNameSchema,
        after: TreatmentNameSchema,
        crossings: z.int(),
        values: z.int(),
        examples: ExamplesSchema,
      }),
    ),
    refusedNow: RefusedSchema,
    refusedAfter: RefusedSchema,
  })
  .openapi('ModeDifference');
export type DifferenceView = z.infer<typeof DifferenceSchema>;

export const BreakGlassSchema = z
  .object({
    id: z.string(),
    connection: z.object({ id: z.string(), name: z.string() }),
    state: z.enum(breakGlassStates),
    reason: z.string(),
    askedAt: z.string(),
    askedBy: z.string(),
    until: z.string(),
    inForceAt: z.string().nullable(),
    approvedBy: z.string().nullable(),
    byOnePerson: z.boolean().openapi({
      description: 'It was put in force by the one who asked: nobody else could approve it',
    }),
    endedAt: z.string().nullable(),
    endedBy: z.string().nullable(),
    endReason: z.string().nullable(),
  })
  .openapi('BreakGlass');
export type BreakGlassView = z.infer<typeof BreakGlassSchema>;
export const BreakGlassListSchema = z.object({ items: z.array(BreakGlassSchema) });

export const BreakGlassEntrySchema = z
  .strictObject({
    until: z.iso
      .datetime({ offset: true })
      .max(40)
      .optional()
      .openapi({ description: 'At most 24 hours from now; in an hour where nothing is said' }),
    minutes: z.int().min(1).max(1440).optional().openapi({ description: 'Instead of `until`' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('BreakGlassEntry');
export const ReasonOnlySchema = z.strictObject({ reason: ReasonSchema.optional() });
export type BreakGlassEntry = Omit<z.infer<typeof BreakGlassEntrySchema>, 'reason'>;
