import { Temporal } from 'temporal-polyfill';
import type { Verdict } from './condition.ts';
import type { Calendar } from './holidays.ts';
import type { Amount, Counting } from './rule.ts';
import { dayText, endOfDay, endText, instantText, isoOf } from './time.ts';

/** One step of an explanation. What it says in words, it says in members, too, so that the result can be checked from it. */
export interface Step {
  does: 'start' | 'add' | 'count' | 'end' | 'choose' | 'note';
  text: string;
  amount?: Amount;
  /** Instants with offset; of `count`, `to` is the ISO date of the last day. */
  from?: string;
  to?: string;
  /** Days that were not counted, and why. */
  skipped?: readonly { day: string; why: string }[];
}

/** A later time that can be argued for, and why. */
export interface Reading {
  at: Temporal.Instant;
  text: string;
  /** By a provision that grants it, or by a reading of one that authorities reject. */
  disputed: boolean;
  reason: string;
}

export interface Counted {
  due: Temporal.Instant;
  dueText: string;
  /** The day whose end is due; null for hours. */
  lastDay: Temporal.PlainDate | null;
  steps: Step[];
  readings: Reading[];
  notes: string[];
}

/** Where something is done: its working days and its clock. `calendar` null: no calendar is known for the country. */
export interface Place {
  zone: string;
  calendar: Calendar | null;
  country: string | null;
}

const ACT = 'Regulation (EEC, Euratom) No 1182/71';
const MINIMUM_DAYS = 2;

/**
 * Counts a period from an instant. `due` is the strict end; nothing shifts it but a count of working days. What the law may grant
 * or may be argued beyond it stands in `readings`, each at or after `due`. `notFor`: whether the rule of noon is taken away.
 */
export function count(
  amount: Amount,
  counting: Counting,
  start: Temporal.Instant,
  place: Place,
  notFor: Verdict,
): Counted {
  const counted =
    amount.unit === 'hours'
      ? countHours(amount, counting, start, place)
      : countDays(amount, counting, start, place);
  if (counting.noon_rule !== undefined) applyNoonRule(counted, counting.noon_rule.citation, place, notFor);
  counted.readings = counted.readings.filter(
    ({ at }) => at.epochMilliseconds > counted.due.epochMilliseconds,
  );
  return counted;
}

function countHours(amount: Amount, counting: Counting, start: Temporal.Instant, place: Place): Counted {
  const { zone } = place;
  const due = start.add({ hours: amount.n });
  const dueText = instantText(due, zone);
  const steps: Step[] = [
    {
      does: 'add',
      amount,
      from: isoOf(start, zone),
      to: isoOf(due, zone),
      text: `${instantText(start, zone)} + ${amount.n} h = ${dueText}`,
    },
  ];
  const [before, after] = [start, due].map((at) => at.toZonedDateTimeISO(zone).offsetNanoseconds);
  if (before !== undefined && after !== undefined && before !== after)
    steps.push({
      does: 'note',
      text: `The clocks go ${after > before ? 'forward' : 'back'} in between: ${amount.n} hours have passed when a clock on the wall shows ${Math.abs(after - before) / 3.6e12} h ${after > before ? 'more' : 'less'}.`,
    });
  const readings: Reading[] = [];
  if (counting.by === 'eu-1182-71') {
    const local = start.toZonedDateTimeISO(zone);
    const begun = local.round({ smallestUnit: 'hour', roundingMode: 'floor' }).add({ hours: 1 }).toInstant();
    const formal = begun.add({ hours: amount.n });
    readings.push({
      at: formal,
      text: instantText(formal, zone),
      disputed: false,
      reason: `Art. 3(1) and 3(2)(a) of ${ACT}: the hour of the event is not counted, so that ${amount.n} hours run from ${instantText(begun, zone)}`,
    });
    if (counting.two_working_days === 'disputed' && amount.n >= 24 * MINIMUM_DAYS) {
      const later = afterWorkingHours(begun, place);
      if (later.epochMilliseconds > formal.epochMilliseconds)
        readings.push({
          at: later,
          text: instantText(later, zone),
          disputed: true,
          reason: `Art. 3(5) of ${ACT} read as holding for hours, too: the period must have two working days (48 hours on working days) in it`,
        });
    }
  }
  return {
    due,
    dueText,
    lastDay: null,
    steps,
    readings,
    notes: notesOn(place, counting.by === 'eu-1182-71' || counting.noon_rule !== undefined, due),
  };
}

/** When 48 hours on working days have passed since an instant. */
function afterWorkingHours(begin: Temporal.Instant, place: Place): Temporal.Instant {
  let left = 24 * MINIMUM_DAYS * 3_600_000;
  let at = begin;
  for (let days = 0; days < 400; days += 1) {
    const day = at.toZonedDateTimeISO(place.zone).toPlainDate();
    const end = endOfDay(day, '24:00', place.zone);
    const there = end.epochMilliseconds - at.epochMilliseconds;
    if (isWorking(day, place)) {
      if (there >= left) return at.add({ milliseconds: left });
      left -= there;
    }
    at = end;
  }
  return at;
}

