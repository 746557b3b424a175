import { Temporal } from 'temporal-polyfill';
import { checkRules } from './check.ts';
import { type Answers, decide, openQuestions, questionsOf, type Verdict } from './condition.ts';
import { type Counted, count, type Place, type Step } from './count.ts';
import { ClocksError, type Problem } from './error.ts';
import type { Facts } from './facts.ts';
import { Calendar, type CalendarRules } from './holidays.ts';
import { type Known, readFacts } from './known.ts';
import { amountOf, type Question, type Rule, type Source, type Start, type TimeWord } from './rule.ts';
import { instantText, isoOf } from './time.ts';

/** The law that clocks are reckoned by: facts, handed in. */
export interface Law {
  rules: readonly Rule[];
  questions: readonly Question[];
  times: readonly TimeWord[];
  calendars: readonly CalendarRules[];
}

/**
 * `waiting`: for a time or a submission. `running`: the strict time is ahead. `due`: at once, where there is no number; else the strict
 * time is over and a later one can be argued. `late`: no time is left, or it was sent after it. `armed`: without bite as yet.
 * `unknown`: whether it applies is not answered; its times are reckoned as if it did. `not_required`: somebody decided so.
 */
export type State =
  | 'running'
  | 'due'
  | 'submitted'
  | 'late'
  | 'not_required'
  | 'waiting'
  | 'armed'
  | 'unknown';

export interface Moment {
  /** ISO 8601 with the offset of the place. */
  at: string;
  text: string;
}

export interface Clock {
  rule: string;
  regime: string;
  kind: Rule['kind'];
  article: string;
  title: string;
  recipient: string;
  content: readonly string[];
  state: State;
  /** What decides whether it applies and is not answered. */
  questions: string[];
  waits_for: { what: 'time' | 'submission'; ids: string[]; text: string } | null;
  start: Moment | null;
  /** The strict time. Null while it waits, and for duties without a number. */
  due: Moment | null;
  /** The latest time that can be argued for, and every argument. Never to be planned with. */
  latest:
    | (Moment & {
        disputed: boolean;
        readings: { at: string; text: string; disputed: boolean; reason: string }[];
      })
    | null;
  /** The words of a duty that has no number. */
  no_number: string | null;
  /** What contracts say where the law names no number. */
  numbers: { rule: string; due: Moment | null }[];
  /** What would be due if what it waits for came at its own time. */
  outlook: (Moment & { if: string }) | null;
  steps: Step[];
  end: {
    submissions: readonly { at: string; what: string; receipt?: string }[];
    not_required: { reason: string; decided_by: string; at: string } | null;
    late: string | null;
  } | null;
  review: { by: string; on: string } | null;
  notes: string[];
  disputed: readonly string[];
  source: Source;
  as_of: string;
}

/** A rule that answers take out. It is not said that nothing is due: who answers otherwise gets another result. */
export interface SetAside {
  rule: string;
  regime: string;
  article: string;
  title: string;
  because: { question: string; answer: string }[];
  /** Single answers that would bring it back. */
  would_change: { question: string; answer: string }[];
}

export interface Deadlines {
  at: string;
  clocks: Clock[];
  set_aside: SetAside[];
  /** Law that is not in force. */
  horizon: {
    rule: string;
    regime: string;
    article: string;
    title: string;
    notes: readonly string[];
    source: Source;
  }[];
  /** What is not answered and decides, what decides most first. */
  questions: { id: string; text: string; of: Question['of']; choices: readonly string[]; rules: string[] }[];
  /** Times that clocks wait for. */
  times: { id: string; text: string; rules: string[] }[];
}

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
    return new Reckoning(
      rules,
      this.#law,
      facts,
      known,
      Temporal.Instant.fromEpochMilliseconds(at),
      (country) => this.#calendarOf(country, facts.organisation.extra_holidays ?? []),
    ).all();
  }

  #calendarOf(id: string, more: readonly string[]): Calendar | null {
    const rules = this.#calendars.get(id);
    if (rules === undefined) return null;
    return more.length === 0 ? (this.#plain.get(id) ?? null) : new Calendar(rules, more);
  }
}

interface Reckoned {
  counted: Counted | null;
  start: Temporal.Instant | null;
  steps: Step[];
  notes: string[];
  waits: Clock['waits_for'];
}

class Reckoning {
  readonly #rules: readonly Rule[];
  readonly #byId: ReadonlyMap<string, Rule>;
  readonly #law: Law;
  readonly #facts: Facts;
  readonly #known: Known;
  readonly #at: Temporal.Instant;
  readonly #calendarOf: (id: string) => Calendar | null;
  readonly #reckoned = new Map<string, Reckoned>();
  readonly #places = new Map<string, Place>();

