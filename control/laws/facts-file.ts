import type { Facts, Problem } from '@drawbridge/clocks';
import { z } from 'zod';
import { told } from '../platform/index.ts';
import { Country, Day, OwnRuleSchema, RuleId, Text, WordId } from './rule-schema.ts';
import { shapeProblem } from './shape.ts';

/** What `drawbridge deadlines` is given: docs/deadlines.md. */
export const FACTS_FORMAT = 'drawbridge.deadlines/1';
export const LARGEST_FACTS = 512 * 1024;
const DEEPEST = 20;

const Instant = z.string().max(40);
const Place = { country: Country.optional(), zone: z.string().max(60).optional() };
const Regime = z.string().regex(/^[A-Z][A-Za-z0-9 .-]{0,40}$/, 'is no name of a regime');

const FactsSchema = z.strictObject({
  format: z.literal(FACTS_FORMAT),
  /** The time of reckoning; without it, now. */
  at: Instant.optional(),
  organisation: z.strictObject({
    name: Text.optional(),
    ...Place,
    countries: z.array(Country).max(300).optional(),
    answers: z.record(WordId, z.string().max(60)).optional(),
    competent: z.record(Regime, z.strictObject(Place)).optional(),
    extra_holidays: z.array(Day).max(1000).optional(),
  }),
  incident: z.strictObject({
    name: Text.optional(),
    answers: z.record(WordId, z.string().max(60)).optional(),
    times: z.record(WordId, Instant).optional(),
  }),
  ends: z
    .record(
      RuleId,
      z.strictObject({
        submissions: z
          .array(z.strictObject({ at: Instant, what: Text, receipt: Text.optional() }))
          .max(200)
          .optional(),
        not_required: z.strictObject({ reason: Text, decided_by: Text, at: Instant }).optional(),
        late: z.strictObject({ reason: Text }).optional(),
      }),
    )
    .optional(),
  reviews: z.record(RuleId, z.strictObject({ by: Text, on: Day })).optional(),
  rules: z.array(OwnRuleSchema).max(200).optional(),
});

export interface FactsFile {
  /** As given; null: now. */
  at: string | null;
  /** Names of organisation and incident, for people. */
  names: { organisation: string | null; incident: string | null };
  facts: Facts;
}

/** Reads a file of facts by its shape. What its names and times mean is for the clocks. */
export function readFactsFile(text: string): FactsFile | { problems: Problem[] } {
  const only = (message: string): { problems: Problem[] } => ({ problems: [{ field: '(file)', message }] });
  if (text.length > LARGEST_FACTS) return only(`has more than ${LARGEST_FACTS} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The message of the parser quotes what it read: people's facts are not for logs.
    return only('is no JSON');
  }
  const shape = shapeProblem(value, DEEPEST);
  if (shape !== null) return only(shape);
  const parsed = FactsSchema.safeParse(value);
  if (!parsed.success)
    return {
      problems: told(parsed.error.issues)
        .slice(0, 100)
        .map(({ path, message }) => ({ field: path.map(String).join('.') || '(file)', message })),
    };
  const { at, organisation, incident, ends, reviews, rules } = parsed.data;
  const { name: organisationName, ...organisationFacts } = organisation;
  const { name: incidentName, ...incidentFacts } = incident;
  return {
    at: at ?? null,
    names: { organisation: organisationName ?? null, incident: incidentName ?? null },
    facts: {
      organisation: organisationFacts,
      incident: incidentFacts,
      ...(ends === undefined ? {} : { ends }),
      ...(reviews === undefined ? {} : { reviews }),
      ...(rules === undefined ? {} : { rules }),
    },
  };
}
