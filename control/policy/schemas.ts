import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';
import { ExampleSchema, MOST_EXAMPLES } from './examples.ts';

/** What the policy routes take and answer. */

export const LONGEST_TEXT = 10_000;
const NameSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,59}$/,
    'write small letters, figures and -, beginning with a letter: only-approved-vendors',
  );
const TextSchema = z.string().min(1).max(LONGEST_TEXT).openapi({ description: 'One Cedar statement' });
const ExamplesSchema = z.array(ExampleSchema).max(MOST_EXAMPLES);
const reason = ReasonSchema.optional();

const VersionSchema = z.object({
  version: z.int(),
  title: z.string(),
  author: z.string(),
  reason: z.string(),
  createdAt: z.string(),
  active: z.boolean(),
});

export const PolicySchema = z
  .object({
    name: z.string(),
    title: z.string().openapi({ description: 'Of the newest version' }),
    version: z.int().openapi({ description: 'The newest; it is what a change is based on' }),
    active: z.int().nullable().openapi({ description: 'The version in force; null: none is' }),
    decides: z
      .object({ crossings: z.boolean(), acts: z.boolean() })
      .openapi({ description: 'What it can say something of: crossings, what people do here' }),
    exceptions: z.boolean().openapi({ description: 'Whether its text lets exceptions be granted' }),
    examples: z.int(),
    author: z.string(),
    reason: z.string(),
    createdAt: z.string(),
  })
  .openapi('Policy');
export type PolicyView = z.infer<typeof PolicySchema>;
export const PolicyListSchema = z.object({
  items: z.array(PolicySchema),
  hash: z.string().nullable().openapi({
    description: 'Hash of the set in force, as records of crossings have it; null: no policy is',
  }),
});

export const PolicyDetailSchema = PolicySchema.omit({ examples: true })
  .extend({
    text: z.string(),
    examples: z.array(ExampleSchema),
    versions: z.array(VersionSchema).openapi({ description: 'The newest 50, newest first' }),
  })
  .openapi('PolicyDetail');
export type PolicyDetail = z.infer<typeof PolicyDetailSchema>;

export const PolicyVersionSchema = VersionSchema.extend({
  text: z.string(),
  examples: z.array(ExampleSchema),
  before: z
    .int()
    .nullable()
    .openapi({ description: 'The version it is compared with; null: it is the first' }),
  lines: z
    .array(z.object({ sign: z.enum([' ', '+', '-']), text: z.string() }))
    .openapi({ description: 'What is otherwise in it, line by line' }),
}).openapi('PolicyVersion');
export type PolicyVersionView = z.infer<typeof PolicyVersionSchema>;

export const NewPolicySchema = z
  .strictObject({
    name: NameSchema,
    text: TextSchema,
    examples: ExamplesSchema.default([]),
    activate: z.boolean().default(false).openapi({ description: 'Put it in force at once' }),
    reason,
  })
  .openapi('NewPolicy');
export type NewPolicy = z.infer<typeof NewPolicySchema>;

export const PolicyChangeSchema = z
  .strictObject({
    text: TextSchema,
    examples: ExamplesSchema,
    basedOn: z.int().min(1).openapi({ description: 'The newest version as it was read' }),
    activate: z.boolean().default(false),
    reason,
  })
  .openapi('PolicyChange');
export type PolicyChange = z.infer<typeof PolicyChangeSchema>;

export const ActivationSchema = z.strictObject({
  version: z.int().min(1).optional().openapi({ description: 'Left out: the newest' }),
  reason,
});
export const BecauseSchema = z.strictObject({ reason });

export const ApplySchema = z
  .strictObject({
    policies: z
      .array(z.strictObject({ name: NameSchema, text: TextSchema, examples: ExamplesSchema.default([]) }))
      .max(200)
      .refine(
        (given) => new Set(given.map(({ name }) => name)).size === given.length,
        'names a policy twice',
      ),
    only: z.boolean().default(false).openapi({ description: 'Take all others out of force' }),
    reason,
  })
  .openapi('PoliciesApply');
const namesOf = z.array(z.string());
export const AppliedSchema = z
  .object({
    saved: namesOf,
    activated: namesOf,
    unchanged: namesOf,
    deactivated: namesOf,
    others: namesOf.openapi({ description: 'In force, and not among those that were given' }),
  })
  .openapi('PoliciesApplied');

export const PolicyCheckSchema = z
  .strictObject({
    name: NameSchema,
    text: z.string().max(LONGEST_TEXT),
    examples: ExamplesSchema.default([]),
  })
  .openapi('PolicyCheck');

const ProblemAtSchema = z.object({
  message: z.string(),
  line: z.int().nullable().openapi({ description: 'From 1; null: of the text as a whole' }),
  column: z.int().nullable(),
});
export type ProblemAt = z.infer<typeof ProblemAtSchema>;

const ResultSchema = z.object({
  policy: z.string(),
  example: z.int().openapi({ description: 'Its place in the policy’s examples, from 0' }),
  says: z.string(),
  must: z.enum(['allowed', 'denied']),
  holds: z.boolean(),
  by: z.array(z.string()).openapi({ description: 'The policies that deny it' }),
});
export type ExampleResult = z.infer<typeof ResultSchema>;

export const PolicyCheckedSchema = z
  .object({
    problems: z.array(ProblemAtSchema),
    title: z.string().nullable(),
    formatted: z.string().nullable().openapi({ description: 'Null while there are problems' }),
    results: z
      .array(ResultSchema)
      .openapi({ description: 'Of its own examples, and of those in force that would no longer hold' }),
  })
  .openapi('PolicyChecked');
export type PolicyChecked = z.infer<typeof PolicyCheckedSchema>;