  constructor(
    rules: readonly Rule[],
    law: Law,
    facts: Facts,
    known: Known,
    at: Temporal.Instant,
    calendarOf: (id: string) => Calendar | null,
  ) {
    this.#rules = rules;
    this.#byId = new Map(rules.map((rule) => [rule.id, rule]));
    this.#law = law;
    this.#facts = facts;
    this.#known = known;
    this.#at = at;
    this.#calendarOf = calendarOf;
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
    const place = this.#placeOf(rule);
    const reckoned = this.#reckon(rule);
    const { counted, start } = reckoned;
    const readings = counted?.readings ?? [];
    const [last] = readings.toSorted((a, b) => b.at.epochMilliseconds - a.at.epochMilliseconds);
    const notes = [...rule.notes, ...reckoned.notes, ...(counted?.notes ?? [])];
    const armed = this.#armedBy(rule, start);
    const end = this.#known.ends.get(rule.id) ?? null;
    const review =
      this.#facts.reviews?.[rule.id] ??
      (rule.reviewed_by === '' ? null : { by: rule.reviewed_by, on: rule.reviewed_on });
    const state = this.#stateOf(rule, applies, armed !== null, reckoned, last?.at ?? null, notes);
    if (armed !== null) notes.push(armed);
    if (start !== null && start.epochMilliseconds > this.#at.epochMilliseconds)
      notes.push('It starts after the time of this reckoning.');
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
      numbers: 'no_number' in rule.due ? this.#numbersOf(rule) : [],
      outlook: this.#outlook(rule, reckoned, place),
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

  /** The times of a rule by themselves, whether it applies or not. */
  #reckon(rule: Rule): Reckoned {
    const before = this.#reckoned.get(rule.id);
    if (before !== undefined) return before;
    const place = this.#placeOf(rule);
    const start = this.#instantOf(rule.starts);
    const made: Reckoned =
      start === null
        ? {
            counted: null,
            start,
            steps: [],
            notes: this.#onEndedBefore(rule),
            waits: this.#waitsFor(rule.starts),
          }
        : this.#from(rule, start, place);
    this.#reckoned.set(rule.id, made);
    return made;
  }

  #from(rule: Rule, start: Temporal.Instant, place: Place): Reckoned {
    const { due } = rule;
    const first: Step = {
      does: 'start',
      to: isoOf(start, place.zone),
      text: `${this.#nameOf(rule.starts)} ${instantText(start, place.zone)}`,
    };
    if ('no_number' in due) {
      const step: Step = { does: 'note', text: `Due ${due.no_number}: no number is given.` };
      return { counted: null, start, steps: [first, step], notes: [], waits: null };
    }
    const notFor =
      due.counting.noon_rule?.not_for === undefined
        ? 'no'
        : decide(due.counting.noon_rule.not_for, this.#known.answers);
    const counted = count(amountOf(due.within), due.counting, start, place, notFor);
    if (due.no_later_than === undefined)
      return { counted, start, steps: [first, ...counted.steps], notes: [], waits: null };
    const capStart = this.#instantOf(due.no_later_than.from);
    const { hours } = due.no_later_than.within;
    const name = this.#nameOf(due.no_later_than.from);
    if (capStart === null) {
      const note = `Not known is: ${name}. ${hours} h after it may be earlier than this.`;
      return { counted, start, steps: [first, ...counted.steps], notes: [note], waits: null };
    }
    const cap = count({ n: hours, unit: 'hours' }, due.counting, capStart, place, notFor);
    const capSteps: Step[] = [
      {
        does: 'start',
        to: isoOf(capStart, place.zone),
        text: `${name} ${instantText(capStart, place.zone)}`,
      },
      ...cap.steps,
    ];
    const steps = [first, ...counted.steps, ...capSteps];
    const passed = cap.due.epochMilliseconds < start.epochMilliseconds;
    const isCap = !passed && cap.due.epochMilliseconds < counted.due.epochMilliseconds;
    const chosen = isCap ? cap : counted;
    steps.push({
      does: 'choose',
      from: isoOf(isCap ? counted.due : cap.due, place.zone),
      to: isoOf(chosen.due, place.zone),
      text: passed
        ? `${cap.dueText} had passed when the clock started: ${counted.dueText} holds`
        : `The earlier of the two holds: ${chosen.dueText}`,
    });
    return { counted: chosen, start, steps, notes: [], waits: null };
  }

  #instantOf(start: Start): Temporal.Instant | null {
    if ('time' in start) return this.#known.times.get(start.time) ?? null;
    const sent = start.submitted
      .flatMap((id) => this.#known.ends.get(id)?.submissions ?? [])
      .map(({ at }) => at)
      .toSorted((a, b) => a.epochMilliseconds - b.epochMilliseconds);
    return (start.take === 'first' ? sent[0] : sent.at(-1)) ?? null;
  }

  #nameOf(start: Start): string {
    if ('time' in start) return this.#law.times.find(({ id }) => id === start.time)?.name ?? start.time;
    const names = start.submitted.map((id) => this.#byId.get(id)?.title ?? id);
    return `${start.take === 'latest' ? 'last ' : ''}submitted (${names.join(' or ')})`;
  }

  #waitsFor(start: Start): Clock['waits_for'] {
    if ('time' in start) {
      const word = this.#law.times.find(({ id }) => id === start.time);
      return { what: 'time', ids: [start.time], text: word?.text ?? start.time };
    }
    const names = start.submitted.map((id) => this.#byId.get(id)?.title ?? id);
    return { what: 'submission', ids: [...start.submitted], text: `Submission of: ${names.join(' or ')}` };
  }

  /** A decision about one clock decides nothing about the next; it is told, so that a person can. */
  #onEndedBefore({ starts }: Rule): string[] {
    if ('time' in starts) return [];
    return starts.submitted.flatMap((id) => {
      const decided = this.#known.ends.get(id)?.not_required ?? null;
      if (decided === null) return [];
      const title = this.#byId.get(id)?.title ?? id;
      return [
        `${decided.decided_by} decided that this is not required: ${title}. Decide about this one, too.`,
      ];
    });
  }

