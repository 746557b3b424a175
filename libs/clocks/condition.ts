/** What a rule asks of an organisation or an incident. */
export type Condition =
  /** A question that is answered with yes or no. */
  | { is: string }
  /** A question that is answered with one of its choices. */
  | { answer: string; in: readonly string[] }
  | { all: readonly Condition[] }
  | { any: readonly Condition[] }
  | { not: Condition };

export type Verdict = 'yes' | 'no' | 'unknown';

/** Answers by question; `unknown` is the same as none. */
export type Answers = ReadonlyMap<string, string>;

/** Kleene's three values: what is not answered stays unknown unless the rest decides. */
export function decide(condition: Condition, answers: Answers): Verdict {
  if ('is' in condition) {
    const answer = answers.get(condition.is);
    return answer === 'yes' || answer === 'no' ? answer : 'unknown';
  }
  if ('answer' in condition) {
    const answer = answers.get(condition.answer) ?? 'unknown';
    return answer === 'unknown' ? 'unknown' : condition.in.includes(answer) ? 'yes' : 'no';
  }
  if ('not' in condition) {
    const verdict = decide(condition.not, answers);
    return verdict === 'unknown' ? verdict : verdict === 'yes' ? 'no' : 'yes';
  }
  const [parts, decisive, other]: [readonly Condition[], Verdict, Verdict] =
    'all' in condition ? [condition.all, 'no', 'yes'] : [condition.any, 'yes', 'no'];
  const verdicts = parts.map((part) => decide(part, answers));
  return verdicts.includes(decisive) ? decisive : verdicts.includes('unknown') ? 'unknown' : other;
}

/** Questions whose answers are missing and can still decide. */
export function openQuestions(condition: Condition, answers: Answers): string[] {
  if (decide(condition, answers) !== 'unknown') return [];
  if ('is' in condition) return [condition.is];
  if ('answer' in condition) return [condition.answer];
  if ('not' in condition) return openQuestions(condition.not, answers);
  const parts = 'all' in condition ? condition.all : condition.any;
  return [...new Set(parts.flatMap((part) => openQuestions(part, answers)))];
}

/** Every question that a condition asks. */
export function questionsOf(condition: Condition): string[] {
  if ('is' in condition) return [condition.is];
  if ('answer' in condition) return [condition.answer];
  if ('not' in condition) return questionsOf(condition.not);
  return [...new Set(('all' in condition ? condition.all : condition.any).flatMap(questionsOf))];
}
