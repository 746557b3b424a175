import type { Clocks, Deadlines, Law } from '@drawbridge/clocks';
import { OwnRuleSchema } from '../laws/index.ts';
import { fittingRules, type Organisation } from './organisation.ts';

/** What an organisation is asked, what hangs on it, and what another answer would change. Pure. */

export interface Asked {
  id: string;
  text: string;
  choices: string[];
  /** As given; null: not answered. */
  answer: string | null;
  /** Whether a seat answered it, and nobody else. */
  bySeat: boolean;
  /** Rules that hang on it as long as it is not answered. */
  decides: string[];
  /** What each other answer would do: rules that would come to apply, and that it would take out. */
  wouldChange: { answer: string; brings: string[]; takesOut: string[] }[];
}

/** Questions of the organisation that matter now, what is open and decides most first; then those that are answered. */
export function questionsOf(organisation: Organisation, law: Law, clocks: Clocks): Asked[] {
  const { profile, ownRules } = organisation;
  const rules = fittingRules(ownRules, law).fitting.map((form) => OwnRuleSchema.parse(form));
  const under = (answers: Readonly<Record<string, string>>): Deadlines =>
    clocks.deadlines({ organisation: { countries: profile.countries, answers }, incident: {}, rules }, 0);
  const now = under(profile.answers);
  const applies = new Set(now.clocks.map(({ rule }) => rule));
  const open = new Map(now.questions.map(({ id, rules: decided }) => [id, decided]));
  const asked = law.questions
    .filter(({ of }) => of === 'organisation')
    .map(({ id, text, choices: given, yes_in }): Asked => {
      const choices = [...(given ?? ['yes', 'no'])];
      const stated = profile.answers[id];
      const isSeat = stated === undefined && profile.countries.some((seat) => yes_in?.includes(seat));
      const answer = isSeat ? 'yes' : stated === undefined || stated === 'unknown' ? null : stated;
      return {
        id,
        text,
        choices,
        answer,
        bySeat: isSeat,
        decides: open.get(id) ?? [],
        wouldChange: choices.flatMap((other) => {
          if (other === answer) return [];
          const then = new Set(under({ ...profile.answers, [id]: other }).clocks.map(({ rule }) => rule));
          const brings = [...then].filter((rule) => !applies.has(rule));
          const takesOut = [...applies].filter((rule) => !then.has(rule));
          return brings.length + takesOut.length === 0 ? [] : [{ answer: other, brings, takesOut }];
        }),
      };
    });
  // What decides nothing, and would change nothing however it is answered, is not asked.
  return asked
    .filter(({ answer, decides, wouldChange }) => answer !== null || decides.length + wouldChange.length > 0)
    .sort((a, b) => b.decides.length - a.decides.length);
}

/** Whether everything is answered that the organisation must say, with the place that gives days and zone. */
export const isComplete = (asked: readonly Asked[], { profile }: Organisation): boolean =>
  asked.every(({ answer, decides }) => answer !== null || decides.length === 0) &&
  (profile.country !== undefined || profile.zone !== undefined);