export const DryRunSchema = z
  .strictObject({
    name: NameSchema,
    text: TextSchema,
    limit: z
      .int()
      .min(1)
      .max(3000)
      .default(3000)
      .openapi({ description: 'How many of the latest crossings' }),
  })
  .openapi('PolicyDryRun');
export type DryRunEntry = z.infer<typeof DryRunSchema>;

export const DryRunResultSchema = z
  .object({
    looked: z.int().openapi({ description: 'Crossings that were looked at' }),
    whole: z.boolean().openapi({ description: 'False: time was up before all were looked at' }),
    from: z.string().nullable(),
    to: z.string().nullable(),
    refused: z
      .int()
      .openapi({ description: 'This policy would have refused them, and none in force surely does' }),
    refusedAnyway: z.int().openapi({ description: 'Policies in force refuse them without it' }),
    allowed: z.int(),
    notKnown: z
      .int()
      .openapi({ description: 'Their record does not hold what policies ask for; not counted as allowed' }),
    notKnownFor: z.array(z.string()).openapi({ description: 'What their record does not hold' }),
    items: z
      .array(
        z.object({
          id: z.string(),
          at: z.string(),
          app: z.object({ id: z.string(), name: z.string() }),
          connection: z.object({ id: z.string(), name: z.string() }),
          endpoint: z.string(),
        }),
      )
      .openapi({ description: 'The newest 100 that it would have refused' }),
  })
  .openapi('PolicyDryRunResult');
export type DryRunResult = z.infer<typeof DryRunResultSchema>;

export const StarterSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    text: z.string(),
    examples: z.array(ExampleSchema),
    taken: z.boolean().openapi({ description: 'There is a policy of this name' }),
  })
  .openapi('StarterPolicy');

const DaySchema = z.iso.date().openapi({ example: '2026-03-01' });
const SaidSchema = z
  .strictObject({
    on: DaySchema,
    source: z.string().trim().min(3).max(300).openapi({ description: 'Where one can see it' }),
  })
  .nullable();

export const AppFactsSchema = z
  .object({
    app: z.object({ id: z.string(), name: z.string() }),
    tags: z.array(z.string()),
    team: z.string(),
    holder: z.enum(['workload', 'person']),
    changedAt: z.string().nullable(),
    changedBy: z.string().nullable(),
  })
  .openapi('AppFacts');
export type AppFactsView = z.infer<typeof AppFactsSchema>;
export const AppFactsEntrySchema = z
  .strictObject({
    tags: z.array(z.string().min(1).max(60)).max(50),
    team: z.string().max(100),
    holder: z
      .enum(['workload', 'person'])
      .openapi({ description: 'person: its keys are used by one human, on a laptop or in a notebook' }),
    reason,
  })
  .openapi('AppFactsEntry');
export type AppFactsEntry = Omit<z.infer<typeof AppFactsEntrySchema>, 'reason'>;

export const VendorFactsSchema = z
  .object({
    vendor: z.string(),
    approved: SaidSchema,
    agreement: SaidSchema,
    changedAt: z.string(),
    changedBy: z.string(),
  })
  .openapi('VendorFacts');
export type VendorFactsView = z.infer<typeof VendorFactsSchema>;
export const VendorFactsEntrySchema = z
  .strictObject({
    approved: SaidSchema.openapi({ description: 'Null: it is not approved' }),
    agreement: SaidSchema.openapi({
      description: 'A signed agreement on data protection; null: there is none',
    }),
    reason,
  })
  .openapi('VendorFactsEntry');
export type VendorFactsEntry = Omit<z.infer<typeof VendorFactsEntrySchema>, 'reason'>;

export const FactsSchema = z.object({ apps: z.array(AppFactsSchema), vendors: z.array(VendorFactsSchema) });

const NamedSchema = z.object({ id: z.string(), name: z.string() });
export const AccessRequestSchema = z
  .object({
    id: z.string(),
    crossing: z.string(),
    app: NamedSchema,
    connection: NamedSchema,
    policies: z.array(z.object({ name: z.string(), title: z.string(), exceptions: z.boolean() })),
    askedBy: z.string(),
    askedAt: z.string(),
    reason: z.string(),
    state: z.enum(['open', 'granted', 'refused']),
    decidedBy: z.string().nullable(),
    decidedAt: z.string().nullable(),
    decisionReason: z.string().nullable(),
    until: z
      .string()
      .nullable()
      .openapi({ description: 'Of granted ones: when the exception ends, or ended' }),
  })
  .openapi('AccessRequest');
export type AccessRequestView = z.infer<typeof AccessRequestSchema>;

export const RefusalSchema = AccessRequestSchema.pick({
  crossing: true,
  app: true,
  connection: true,
  policies: true,
}).openapi('PolicyRefusal');
export type RefusalView = z.infer<typeof RefusalSchema>;

export const NewAccessRequestSchema = z
  .strictObject({ crossing: z.uuid(), reason: ReasonSchema })
  .openapi('NewAccessRequest');
export const GrantEntrySchema = z
  .strictObject({
    until: z.iso
      .datetime({ offset: true })
      .openapi({ description: 'When it ends by itself; at most 90 days away' }),
    reason,
  })
  .openapi('GrantEntry');

export const GrantSchema = z
  .object({
    id: z.string(),
    policy: z.object({ name: z.string(), title: z.string() }),
    app: NamedSchema,
    connection: NamedSchema,
    until: z.string(),
    inForce: z.boolean(),
    grantedBy: z.string(),
    grantedAt: z.string(),
    reason: z.string(),
    endedAt: z.string().nullable(),
    endedBy: z.string().nullable(),
  })
  .openapi('PolicyGrant');
export type GrantView = z.infer<typeof GrantSchema>;
