import { z } from '@hono/zod-openapi';
import { PageQuerySchema, pageSchema, ReasonSchema } from '../platform/index.ts';
import { leakKinds, leakStates } from './tables.ts';

/** Findings in one call: a report has several. */
export const MOST_A_BATCH = 1_000;
/** Findings in one run. What a scan finds beyond tells nothing new of what to do. */
export const MOST_A_RUN = 100_000;

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !CONTROL.test(text), 'holds a control character; leave it out');
const HashSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is 32 bytes as base64url');
const CommitSchema = z.string().regex(/^([0-9a-f]{12}|[0-9a-f]{40}|[0-9a-f]{64})$/, 'is no id of a commit');
const CountSchema = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const NewRunSchema = z
  .strictObject({
    source: line(200).openapi({ description: 'What is looked through', example: 'github.com/acme/shop' }),
    commit: CommitSchema.optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewScanRun');
export type NewRun = z.infer<typeof NewRunSchema>;

export const BegunRunSchema = z
  .object({
    id: z.string(),
    number: z.number(),
    key: z.string().openapi({ description: 'Of this run: what the kept credentials are compared under' }),
    known: z
      .array(z.object({ length: z.number(), hash: z.string() }))
      .openapi({ description: 'HMAC-SHA256 under `key` of the longest run of letters, digits, - and _' }),
    proofKey: z
      .string()
      .openapi({ description: 'Another key: what is told as a kept credential is shown by a hash under it' }),
  })
  .openapi('BegunScanRun');
export type BegunRun = z.infer<typeof BegunRunSchema>;

export const FindingSchema = z.strictObject({
  path: line(1_000).openapi({ description: 'Within the source; of what was longer the end' }),
  line: z.int().min(1).max(2_000_000_000),
  column: z.int().min(1).max(2_000_000_000),
  history: z.boolean(),
  commit: CommitSchema.optional().openapi({ description: 'A commit that has it' }),
  since: z
    .strictObject({ commit: CommitSchema, at: z.iso.datetime() })
    .optional()
    .openapi({ description: 'The oldest commit that has it' }),
  class: z.string().regex(/^secret\.[a-z_]{1,40}$/, 'is no class of secrets'),
  detector: z.string().regex(/^[a-z0-9][\w.-]{0,99}$/i, 'is no detector'),
  confidence: z.enum(['certain', 'likely', 'possible']),
  nth: z
    .int()
    .min(0)
    .max(MOST_A_RUN)
    .openapi({ description: 'How many of the same stand before it in this path' }),
  sha256: HashSchema.optional().openapi({
    description: 'Of the whole value, where it can not be guessed. It is not kept',
  }),
  proof: HashSchema.optional().openapi({
    description: 'HMAC-SHA256 of the value’s longest run under `proofKey`',
  }),
});
export type ReportedFinding = z.infer<typeof FindingSchema>;

export const BatchSchema = z
  .strictObject({
    batch: z
      .int()
      .min(0)
      .max(1_000_000)
      .openapi({ description: '0 for the first; the same again is taken once' }),
    files: CountSchema,
    blobs: CountSchema,
    bytes: CountSchema,
    findings: z.array(FindingSchema).max(MOST_A_BATCH),
    reason: ReasonSchema.optional(),
  })
  .openapi('ScanRunBatch');
export type Batch = z.infer<typeof BatchSchema>;

export const EndSchema = z.strictObject({
  reason: ReasonSchema.optional(),
  whole: z.boolean().openapi({
    description: 'All of the source was looked through with its history: what was not found again is gone',
  }),
});

export const RunSchema = z
  .object({
    id: z.string(),
    source: z.string(),
    number: z.number(),
    commit: z.string().nullable(),
    by: z.string(),
    state: z
      .enum(['running', 'ended', 'silent'])
      .openapi({ description: 'silent: it did not end, and was not heard of for 15 minutes' }),
    startedAt: z.string(),
    heardAt: z.string(),
    endedAt: z.string().nullable(),
    whole: z.boolean().nullable(),
    files: z.number(),
    blobs: z.number(),
    bytes: z.number(),
    findings: z.number(),
    fresh: z.number().openapi({ description: 'Places where nothing was known of before' }),
    gone: z.number().openapi({ description: 'Places where it stands no longer' }),
    revoked: z.number().openapi({ description: 'Virtual keys and API tokens that were revoked at once' }),
  })
  .openapi('ScanRun');
export type RunView = z.infer<typeof RunSchema>;
export const RunPageSchema = pageSchema(RunSchema);

const PlaceSchema = z.object({
  source: z.string(),
  path: z.string(),
  history: z.boolean(),
  line: z.number(),
  column: z.number(),
  commit: z.string().nullable(),
  since: z.object({ commit: z.string(), at: z.string() }).nullable(),
  firstRun: z.number(),
  lastRun: z.number(),
  seenAt: z.string(),
  goneRun: z.number().nullable().openapi({ description: 'The run that did not find it any more' }),
});
export type PlaceView = z.infer<typeof PlaceSchema>;
export const PlacePageSchema = pageSchema(PlaceSchema);

const NamedSchema = z.object({ id: z.string(), name: z.string() });
const PromptSchema = z.object({
  app: NamedSchema,
  connection: NamedSchema,
  crossings: z.number(),
  crossing: z.string().openapi({ description: 'The latest one' }),
  firstAt: z.string(),
  lastAt: z.string(),
});
export type PromptView = z.infer<typeof PromptSchema>;

export const LeakSchema = z
  .object({
    id: z.string(),
    kind: z.enum(leakKinds),
    severity: z.enum(['critical', 'high', 'medium', 'low']),
    of: z
      .object({
        id: z.string(),
        name: z.string(),
        app: z.string().nullable(),
        connection: z.string().nullable(),
      })
      .nullable()
      .openapi({ description: 'Which key of ours: its app, connection or place; null: none that is known' }),
    owner: z.string().nullable(),
    class: z.string(),
    detector: z.string(),
    confidence: z.string(),
    places: z.number().openapi({ description: 'Where it stands now' }),
    gonePlaces: z.number(),
    prompts: z
      .number()
      .openapi({ description: 'Of how many apps and connections gateways found it in prompts' }),
    place: z
      .string()
      .nullable()
      .openapi({ description: 'One of them: path, line and source; else in whose prompt' }),
    since: z.object({ commit: z.string(), at: z.string() }).nullable(),
    firstAt: z.string(),
    lastAt: z.string(),
    state: z.enum(leakStates),
    decided: z
      .object({ at: z.string(), by: z.string(), reason: z.string(), until: z.string().nullable() })
      .nullable(),
  })
  .openapi('Leak');
export type LeakView = z.infer<typeof LeakSchema>;
export const OneLeakSchema = LeakSchema.extend({
  seenIn: z
    .array(PromptSchema)
    .openapi({ description: 'Prompts that it was in, the latest first; at most 20' }),
}).openapi('OneLeak');
export const LeakPageSchema = pageSchema(LeakSchema);

export const LeakQuerySchema = PageQuerySchema.extend({
  state: z.enum(['open', 'closed', 'all']).default('open'),
  kind: z.enum(leakKinds).optional(),
  source: z.string().max(200).optional(),
});
export type LeakQuery = z.infer<typeof LeakQuerySchema>;

export const DecisionSchema = z
  .strictObject({
    state: z.enum(['open', 'rotated', 'revoked', 'false_alarm', 'accepted']),
    until: z.iso
      .datetime()
      .optional()
      .openapi({ description: 'Of what is accepted: when it is open again; within a year' }),
    reason: ReasonSchema,
  })
  .openapi('LeakDecision');
export type Decision = z.infer<typeof DecisionSchema>;

export const LeakPolicySchema = z
  .strictObject({
    virtualKeys: z.enum(['revoke', 'tell']).openapi({
      description:
        'What becomes of a virtual key or an API token that was found, shown by the hash of all of it',
    }),
  })
  .openapi('LeakPolicy');
export type LeakPolicy = z.infer<typeof LeakPolicySchema>;

export const LeakCountsSchema = z
  .object({
    open: z.number(),
    critical: z.number().openapi({ description: 'Open ones of keys of ours that work' }),
    sources: z.array(z.string()).openapi({ description: 'At most 500' }),
  })
  .openapi('LeakCounts');
