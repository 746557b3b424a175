import type { End, Law } from '@drawbridge/clocks';
import { FACTS_FORMAT } from '../laws/index.ts';
import { fittingRules, type Organisation, type OwnRuleForm } from './organisation.ts';
import type { EndKind } from './tables.ts';

/** The file of facts of one incident, as `drawbridge deadlines` takes it, from what is kept. Pure. */

/** An end as it was entered. `words.rule`: the rule, where it is one of ours, as it stood then. */
export interface EnteredEnd {
  rule: string;
  kind: EndKind;
  at: Date;
  by: string;
  words: EndWords;
}

export interface EndWords {
  /** When it was submitted, an instant with its offset. */
  at?: string | undefined;
  what?: string | undefined;
  receipt?: string | undefined;
  because?: string | undefined;
  rule?: OwnRuleForm | undefined;
}

export interface IncidentFacts {
  name: string;
  /** Those that hold now: an instant with its offset by its word. */
  times: Readonly<Record<string, string>>;
  answers: Readonly<Record<string, string>>;
  /** In the order in which they were entered. */
  ends: readonly EnteredEnd[];
  /** What the vendor owes us by the register; null: nothing is stated. */
  vendorRule: OwnRuleForm | null;
}

export interface FactsFileForm {
  format: typeof FACTS_FORMAT;
  organisation: Record<string, unknown>;
  incident: { name: string; times: Record<string, string>; answers: Record<string, string> };
  ends: Record<string, End>;
  reviews: Record<string, { by: string; on: string }>;
  rules: OwnRuleForm[];
}

/** Characters that rules may have which are gone since: with ours and what was entered, below what the file's reader takes. */
const MOST_GONE_RULES = 50_000;

/**
 * All that is known, in the documented form. `dropped`: what was entered and is left out, as the law that is shipped now does not know
 * it; it stays kept.
 */
export function factsFileOf(
  { profile, reviews, ownRules }: Organisation,
  incident: IncidentFacts,
  law: Law,
): { file: FactsFileForm; dropped: string[] } {
  const own = new Map(ownRules.map((rule) => [rule.id, rule]));
  // A clock that ended keeps its rule, also where the contract is gone since.
  let room = MOST_GONE_RULES;
  for (const { rule, words } of incident.ends) {
    if (words.rule === undefined || own.has(rule)) continue;
    room -= JSON.stringify(words.rule).length;
    if (room > 0) own.set(rule, words.rule);
  }
  if (incident.vendorRule !== null) own.set(incident.vendorRule.id, incident.vendorRule);
  const { fitting, rules, unfit } = fittingRules([...own.values()], law);
  const known = new Set([...law.rules, ...rules].map(({ id }) => id));
  const regimes = new Set([...law.rules, ...rules].map(({ regime }) => regime));
  const dropped = unfit.map((id) => `rules.${id}`);
  const kept = <T>(where: string, all: Readonly<Record<string, T>>, fits: (key: string, one: T) => boolean) =>
    Object.fromEntries(
      Object.entries(all).filter(([key, one]) => {
        if (fits(key, one)) return true;
        dropped.push(`${where}.${key}`);
        return false;
      }),
    );
  const isAnswer = (question: string, answer: string): boolean => {
    const asked = law.questions.find(({ id }) => id === question);
    return asked !== undefined && ['unknown', ...(asked.choices ?? ['yes', 'no'])].includes(answer);
  };
  const { name, country, zone } = profile;
  return {
    file: {
      format: FACTS_FORMAT,
      organisation: {
        ...(name === undefined ? {} : { name }),
        ...(country === undefined ? {} : { country }),
        ...(zone === undefined ? {} : { zone }),
        countries: profile.countries,
        answers: kept('organisation.answers', profile.answers, isAnswer),
        competent: kept('organisation.competent', profile.competent, (regime) => regimes.has(regime)),
        extra_holidays: profile.extra_holidays,
      },
      incident: {
        name: incident.name,
        times: kept('incident.times', incident.times, (time) => law.times.some(({ id }) => id === time)),
        answers: kept('incident.answers', incident.answers, isAnswer),
      },
      ends: kept('ends', endsOf(incident.ends), (rule) => known.has(rule)),
      // Of a rule that is gone nothing is reckoned, so that its review is of no use here.
      reviews: Object.fromEntries(Object.entries(reviews).filter(([rule]) => known.has(rule))),
      rules: fitting,
    },
    dropped,
  };
}

/** How each clock stands ended by what was entered: a later entry goes before one that contradicts it, which stays kept. */
export function endsOf(entered: readonly EnteredEnd[]): Record<string, End> {
  const ends = new Map<
    string,
    { submissions: NonNullable<End['submissions']>[number][] } & Omit<End, 'submissions'>
  >();
  for (const { rule, kind, at, by, words } of entered) {
    const end = ends.get(rule) ?? { submissions: [] };
    if (kind === 'reopened') ends.delete(rule);
    else if (kind === 'submitted') {
      const { receipt } = words;
      const submission = {
        at: words.at ?? at.toISOString(),
        what: words.what ?? '',
        ...(receipt === undefined ? {} : { receipt }),
      };
      const { late } = end;
      ends.set(rule, {
        submissions: [...end.submissions, submission],
        ...(late === undefined ? {} : { late }),
      });
    } else if (kind === 'late') {
      ends.set(rule, { submissions: end.submissions, late: { reason: words.because ?? '' } });
    } else {
      const decided = { reason: words.because ?? '', decided_by: by, at: at.toISOString() };
      ends.set(rule, { submissions: [], not_required: decided });
    }
  }
  return Object.fromEntries(
    [...ends].map(([rule, { submissions, ...end }]) => [
      rule,
      submissions.length === 0 ? end : { submissions, ...end },
    ]),
  );
}
