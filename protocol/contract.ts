import type { ContractRules, Treatment } from '@drawbridge/minimise';
import { z } from 'zod';
import { type FieldClass, FieldClassSchema } from './fields.ts';

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
  z.strictObject({ do: z.literal('tokenise') }),
  z.strictObject({ do: z.literal('refuse') }),
]) satisfies z.ZodType<Treatment>;

/** How much is looked for in free text: each holds what the one before it does. */
export const textScans = ['off', 'secrets', 'structured', 'all'] as const;
export type TextScan = (typeof textScans)[number];

/**
 * What becomes of what is found within free text that would pass. `secrets`: keys, tokens, passwords; `structured`: personal
 * data with a form of its own, too (addresses of mail and network, cards, accounts, numbers of persons); `all`: also
 * names, addresses and dates that their surroundings tell.
 */
const TextSchema = z.strictObject({
  scan: z.enum(textScans),
  /** Class of a finding to treatment; one that is missing here is treated as `otherwise`. */
  found: z.partialRecord(FieldClassSchema, TreatmentSchema),
  otherwise: TreatmentSchema,
  /**
   * What a request comes to that holds more text than is looked through in about a second (8,388,608 UTF-16 units, 20,000
   * findings, or what takes as long): `refuse`, or `slow`: four times as much text and ten times as many findings are.
   */
  over_budget: z.enum(['refuse', 'slow']),
  /**
   * What becomes of an answer in which a secret or a mark of confidentiality comes back: a marker is put in its place, or
   * the answer ends before it; `pass`: answers are not looked through. Left out: `drop`.
   */
  answers: z.strictObject({ do: z.enum(['pass', 'drop', 'refuse']) }).optional(),
});

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
  /** Left out: free text is not looked through. */
  text: TextSchema.optional(),
});
export type ContractDocument = z.infer<typeof ContractRulesSchema>;

/** Whether free text is looked through under these rules. */
export function scansText({ text }: ContractDocument): boolean {
  return text !== undefined && text.scan !== 'off';
}

/** What becomes of secrets in answers under these rules. */
export function treatmentOfAnswers(document: ContractDocument): 'pass' | 'drop' | 'refuse' {
  return scansText(document) ? (document.text?.answers?.do ?? 'drop') : 'pass';
}

/** The same document as the minimising library takes it. */
export function contractRules(document: ContractDocument): ContractRules {
  const { text, ...rest } = document;
  const rules: ContractRules = { ...rest, classes: given(document.classes) };
  if (text === undefined || text.scan === 'off') return rules;
  return { ...rules, text: { found: given(text.found), otherwise: text.otherwise } };
}

function given(treatments: Partial<Record<FieldClass, Treatment | undefined>>): Record<string, Treatment> {
  const known: Record<string, Treatment> = {};
  for (const [name, treatment] of Object.entries(treatments)) {
    if (treatment !== undefined) known[name] = treatment;
  }
  return known;
}
