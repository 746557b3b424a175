import { ContractRulesSchema, FieldClassSchema, TreatmentNameSchema } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';

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
