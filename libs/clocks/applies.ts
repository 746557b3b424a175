import { type Answers, decide, openQuestions, type Verdict } from './condition.ts';
import type { Rule } from './rule.ts';

/** Whether a rule applies, by answers alone. What is not answered never takes it out. */
export function appliesTo(rule: Rule, answers: Answers): Verdict {
  if (rule.unless !== undefined && decide(rule.unless, answers) === 'yes') return 'no';
  return rule.applies === undefined ? 'yes' : decide(rule.applies, answers);
}

/** What is not answered and could take the rule in, take it out, or change its latest time. */
export function openOf({ applies, unless, due }: Rule, isCounted: boolean, answers: Answers): string[] {
  const notFor = isCounted && 'within' in due ? due.counting.noon_rule?.not_for : undefined;
  return [
    ...new Set(
      [applies, unless, notFor].flatMap((condition) =>
        condition === undefined ? [] : openQuestions(condition, answers),
      ),
    ),
  ];
}
