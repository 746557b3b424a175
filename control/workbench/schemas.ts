import { ContractRulesSchema, FieldClassSchema, TreatmentNameSchema } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';

const MOST_CHARACTERS = 1024 * 1024;

const TextSchema = z.strictObject({
  text: z.string().max(MOST_CHARACTERS),
  endpoint: z.string().max(60).optional().openapi({
    description: 'Whose sample the text is put into; left out, the one that the pack’s sample is of',
  }),
});
const RequestSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  target: z.string().regex(/^\/\S{0,2000}$/, 'a path below the connection, such as /v1/chat/completions'),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,60}$/), z.string().max(2000))
    .refine((headers) => Object.keys(headers).length <= 50, 'at most 50 headers')
    .optional(),
  body: z.string().max(MOST_CHARACTERS),
});

export const SampleSchema = z.union([TextSchema, RequestSchema]).openapi('WorkbenchSample');
export type Sample = z.infer<typeof SampleSchema>;

export const WorkbenchEntrySchema = z
  .strictObject({
    sample: SampleSchema,
    rules: ContractRulesSchema.optional().openapi({
      description: 'A draft of the contract; left out, the one in force',
    }),
  })
  .openapi('WorkbenchEntry');

const SpanSchema = z.object({ start: z.int(), end: z.int() }).nullable();
const RefusalSchema = z.object({ code: z.string(), message: z.string() });

export const WorkbenchFindingSchema = z.object({
  class: z.string(),
  confidence: z.enum(['certain', 'likely', 'possible']),
  detector: z.string(),
  why: z.string(),
  treatment: TreatmentNameSchema,
  stands: z.string().nullable().openapi({
    description: 'What is written in its place; null: it crosses as it is, or the request is refused for it',
  }),
  path: z.string().nullable().openapi({ description: 'null: it does not stand in the body as it is' }),
  span: SpanSchema.openapi({
    description: 'From, and up to but not including, in UTF-16 units of `read`; null where `path` is null',
  }),
});

const ComesBackSchema = z.object({
  text: z.string().nullable(),
  restored: z.int(),
  unknown: z.int(),
  refusal: RefusalSchema.nullable(),
});

export const WorkbenchRunSchema = z
  .object({
    method: z.string(),
    target: z.string(),
    read: z.string().nullable().openapi({
      description:
        'The text that spans are of: the one that was given, or a body as the gateway reads it (unpacked); null where it can’t be read',
    }),
    findings: z.array(WorkbenchFindingSchema).openapi({ description: 'The first 2000' }),
    found: z.int(),
    fields: z.array(z.object({ class: FieldClassSchema, treatment: TreatmentNameSchema, count: z.int() })),
    crosses: z.string().nullable().openapi({ description: 'null: nothing' }),
    refusal: RefusalSchema.extend({ path: z.string().nullable() }).nullable(),
    back: z
      .object({ plain: ComesBackSchema, stream: ComesBackSchema.nullable() })
      .nullable()
      .openapi({ description: 'What an answer comes back as that repeats the texts that crossed' }),
  })
  .openapi('WorkbenchRun');
export type WorkbenchRunView = z.infer<typeof WorkbenchRunSchema>;

const ExpectsSchema = z
  .strictObject({
    refused: z.string().max(60).nullable().openapi({ description: 'By which code; null: it crosses' }),
    treatments: z
      .array(z.strictObject({ class: FieldClassSchema, treatment: TreatmentNameSchema }))
      .max(60)
      .openapi({ description: 'Each kind is found, and every find is treated so' }),
    never: z
      .array(z.string().min(1).max(200))
      .max(50)
      .openapi({ description: 'Texts that must not stand in what crosses' }),
  })
  .openapi('ContractTestExpects');
export type Expects = z.infer<typeof ExpectsSchema>;

/** What a person is shown before a sample is kept: every found value is another one. */
export const PreparedSchema = z
  .object({
    sample: SampleSchema,
    replaced: z.int(),
    lost: z.int().openapi({
      description:
        'Values of which no made-up one is found as the same kind: nothing can be expected of them',
    }),
    left: z
      .array(z.object({ class: z.string(), span: z.object({ start: z.int(), end: z.int() }) }))
      .openapi({ description: 'What is found beside what was put in' }),
    expects: ExpectsSchema,
  })
  .openapi('PreparedContractTest');
export type PreparedView = z.infer<typeof PreparedSchema>;

const NameSchema = z.string().trim().min(1).max(100);

export const ContractTestSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    sample: SampleSchema,
    expects: ExpectsSchema,
    createdAt: z.string(),
    author: z.string(),
    reason: z.string(),
  })
  .openapi('ContractTest');
export type ContractTestView = z.infer<typeof ContractTestSchema>;
export const ContractTestListSchema = z.object({ items: z.array(ContractTestSchema) });

const NewTestSchema = z.strictObject({ name: NameSchema, sample: SampleSchema, expects: ExpectsSchema });
export type NewContractTest = z.infer<typeof NewTestSchema>;
const despite = z.boolean().optional().openapi({
  description: 'Keep it although something is found in it that is not made up by Drawbridge',
});
export const ContractTestEntrySchema = NewTestSchema.extend({
  despite,
  reason: ReasonSchema.optional(),
}).openapi('ContractTestEntry');
/** A file of tests: what the list answers can be given back as it is. */
export const ContractTestImportSchema = z
  .strictObject({
    items: z.array(z.object(NewTestSchema.shape)).min(1).max(100),
    despite,
    reason: ReasonSchema.optional(),
  })
  .openapi('ContractTestImport');

export const ContractTestRunEntrySchema = z
  .strictObject({ rules: ContractRulesSchema.optional() })
  .openapi('ContractTestRunEntry');
const TestResultSchema = z.object({
  id: z.string(),
  name: z.string(),
  passed: z.boolean(),
  problems: z
    .array(z.string())
    .openapi({ description: 'In which way it is not as it should be; empty: it passed' }),
});
export const ContractTestRunSchema = z
  .object({ items: z.array(TestResultSchema), failed: z.int() })
  .openapi('ContractTestRun');
export type TestResult = z.infer<typeof TestResultSchema>;
export type ContractTestRunView = z.infer<typeof ContractTestRunSchema>;
