import type { Temporal } from 'temporal-polyfill';
import { ClocksError, type Problem } from './error.ts';
import type { End, Facts } from './facts.ts';
import type { CalendarRules } from './holidays.ts';
import type { Question, Rule, TimeWord } from './rule.ts';
import { isZone, readInstant } from './time.ts';

/** Facts with their times read and their names looked up. */
export interface Known {
  answers: ReadonlyMap<string, string>;
  times: ReadonlyMap<string, Temporal.Instant>;
  ends: ReadonlyMap<string, KnownEnd>;
  /** By rule. */
  reviews: ReadonlyMap<string, { by: string; on: string }>;
}

export interface KnownEnd {
  /** In the order of their times. */
  submissions: { at: Temporal.Instant; what: string; receipt?: string }[];
  not_required: NonNullable<End['not_required']> | null;
  late: string | null;
}

interface Names {
  rules: readonly Rule[];
  questions: readonly Question[];
  times: readonly TimeWord[];
  calendars: readonly CalendarRules[];
}

/** Throws ClocksError `bad_facts` with all that is wrong. */
export function readFacts(names: Names, facts: Facts): Known {
  const problems: Problem[] = [];
  const add = (field: string, message: string): void => {
    problems.push({ field, message });
  };
  const { organisation, incident } = facts;
  checkPlace(names, 'organisation', organisation, add);
  const regimes = new Set(names.rules.map(({ regime }) => regime));
  for (const [regime, place] of Object.entries(organisation.competent ?? {})) {
    if (!regimes.has(regime)) add(`organisation.competent.${regime}`, 'is no regime of the rules');
    checkPlace(names, `organisation.competent.${regime}`, place, add);
  }
  const answers = new Map<string, string>();
  for (const { id, yes_in } of names.questions)
    if (organisation.countries?.some((country) => yes_in?.includes(country)) === true) answers.set(id, 'yes');
  for (const [where, given] of [
    ['organisation.answers', organisation.answers],
    ['incident.answers', incident.answers],
  ] as const)
    for (const [id, answer] of Object.entries(given ?? {})) {
      const question = names.questions.find((one) => one.id === id);
      const choices = question?.choices ?? ['yes', 'no'];
      if (question === undefined) add(`${where}.${id}`, 'is no question of the rules');
      else if (answer !== 'unknown' && !choices.includes(answer))
        add(`${where}.${id}`, `is one of ${[...choices, 'unknown'].join(', ')}`);
      else answers.set(id, answer);
    }
  const times = new Map<string, Temporal.Instant>();
  for (const [id, text] of Object.entries(incident.times ?? {})) {
    if (!names.times.some((word) => word.id === id)) add(`incident.times.${id}`, 'is no time of the rules');
    const instant = readInstant(text);
    if (typeof instant === 'string') add(`incident.times.${id}`, instant);
    else times.set(id, instant);
  }
  const rules = new Set(names.rules.map(({ id }) => id));
  const ends = new Map<string, KnownEnd>();
  for (const [id, end] of Object.entries(facts.ends ?? {})) {
    if (!rules.has(id)) add(`ends.${id}`, 'is no rule');
    ends.set(id, readEnd(`ends.${id}`, end, add));
  }
  const reviews = new Map(Object.entries(facts.reviews ?? {}));
  for (const id of reviews.keys()) if (!rules.has(id)) add(`reviews.${id}`, 'is no rule');
  if (problems.length > 0) throw new ClocksError('bad_facts', problems);
  return { answers, times, ends, reviews };
}

function checkPlace(
  { calendars }: Names,
  where: string,
  { country, zone }: { country?: string | undefined; zone?: string | undefined },
  add: (field: string, message: string) => void,
): void {
  if (zone !== undefined && !isZone(zone)) add(`${where}.zone`, 'is no zone, as Europe/Berlin');
  // A country without a calendar is told at each clock; without a zone nothing could be told of its days.
  if (country !== undefined && zone === undefined && !calendars.some(({ id }) => id === country))
    add(`${where}.country`, `has no calendar here: give ${where}.zone, too, as Europe/Lisbon`);
}

function readEnd(where: string, end: End, add: (field: string, message: string) => void): KnownEnd {
  const submissions: KnownEnd['submissions'] = [];
  for (const [index, { at, what, receipt }] of (end.submissions ?? []).entries()) {
    const instant = readInstant(at);
    if (typeof instant === 'string') add(`${where}.submissions.${index}.at`, instant);
    else submissions.push({ at: instant, what, ...(receipt === undefined ? {} : { receipt }) });
  }
  submissions.sort((a, b) => a.at.epochMilliseconds - b.at.epochMilliseconds);
  if (end.not_required !== undefined) {
    const instant = readInstant(end.not_required.at);
    if (typeof instant === 'string') add(`${where}.not_required.at`, instant);
    if (end.submissions !== undefined || end.late !== undefined)
      add(where, 'is not required and has a submission or a delay: one of them is wrong');
  }
  if (end.not_required === undefined && end.late === undefined && (end.submissions ?? []).length === 0)
    add(where, 'ends by submissions, not_required or late, and has none');
  return { submissions, not_required: end.not_required ?? null, late: end.late?.reason ?? null };
}
