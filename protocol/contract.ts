import type { ContractRules, Treatment } from '@drawbridge/minimise';
import { z } from 'zod';
import { FieldClassSchema } from './fields.ts';

const values = z.array(z.string().min(1).max(100)).max(500).optional();

/** What happens to one field class. Shapes and meaning: `libs/minimise`. */
export const TreatmentSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('pass'), values }),
  z.strictObject({ do: z.literal('drop') }),
  z.strictObject({ do: z.literal('pseudonymise') }),
  z.strictObject({
    do: z.literal('generalise'),
    to: z.enum(['network', 'family', 'origin', 'origin_path', 'hour', 'country']),
    values,
  }),
  z.strictObject({ do: z.literal('refuse') }),
]) satisfies z.ZodType<Treatment>;

/** The rules of a data contract, as people write them and as the gateway applies them. */
export const ContractRulesSchema = z.strictObject({
  classes: z.partialRecord(FieldClassSchema, TreatmentSchema),
  otherwise: TreatmentSchema,
  unmapped: TreatmentSchema,
  names: z.strictObject({
    do: z.enum(['pass', 'pseudonymise']),
    allowed: z.array(z.string().min(1).max(200)).max(2000),
  }),
  properties: z.record(
    z.string().min(1).max(200),
    z.strictObject({ class: FieldClassSchema, treatment: TreatmentSchema }),
  ),
});
export type ContractDocument = z.infer<typeof ContractRulesSchema>;

/** The same document as the minimising library takes it. */
export function contractRules(document: ContractDocument): ContractRules {
  const classes: Record<string, Treatment> = {};
  for (const [name, treatment] of Object.entries(document.classes)) {
    if (treatment !== undefined) classes[name] = treatment;
  }
  return { ...document, classes };
}
