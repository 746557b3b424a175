import { FieldClassSchema, TreatmentNameSchema } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { type Action, allActions } from '../platform/index.ts';

/**
 * Examples of a policy: a crossing or a console action in words, and what must come of it. They are saved with the policy
 * and run before it comes into force.
 */

const Word = z.string().min(1).max(100);

export const weekdays = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

const AppExampleSchema = z.strictObject({
  tags: z.array(Word).max(20).optional(),
  team: z.string().max(100).optional(),
  owner: z.string().max(100).optional(),
  holder: z.enum(['workload', 'person']).optional(),
});
const VendorExampleSchema = z.strictObject({
  id: Word.optional(),
  approved: z.boolean().optional(),
  agreement: z.enum(['none', 'signed']).optional(),
  status: z
    .enum(['candidate', 'under_review', 'approved', 'restricted', 'ending', 'ended', 'not_entered'])
    .optional(),
  tier: z.string().max(31).optional(),
  agreements: z
    .array(Word)
    .max(20)
    .optional()
    .openapi({ description: 'Kinds in force', example: ['dpa', 'scc'] }),
  reviewInDate: z.boolean().optional(),
});
const hour = z.int().min(0).max(23).optional().openapi({ description: 'UTC' });
const weekday = z.enum(weekdays).optional();

const CrossingExampleSchema = z.strictObject({
  app: AppExampleSchema.optional(),
  vendor: VendorExampleSchema.optional(),
  connection: Word.optional().openapi({ description: 'Its id' }),
  service: Word.optional(),
  region: Word.optional(),
  jurisdiction: Word.optional().openapi({ example: 'EU' }),
  endpointClass: Word.optional(),
  model: z.string().min(1).max(200).optional(),
  fields: z
    .partialRecord(FieldClassSchema, TreatmentNameSchema)
    .optional()
    .openapi({
      description: 'What the vendor would get, and how it was treated',
      example: { 'person.email': 'pass' },
    }),
  hour,
  weekday,
  excepted: z
    .array(Word)
    .max(20)
    .optional()
    .openapi({ description: 'Names of policies from which it is excepted for a time' }),
});
export type CrossingExample = z.infer<typeof CrossingExampleSchema>;

const ActExampleSchema = z.strictObject({
  action: z.enum(allActions as [Action, ...Action[]]),
  by: z
    .strictObject({ kind: z.enum(['person', 'token']).optional(), roles: z.array(Word).max(20).optional() })
    .optional(),
  app: AppExampleSchema.optional(),
  vendor: VendorExampleSchema.optional(),
  hour,
  weekday,
  steppedUp: z.boolean().optional(),
});
export type ActExample = z.infer<typeof ActExampleSchema>;

const must = z.enum(['allowed', 'denied']).openapi({
  description: 'allowed: by all policies together. denied: by this one.',
});
const says = z.string().trim().min(1).max(200).openapi({ description: 'The example as a sentence' });

const CrossingFormSchema = z.strictObject({ must, says, crossing: CrossingExampleSchema });
const ActFormSchema = z.strictObject({ must, says, act: ActExampleSchema });

export const ExampleSchema = z.union([CrossingFormSchema, ActFormSchema]).openapi('PolicyExample');
export type Example = z.infer<typeof ExampleSchema>;

export const MOST_EXAMPLES = 50;

/** The form that an example has, by its members: what is wrong in it is said of that form. */
export function formOf(example: unknown): typeof CrossingFormSchema | typeof ActFormSchema {
  const isAct = typeof example === 'object' && example !== null && 'act' in example;
  return isAct ? ActFormSchema : CrossingFormSchema;
}
