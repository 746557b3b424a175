import { Temporal } from 'temporal-polyfill';
import { appliesTo, openOf } from './applies.ts';
import { checkRules } from './check.ts';
import type { Clock, Deadlines, SetAside, State } from './clock.ts';
import { decide, questionsOf, type Verdict } from './condition.ts';
import { ClocksError, type Problem } from './error.ts';
import type { Facts } from './facts.ts';
import { Calendar, type CalendarRules } from './holidays.ts';
import { type Known, readFacts } from './known.ts';
import { type Reckoned, Reckoner } from './reckoner.ts';
import type { Question, Rule, TimeWord } from './rule.ts';
import { instantText, isoOf } from './time.ts';

/** The law that clocks are reckoned by: facts, handed in. */
export interface Law {
  rules: readonly Rule[];
  questions: readonly Question[];
  times: readonly TimeWord[];
  calendars: readonly CalendarRules[];
}

/** Stands in the notes of every clock whose rule nobody of the organisation's counsel reviewed. */
export const UNREVIEWED = 'Unreviewed, confirm with counsel.';

/** Clocks over one body of law. Made once; every reckoning is a pure function of facts and time. */
export class Clocks {
  readonly #law: Law;
  readonly #calendars: ReadonlyMap<string, CalendarRules>;
  readonly #plain = new Map<string, Calendar>();

  /** Throws ClocksError `bad_rules` where rules, words and calendars do not fit together. */
  constructor(law: Law) {
    const problems = checkRules(law);
    if (problems.length > 0) throw new ClocksError('bad_rules', problems);
    this.#law = law;
    this.#calendars = new Map(law.calendars.map((calendar) => [calendar.id, calendar]));
    for (const calendar of law.calendars) this.#plain.set(calendar.id, new Calendar(calendar));
  }

