import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

/** The format of scenario files: an incident as data, with a made-up population to play it with. */
export const SCENARIO_FORMAT = 'drawbridge.scenario/1';

const Share = z.number().min(0).max(1);
const Weight = z.number().positive();
const Text = z.string().min(1).max(300);
const Weighted = z.tuple([Text, Weight]);

const StepSchema = z.strictObject({
  name: Text,
  path: z.string().startsWith('/').max(200).optional(),
  title: Text.optional(),
  /** Share of those at the step before who come to this one. */
  chance: Share,
  /** A step of the funnel. */
  funnel: z.boolean().optional(),
  /** Before the person signs in. */
  anonymous: z.boolean().optional(),
  /** Who sends it; the browser if left out. */
  by: z.literal('server').optional(),
});

export const ScenarioSchema = z.strictObject({
  format: z.literal(SCENARIO_FORMAT),
  id: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/),
  title: Text,
  summary: z.string().min(1).max(2000),
  source: z.url(),
  as_of: z.iso.date(),
  facts: z.array(
    z.strictObject({
      date: z.iso.date(),
      text: Text,
      source: z.url(),
      confidence: z.enum(['stated', 'reported', 'disputed']),
    }),
  ),
  seed: z.int().min(0).max(0xffff_ffff),
  people: z.int().min(1).max(100_000),
  organisations: z.strictObject({
    per_person: z.number().positive().max(1),
    exponent: z.number().min(0).max(3),
  }),
  countries: z
    .array(
      z.strictObject({
        code: z.string().regex(/^[A-Z]{2}$/),
        share: Weight,
        /** City, region, weight. */
        cities: z.array(z.tuple([Text, Text, Weight])).min(1),
      }),
    )
    .min(1),
  browsers: z
    .array(
      z.strictObject({
        share: Weight,
        agent: Text,
        vendor: z.string().max(60),
        screen: z.tuple([z.int().min(1), z.int().min(1)]),
      }),
    )
    .min(1),
  referrers: z.array(z.strictObject({ share: Weight, url: z.string().max(300) })).min(1),
  search_words: z.array(Text).min(1),
  journey: z.array(StepSchema).min(2),
  wanderings: z.strictObject({
    per_person: z.number().min(0).max(20),
    events: z
      .array(z.strictObject({ name: Text, path: z.string().startsWith('/'), title: Text, share: Weight }))
      .min(1),
  }),
  hidden: z.strictObject({
    unmapped_property: Share,
    event_name: Share,
    path: Share,
    page_title: Share,
    distinct_id: Share,
    property_name: Share,
    query: Share,
    encoded: Share,
    free_text: Share,
  }),
  phones: Share,
  plans: z.array(Weighted).min(1),
  ai: z.strictObject({
    share: Share,
    calls: z.number().min(1).max(20),
    user: Share,
    safety_identifier: Share,
    metadata: Share,
    prompts: z.array(Text).min(1),
  }),
  names: z.strictObject({
    given: z.array(Text).min(1),
    family: z.strictObject({
      first: z.array(Text).min(1),
      second: z.array(Text).min(1),
      third: z.array(Text).min(1),
    }),
  }),
  organisation_names: z.strictObject({ first: z.array(Text).min(1), second: z.array(Text).min(1) }),
});
export type Scenario = z.infer<typeof ScenarioSchema>;

/** A scenario file that can't be played: `message` names the file and each field that is wrong. */
export class ScenarioError extends Error {
  readonly code = 'scenario_invalid';
  constructor(file: string, problems: readonly string[]) {
    super(`The scenario ${file} can't be played:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'ScenarioError';
  }
}

/** Checks a scenario. Throws ScenarioError naming file and fields. */
export function parseScenario(file: string, text: string): Scenario {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new ScenarioError(file, [error instanceof Error ? error.message : 'not YAML']);
  }
  const result = ScenarioSchema.safeParse(value);
  if (result.success) return result.data;
  throw new ScenarioError(
    file,
    result.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`),
  );
}

/** Reads a scenario file. Throws ScenarioError, or the file system's error. */
export async function readScenario(file: string): Promise<Scenario> {
  return parseScenario(file, await readFile(file, 'utf8'));
}