function countDays(amount: Amount, counting: Counting, start: Temporal.Instant, place: Place): Counted {
  const { zone } = place;
  const ends = counting.day_ends ?? '24:00';
  const usesDays = counting.by === 'eu-1182-71' || amount.unit === 'working_days';
  const first = start.toZonedDateTimeISO(zone).toPlainDate();
  const { last, step } = lastDayOf(amount, first, place);
  const due = endOfDay(last, ends, zone);
  const dueText = endText(last, ends, zone);
  const steps: Step[] = [
    { ...step, from: isoOf(start, zone), to: last.toString() },
    { does: 'end', from: last.toString(), to: isoOf(due, zone), text: `The last day ends: ${dueText}` },
  ];
  const readings: Reading[] = [];
  if (counting.by === 'eu-1182-71' && counting.noon_rule === undefined && amount.unit !== 'working_days') {
    const later = extended(amount, first, last, place);
    if (later !== null)
      readings.push({
        at: endOfDay(later.day, '24:00', zone),
        text: endText(later.day, '24:00', zone),
        disputed: false,
        reason: later.reason,
      });
  }
  return { due, dueText, lastDay: last, steps, readings, notes: notesOn(place, usesDays, due) };
}

function lastDayOf(
  amount: Amount,
  first: Temporal.PlainDate,
  place: Place,
): { last: Temporal.PlainDate; step: Step } {
  const { n, unit } = amount;
  if (unit === 'working_days') {
    const skipped: { day: string; why: string }[] = [];
    let last = first;
    for (let counted = 0; counted < n; ) {
      last = last.add({ days: 1 });
      const why = whyOff(last, place);
      if (why === null) counted += 1;
      else skipped.push({ day: last.toString(), why });
      if (skipped.length > 400) break;
    }
    const without = skipped.map(({ day, why }) => `${day} (${why})`).join(', ');
    const text = `${plural(n, 'working day')} after ${dayText(first)}, which is not counted${without === '' ? '' : `, without ${without}`} = ${dayText(last)}`;
    return { last, step: { does: 'count', amount, text, skipped } };
  }
  if (unit === 'months') {
    const last = first.add({ months: n });
    const short = last.day === first.day ? '' : `, its last day, as it has no day ${first.day}`;
    const text = `${plural(n, 'month')} after ${dayText(first)} = ${dayText(last)}${short}`;
    return { last, step: { does: 'count', amount, text } };
  }
  const last = first.add({ days: n });
  const text = `${plural(n, 'day')} after ${dayText(first)}, which is not counted = ${dayText(last)}`;
  return { last, step: { does: 'count', amount, text } };
}

/** Where Art. 3(4) and 3(5) put the last day; null: where it is. */
function extended(
  amount: Amount,
  first: Temporal.PlainDate,
  last: Temporal.PlainDate,
  place: Place,
): { day: Temporal.PlainDate; reason: string } | null {
  let day = last;
  const reasons: string[] = [];
  if (amount.unit === 'months' || amount.n >= MINIMUM_DAYS) {
    let working = 0;
    let looked = 0;
    for (let one = first.add({ days: 1 }); working < MINIMUM_DAYS; one = one.add({ days: 1 })) {
      if (isWorking(one, place)) working += 1;
      const isBeyond = Temporal.PlainDate.compare(one, last) > 0;
      if (working === MINIMUM_DAYS && isBeyond) {
        reasons.push(
          `Art. 3(5) of ${ACT}: two working days must be in it, and the second is ${dayText(one)}`,
        );
        day = one;
      }
      if (looked > 400) break;
      looked += 1;
    }
  }
  const why = whyOff(day, place);
  if (why !== null) {
    const next = nextWorking(day, place);
    reasons.push(
      `Art. 3(4) of ${ACT}: ${dayText(day)} is no working day (${why}), and the next one is ${dayText(next)}`,
    );
    day = next;
  }
  return reasons.length === 0 ? null : { day, reason: reasons.join('; ') };
}

function applyNoonRule(counted: Counted, citation: string, place: Place, notFor: Verdict): void {
  // What ends at 24:00 ends on that day, not on the one that begins then.
  const day = counted.lastDay ?? counted.due.toZonedDateTimeISO(place.zone).toPlainDate();
  const why = whyOff(day, place);
  if (why === null) return;
  const next = nextWorking(day, place);
  const at = endOfDay(next, '12:00', place.zone);
  const text = endText(next, '12:00', place.zone);
  const rule = `${citation}: ${dayText(day)} is no working day (${why}), and it may be submitted until noon of the next one, ${text}`;
  if (notFor === 'no') counted.readings.push({ at, text, disputed: false, reason: rule });
  else if (notFor === 'yes') counted.notes.push(`Not open to this organisation, by its answers: ${rule}`);
  else counted.notes.push(`Only where no exception from it holds, which is not answered: ${rule}`);
}

/** Without a calendar, only weekends are known: that never gives a later time than the calendar would. */
function whyOff(day: Temporal.PlainDate, { calendar }: Place): string | null {
  if (calendar !== null) return calendar.whyOff(day);
  return day.dayOfWeek === 6 ? 'Saturday' : day.dayOfWeek === 7 ? 'Sunday' : null;
}

const isWorking = (day: Temporal.PlainDate, place: Place): boolean => whyOff(day, place) === null;

function nextWorking(day: Temporal.PlainDate, place: Place): Temporal.PlainDate {
  if (place.calendar !== null) return place.calendar.nextWorking(day);
  let next = day;
  while (!isWorking(next, place)) next = next.add({ days: 1 });
  return next;
}

function notesOn(place: Place, usesDays: boolean, due: Temporal.Instant): string[] {
  if (!usesDays) return [];
  if (place.calendar === null)
    return place.country !== null
      ? [
          `There is no calendar of ${place.country}: its holidays are not known, and only weekends are left out.`,
        ]
      : [];
  const { rules } = place.calendar;
  const { year } = due.toZonedDateTimeISO(place.zone);
  if (place.calendar.isKnown(year)) return [];
  return [
    `The holidays of ${rules.name} are known from ${rules.known.from} to ${rules.known.until}: those of ${year} are reckoned by the same rules.`,
  ];
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