  /**
   * The clocks of an incident. `at`: the time of reckoning, milliseconds since 1970. Throws ClocksError `bad_facts` with every member
   * that names what is not there or is no time, and `bad_rules` where rules of the facts do not fit.
   */
  deadlines(facts: Facts, at: number): Deadlines {
    const own = facts.rules ?? [];
    const rules = own.length === 0 ? this.#law.rules : [...this.#law.rules, ...own];
    const problems: Problem[] = own.length === 0 ? [] : checkRules({ ...this.#law, rules });
    if (problems.length > 0) throw new ClocksError('bad_rules', problems);
    const known = readFacts({ ...this.#law, rules }, facts);
    // Days that were entered are those of a part of the organisation's own country.
    const { country, extra_holidays } = facts.organisation;
    const reckoner = new Reckoner(rules, this.#law.times, facts, known, (id) =>
      this.#calendarOf(id, id === country ? (extra_holidays ?? []) : []),
    );
    return new Wall(rules, this.#law, known, reckoner, Temporal.Instant.fromEpochMilliseconds(at)).all();
  }

  #calendarOf(id: string, more: readonly string[]): Calendar | null {
    const rules = this.#calendars.get(id);
    if (rules === undefined) return null;
    return more.length === 0 ? (this.#plain.get(id) ?? null) : new Calendar(rules, more);
  }
}

/** All clocks of one incident at one time. */
class Wall {
  readonly #rules: readonly Rule[];
  readonly #law: Law;
  readonly #known: Known;
  readonly #reckoner: Reckoner;
  readonly #at: Temporal.Instant;

  constructor(rules: readonly Rule[], law: Law, known: Known, reckoner: Reckoner, at: Temporal.Instant) {
    this.#rules = rules;
    this.#law = law;
    this.#known = known;
    this.#reckoner = reckoner;
    this.#at = at;
  }

  all(): Deadlines {
    const clocks: Clock[] = [];
    const aside: SetAside[] = [];
    const horizon: Deadlines['horizon'] = [];
    for (const rule of this.#rules) {
      const { id, regime, article, title } = rule;
      if (rule.status === 'horizon') {
        horizon.push({ rule: id, regime, article, title, notes: rule.notes, source: rule.source });
        continue;
      }
      const applies = appliesTo(rule, this.#known.answers);
      // What a person has ended is shown, whatever answers say now.
      if (applies === 'no' && this.#known.ends.get(id) === undefined) aside.push(this.#setAside(rule));
      else clocks.push(this.#clock(rule, applies));
    }
    return {
      at: this.#at.toString(),
      clocks,
      set_aside: aside,
      horizon,
      questions: this.#questions(clocks),
      times: this.#times(clocks),
    };
  }

  #clock(rule: Rule, applies: Verdict): Clock {
    const place = this.#reckoner.placeOf(rule);
    const reckoned = this.#reckoner.reckon(rule);
    const { counted, start } = reckoned;
    const readings = counted?.readings ?? [];
    const [last] = readings.toSorted((a, b) => b.at.epochMilliseconds - a.at.epochMilliseconds);
    const notes = [...rule.notes, ...reckoned.notes, ...(counted?.notes ?? [])];
    const armed = this.#armedBy(rule, start);
    const end = this.#known.ends.get(rule.id) ?? null;
    const review =
      this.#known.reviews.get(rule.id) ??
      (rule.reviewed_by === '' ? null : { by: rule.reviewed_by, on: rule.reviewed_on });
    const state = this.#stateOf(rule, applies, armed !== null, reckoned, last?.at ?? null, notes);
    if (armed !== null) notes.push(armed);
    if (start !== null && start.epochMilliseconds > this.#at.epochMilliseconds)
      notes.push('It starts after the time of this reckoning.');
    if (end?.submissions.some(({ at }) => at.epochMilliseconds > this.#at.epochMilliseconds) === true)
      notes.push('A submission lies after the time of this reckoning.');
    if (review === null) notes.push(UNREVIEWED);
    return {
      rule: rule.id,
      regime: rule.regime,
      kind: rule.kind,
      article: rule.article,
      title: rule.title,
      recipient: rule.recipient,
      content: rule.content,
      state,
      questions: openOf(rule, counted !== null, this.#known.answers),
      waits_for: reckoned.waits,
      start: start === null ? null : { at: isoOf(start, place.zone), text: instantText(start, place.zone) },
      due: counted === null ? null : { at: isoOf(counted.due, place.zone), text: counted.dueText },
      latest:
        last === undefined
          ? null
          : {
              at: isoOf(last.at, place.zone),
              text: last.text,
              disputed: last.disputed,
              readings: readings.map(({ at, text, disputed, reason }) => ({
                at: isoOf(at, place.zone),
                text,
                disputed,
                reason,
              })),
            },
      no_number: 'no_number' in rule.due ? rule.due.no_number : null,
      numbers: 'no_number' in rule.due ? this.#reckoner.numbersOf(rule) : [],
      outlook: this.#reckoner.outlookOf(rule),
      steps: reckoned.steps,
      end:
        end === null
          ? null
          : {
              submissions: end.submissions.map(({ at, what, receipt }) => ({
                at: isoOf(at, place.zone),
                what,
                ...(receipt === undefined ? {} : { receipt }),
              })),
              not_required: end.not_required,
              late: end.late,
            },
      review,
      notes,
      disputed: rule.disputed,
      source: rule.source,
      as_of: rule.as_of,
    };
  }

  #stateOf(
    rule: Rule,
    applies: Verdict,
    isArmed: boolean,
    { counted, start, waits }: Reckoned,
    latest: Temporal.Instant | null,
    notes: string[],
  ): State {
    const end = this.#known.ends.get(rule.id);
    if (end !== undefined) {
      if (end.not_required !== null) return 'not_required';
      const [first] = end.submissions;
      if (first === undefined) return 'late';
      if (start !== null && first.at.epochMilliseconds < start.epochMilliseconds)
        notes.push('The first submission lies before the start of the clock.');
      if (counted === null || first.at.epochMilliseconds <= counted.due.epochMilliseconds) return 'submitted';
      if (latest !== null && first.at.epochMilliseconds <= latest.epochMilliseconds) {
        notes.push('Submitted after the strict time, and within what can be argued.');
        return 'submitted';
      }
      if (end.late === null) notes.push('Submitted late, and no reason is given for it.');
      return 'late';
    }
    if (applies === 'unknown') return 'unknown';
    if (isArmed) return 'armed';
    if (waits !== null || start === null) return 'waiting';
    if (counted === null) return 'due';
    const at = this.#at.epochMilliseconds;
    if (at <= counted.due.epochMilliseconds) return 'running';
    return latest !== null && at <= latest.epochMilliseconds ? 'due' : 'late';
  }

  /** Why a rule has no bite at the time when it starts; null: it has. */
  #armedBy(rule: Rule, start: Temporal.Instant | null): string | null {
    const { zone } = this.#reckoner.placeOf(rule);
    const day = (start ?? this.#at).toZonedDateTimeISO(zone).toPlainDate().toString();
    if (day < rule.valid_from) return `It applies from ${rule.valid_from}; this is before it.`;
    const armed = (rule.armed ?? []).filter(
      ({ when }) => when === undefined || decide(when, this.#known.answers) !== 'no',
    );
    if (armed.length === 0) return null;
    // Where it is not answered which date holds, it is armed only as long as each of them lies ahead.
    return armed.every(({ until }) => day < until)
      ? `Armed: ${armed.map(({ text, until }) => `${text} (${until})`).join('; ')}`
      : null;
  }

  #setAside(rule: Rule): SetAside {
    const { answers } = this.#known;
    const asked = [
      ...(rule.applies === undefined ? [] : questionsOf(rule.applies)),
      ...(rule.unless === undefined ? [] : questionsOf(rule.unless)),
    ];
    const questions = [...new Set(asked)];
    const because = questions.flatMap((question) => {
      const answer = answers.get(question);
      return answer === undefined || answer === 'unknown' ? [] : [{ question, answer }];
    });
    return {
      rule: rule.id,
      regime: rule.regime,
      article: rule.article,
      title: rule.title,
      because,
      would_change: questions.flatMap((question) =>
        this.#choicesOf(question)
          .filter((answer) => answer !== answers.get(question))
          .filter((answer) => appliesTo(rule, new Map([...answers, [question, answer]])) !== 'no')
          .map((answer) => ({ question, answer })),
      ),
    };
  }

  #choicesOf(question: string): readonly string[] {
    return this.#law.questions.find(({ id }) => id === question)?.choices ?? ['yes', 'no'];
  }

  #questions(clocks: readonly Clock[]): Deadlines['questions'] {
    const rules = new Map<string, string[]>();
    for (const { rule, questions } of clocks)
      for (const id of questions) rules.set(id, [...(rules.get(id) ?? []), rule]);
    return this.#law.questions
      .flatMap(({ id, text, of, choices }) => {
        const decided = rules.get(id);
        return decided === undefined
          ? []
          : [{ id, text, of, choices: choices ?? ['yes', 'no'], rules: decided }];
      })
      .toSorted((a, b) => b.rules.length - a.rules.length);
  }

  #times(clocks: readonly Clock[]): Deadlines['times'] {
    return this.#law.times.flatMap(({ id, text }) => {
      const rules = clocks
        .filter(
          ({ waits_for, end }) => end === null && waits_for?.what === 'time' && waits_for.ids.includes(id),
        )
        .map(({ rule }) => rule);
      return rules.length === 0 ? [] : [{ id, text, rules }];
    });
  }
}
