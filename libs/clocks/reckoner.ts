import type { Temporal } from 'temporal-polyfill';
import { appliesTo } from './applies.ts';
import type { Clock } from './clock.ts';
import { decide } from './condition.ts';
import { type Counted, count, type Place, type Step } from './count.ts';
import type { Facts } from './facts.ts';
import type { Calendar } from './holidays.ts';
import type { Known } from './known.ts';
import { amountOf, type Rule, type Start, type TimeWord } from './rule.ts';
import { instantText, isoOf } from './time.ts';

/** The times of one rule: when it started and what follows, or what it waits for. */
export interface Reckoned {
  counted: Counted | null;
  start: Temporal.Instant | null;
  steps: Step[];
  notes: string[];
  waits: Clock['waits_for'];
}

/** Reckons the times of rules from facts; each rule once. */
export class Reckoner {
  readonly #rules: readonly Rule[];
  readonly #byId: ReadonlyMap<string, Rule>;
  readonly #times: readonly TimeWord[];
  readonly #facts: Facts;
  readonly #known: Known;
  readonly #calendarOf: (id: string) => Calendar | null;
  readonly #reckoned = new Map<string, Reckoned>();
  readonly #places = new Map<string, Place>();

  constructor(
    rules: readonly Rule[],
    times: readonly TimeWord[],
    facts: Facts,
    known: Known,
    calendarOf: (id: string) => Calendar | null,
  ) {
    this.#rules = rules;
    this.#byId = new Map(rules.map((rule) => [rule.id, rule]));
    this.#times = times;
    this.#facts = facts;
    this.#known = known;
    this.#calendarOf = calendarOf;
  }

  /** The times of a rule by themselves, whether it applies or not. */
  reckon(rule: Rule): Reckoned {
    const before = this.#reckoned.get(rule.id);
    if (before !== undefined) return before;
    const place = this.placeOf(rule);
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
    if ('time' in start) return this.#times.find(({ id }) => id === start.time)?.name ?? start.time;
    const names = start.submitted.map((id) => this.#byId.get(id)?.title ?? id);
    return `${start.take === 'latest' ? 'last ' : ''}submitted (${names.join(' or ')})`;
  }

  #waitsFor(start: Start): Clock['waits_for'] {
    if ('time' in start) {
      const word = this.#times.find(({ id }) => id === start.time);
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

  /** What would be due if what a rule waits for came at its own time. */
  outlookOf(rule: Rule): Clock['outlook'] {
    const { start } = this.reckon(rule);
    const place = this.placeOf(rule);
    if (start !== null || 'no_number' in rule.due) return null;
    if ('submitted' in rule.starts) {
      for (const id of rule.starts.submitted) {
        const before = this.#byId.get(id);
        if (before === undefined || appliesTo(before, this.#known.answers) === 'no') continue;
        if (this.#known.ends.get(id) !== undefined) continue;
        const due = this.reckon(before).counted?.due;
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

  /** What contracts say for a rule without a number. */
  numbersOf(rule: Rule): Clock['numbers'] {
    return this.#rules
      .filter(({ puts_number_on }) => puts_number_on === rule.id)
      .map((other) => {
        const { counted } = this.reckon(other);
        const { zone } = this.placeOf(other);
        return {
          rule: other.id,
          due: counted === null ? null : { at: isoOf(counted.due, zone), text: counted.dueText },
        };
      });
  }

  /** Whose working days and whose clock a rule is reckoned by. */
  placeOf(rule: Rule): Place {
    const counting = 'no_number' in rule.due ? undefined : rule.due.counting;
    const key =
      counting?.calendar === undefined && counting?.zone === undefined ? rule.regime : `rule ${rule.id}`;
    const before = this.#places.get(key);
    if (before !== undefined) return before;
    const { organisation } = this.#facts;
    const competent = Object.entries(organisation.competent ?? {}).find(
      ([regime]) => regime === rule.regime,
    )?.[1];
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
}