  #outlook(rule: Rule, { start }: Reckoned, place: Place): Clock['outlook'] {
    if (start !== null || 'no_number' in rule.due) return null;
    if ('submitted' in rule.starts) {
      for (const id of rule.starts.submitted) {
        const before = this.#byId.get(id);
        if (before === undefined || appliesTo(before, this.#known.answers) === 'no') continue;
        if (this.#known.ends.get(id) !== undefined) continue;
        const due = this.#reckon(before).counted?.due;
        if (due === undefined) continue;
        const then = count(amountOf(rule.due.within), rule.due.counting, due, place, 'unknown');
        return {
          at: isoOf(then.due, place.zone),
          text: then.dueText,
          if: `${before.title} is submitted when it is due, ${instantText(due, place.zone)}`,
        };
      }
      return null;
    }
    const cap = rule.due.no_later_than;
    const capStart = cap === undefined ? null : this.#instantOf(cap.from);
    if (cap === undefined || capStart === null) return null;
    const then = capStart.add({ hours: cap.within.hours });
    return {
      at: isoOf(then, place.zone),
      text: instantText(then, place.zone),
      if: `what it waits for comes before then: ${cap.within.hours} h after ${this.#nameOf(cap.from)}`,
    };
  }

  #numbersOf(rule: Rule): Clock['numbers'] {
    return this.#rules
      .filter(({ puts_number_on }) => puts_number_on === rule.id)
      .map((other) => {
        const { counted } = this.#reckon(other);
        const { zone } = this.#placeOf(other);
        return {
          rule: other.id,
          due: counted === null ? null : { at: isoOf(counted.due, zone), text: counted.dueText },
        };
      });
  }

  /** Why a rule has no bite at the time when it starts; null: it has. */
  #armedBy(rule: Rule, start: Temporal.Instant | null): string | null {
    const { zone } = this.#placeOf(rule);
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

  #placeOf(rule: Rule): Place {
    const counting = 'no_number' in rule.due ? undefined : rule.due.counting;
    const key =
      counting?.calendar === undefined && counting?.zone === undefined ? rule.regime : `rule ${rule.id}`;
    const before = this.#places.get(key);
    if (before !== undefined) return before;
    const { organisation } = this.#facts;
    const competent = organisation.competent?.[rule.regime];
    const country = counting?.calendar ?? competent?.country ?? organisation.country ?? null;
    const calendar = country === null ? null : this.#calendarOf(country);
    const zone =
      counting?.zone ??
      (counting?.calendar === undefined
        ? (competent?.zone ?? (competent?.country === undefined ? organisation.zone : undefined))
        : undefined) ??
      calendar?.rules.zone ??
      organisation.zone ??
      'UTC';
    const place = { zone, calendar, country };
    this.#places.set(key, place);
    return place;
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

/** Whether a rule applies, by answers alone. What is not answered never takes it out. */
export function appliesTo(rule: Rule, answers: Answers): Verdict {
  if (rule.unless !== undefined && decide(rule.unless, answers) === 'yes') return 'no';
  return rule.applies === undefined ? 'yes' : decide(rule.applies, answers);
}

/** What is not answered and could take the rule in, take it out, or change its latest time. */
function openOf({ applies, unless, due }: Rule, isCounted: boolean, answers: Answers): string[] {
  const notFor = isCounted && 'within' in due ? due.counting.noon_rule?.not_for : undefined;
  return [
    ...new Set(
      [applies, unless, notFor].flatMap((condition) =>
        condition === undefined ? [] : openQuestions(condition, answers),
      ),
    ),
  ];
}
