import {
  type Clocks,
  ClocksError,
  checkRules,
  type Law,
  type Rule,
  type Problem as Wrong,
} from '@drawbridge/clocks';
import { z } from '@hono/zod-openapi';
import { FACTS_FORMAT, OwnRuleSchema, readFactsFile } from '../laws/index.ts';
import { Problem } from '../platform/index.ts';
import type { DocumentOf } from './documents.ts';

/** Who we are, for deadlines: the members of docs/deadlines.md, kept. */

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((given) => !given.includes('\0'), 'holds a NUL character; leave it out');
const Country = z.string().regex(/^[A-Z]{2}$/, 'is no country of two capital letters');
const Zone = z.string().max(60);
const Place = z.strictObject({ country: Country.optional(), zone: Zone.optional() });
const RuleId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'lower case letters, digits and -, at most 61');
const WordId = z.string().regex(/^[a-z][a-z0-9_]{0,60}$/, 'lower case letters, digits and _, at most 61');

export const ProfileSchema = z
  .strictObject({
    name: text(200).optional(),
    country: Country.optional().openapi({ description: 'Where the competent authority sits' }),
    zone: Zone.optional(),
    countries: z.array(Country).max(300).default([]).openapi({ description: 'Seats' }),
    answers: z.record(WordId, z.string().max(60)).default({}),
    competent: z
      .record(z.string().max(41), Place)
      .default({})
      .openapi({ description: 'Where another authority is competent, by regime' }),
    extra_holidays: z.array(z.iso.date()).max(1000).default([]),
  })
  .openapi('OrganisationProfile');
export type Profile = z.infer<typeof ProfileSchema>;

export const ReviewsSchema = z
  .record(RuleId, z.strictObject({ by: text(200), on: z.iso.date() }))
  .refine((all) => Object.keys(all).length <= 1000, 'has more than 1,000 rules');
export type Reviews = z.infer<typeof ReviewsSchema>;

/** A clock that an organisation enters, in the form of docs/deadlines.md: the file's reader says what is wrong with one. */
export const OwnRuleFormSchema = z
  .looseObject({ id: RuleId })
  .openapi('OwnRule', { description: 'As `rules` in a file of facts: docs/deadlines.md' });
export type OwnRuleForm = z.infer<typeof OwnRuleFormSchema>;
export const OwnRulesSchema = z.array(OwnRuleFormSchema).max(200);

/** So that with an incident's own facts a file stays below what its reader takes. */
const MOST_OWN_RULES = 200_000;

export const profileDocument: DocumentOf<Profile> = {
  kind: 'profile',
  schema: ProfileSchema,
  initial: { countries: [], answers: {}, competent: {}, extra_holidays: [] },
};
export const reviewsDocument: DocumentOf<Reviews> = { kind: 'reviews', schema: ReviewsSchema, initial: {} };
export const ownRulesDocument: DocumentOf<OwnRuleForm[]> = {
  kind: 'own_rules',
  schema: OwnRulesSchema,
  initial: [],
};

export interface Organisation {
  profile: Profile;
  reviews: Reviews;
  ownRules: readonly OwnRuleForm[];
}

/** Throws Problem 422 that names every wrong member, by the same rules as a file of facts is read. */
export function expectOrganisation({ profile, reviews, ownRules }: Organisation, clocks: Clocks): void {
  if (JSON.stringify(ownRules).length > MOST_OWN_RULES) {
    throw refused([{ field: 'rules', message: `have more than ${MOST_OWN_RULES} characters together` }]);
  }
  const file = { format: FACTS_FORMAT, organisation: profile, incident: {}, reviews, rules: ownRules };
  const read = readFactsFile(JSON.stringify(file));
  if ('problems' in read) throw refused(read.problems);
  try {
    clocks.deadlines(read.facts, 0);
  } catch (error) {
    if (error instanceof ClocksError) throw refused(error.problems);
    throw error;
  }
}

function refused(problems: readonly Wrong[]): Problem {
  const errors = problems.slice(0, 50).map(({ field, message }) => ({ field, message }));
  const [first] = errors;
  return new Problem(
    422,
    'invalid_request',
    first === undefined ? 'This can not be used.' : `${first.field}: ${first.message}`,
    errors,
  );
}

/** Rules of ours that fit the law as it is shipped now; an update can take a word away that one of them names. */
export function fittingRules(
  own: readonly OwnRuleForm[],
  law: Law,
): { fitting: OwnRuleForm[]; rules: Rule[]; unfit: string[] } {
  if (own.length === 0) return { fitting: [], rules: [], unfit: [] };
  const unfit: string[] = [];
  let left = own.flatMap((form) => {
    const read = OwnRuleSchema.safeParse(form);
    if (read.success) return [{ form, rule: read.data }];
    unfit.push(form.id);
    return [];
  });
  for (;;) {
    const problems = checkRules({ ...law, rules: [...law.rules, ...left.map(({ rule }) => rule)] });
    const wrong = new Set(problems.map(({ field }) => field.split('.')[0] ?? ''));
    const fits = left.filter(({ form }) => !wrong.has(form.id));
    unfit.push(...left.filter(({ form }) => wrong.has(form.id)).map(({ form }) => form.id));
    const isDone = fits.length === left.length;
    left = fits;
    if (isDone) return { fitting: left.map(({ form }) => form), rules: left.map(({ rule }) => rule), unfit };
  }
}
