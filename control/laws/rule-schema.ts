import type { Condition, Rule } from '@drawbridge/clocks';
import { z } from 'zod';

/** The members of a rule that packs of law and rules of an organisation have in common. */

export const RuleId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'lower case letters, digits and -, at most 61');
export const WordId = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,60}$/, 'lower case letters, digits and _, at most 61');
export const Country = z.string().regex(/^[A-Z]{2}$/, 'is no country of two capital letters');
export const Url = z.url({ protocol: /^https$/, error: 'is no https address' }).max(500);
export const Text = z.string().trim().min(1).max(600);
export const Day = z.iso.date();
export const Texts = z.array(Text).max(30);

export const ConditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ is: WordId }),
    z.strictObject({ answer: WordId, in: z.array(WordId).min(1).max(30) }),
    z.strictObject({ all: z.array(ConditionSchema).min(1).max(20) }),
    z.strictObject({ any: z.array(ConditionSchema).min(1).max(20) }),
    z.strictObject({ not: ConditionSchema }),
  ]),
);

const StartSchema = z.union([
  z.strictObject({ time: WordId }),
  z.strictObject({ submitted: z.array(RuleId).min(1).max(10), take: z.enum(['first', 'latest']) }),
]);

const WithinSchema = z.union([
  z.strictObject({ hours: z.number() }),
  z.strictObject({ days: z.number() }),
  z.strictObject({ months: z.number() }),
  z.strictObject({ working_days: z.number() }),
]);

const CountingSchema = z.strictObject({
  by: z.enum(['elapsed', 'eu-1182-71']),
  two_working_days: z.literal('disputed').optional(),
  calendar: Country.optional(),
  zone: z.string().max(60).optional(),
  day_ends: z.string().max(5).optional(),
  noon_rule: z.strictObject({ citation: Text, not_for: ConditionSchema.optional() }).optional(),
});

const DueSchema = z.union([
  z.strictObject({ no_number: Text }),
  z.strictObject({
    within: WithinSchema,
    counting: CountingSchema,
    no_later_than: z
      .strictObject({ from: StartSchema, within: z.strictObject({ hours: z.number() }) })
      .optional(),
  }),
]);

/** What every rule has, wherever it comes from. */
export const ruleMembers = {
  id: RuleId,
  title: Text,
  who: Text,
  applies: ConditionSchema.optional(),
  unless: ConditionSchema.optional(),
  starts: StartSchema,
  due: DueSchema,
  recipient: Text,
  reviewed_by: z.string().trim().max(200).default(''),
  reviewed_on: z.union([Day, z.literal('')]).default(''),
  notes: Texts.default([]),
  disputed: Texts.default([]),
};

const regimes = { contract: 'Contract', insurer: 'Insurance', customer: 'Customer' } as const;

/** A clock that an organisation enters: of a contract, an insurer, a customer. */
export const OwnRuleSchema = z
  .strictObject({
    ...ruleMembers,
    kind: z.enum(['contract', 'insurer', 'customer']),
    /** Where it stands, as `DPA with Example Ltd, clause 7.2`. */
    clause: Text,
    url: Url.optional(),
    content: Texts.default([]),
    /** When the contract was read. */
    as_of: Day,
    valid_from: Day.default('1990-01-01'),
    puts_number_on: RuleId.optional(),
  })
  .transform(({ clause, url, ...rule }): Rule => {
    const { kind, as_of } = rule;
    return {
      ...rule,
      regime: regimes[kind],
      article: clause,
      source: { citation: clause, grade: 'contract', as_of, ...(url === undefined ? {} : { url }) },
      status: 'in_force',
    };
  });
