import { Temporal } from 'temporal-polyfill';

/** 1 Monday … 7 Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/**
 * When a holiday is. One of: `fixed` (MM-DD); `easter` (days from Easter Sunday of the Gregorian calendar); `weekday` with
 * `month` and `nth` (-1: the last one); `weekday` with `on_or_after` or `on_or_before` (MM-DD); `dates` (single days).
 */
export type When =
  | { fixed: string }
  | { easter: number }
  | { weekday: Weekday; month: number; nth: 1 | 2 | 3 | 4 | 5 | -1 }
  | { weekday: Weekday; on_or_after: string }
  | { weekday: Weekday; on_or_before: string }
  | { dates: readonly string[] };

export interface Holiday {
  name: string;
  when: When;
  /** First and last year in which the law has it. */
  from?: number | undefined;
  until?: number | undefined;
  /** Only where it falls on one of these days. */
  only_on?: readonly Weekday[] | undefined;
  /** MM-DD on which the rule does not give a holiday, as another one stands for it. */
  except?: readonly string[] | undefined;
  /** Kept on another day, by so many days, where it falls on that weekday (1 … 7); the day itself is then none. */
  moves?: Readonly<Partial<Record<Weekday, number>>> | undefined;
  /** Kept also on the next day that is no weekend and no other holiday, where it falls on a weekend. */
  substitute?: boolean | undefined;
}

/** Which days are no working days somewhere, as data. */
export interface CalendarRules {
  /** `DE`, `US`, `EU` */
  id: string;
  name: string;
  /** The zone in which its days begin and end. */
  zone: string;
  weekend: readonly Weekday[];
  /** Years for which the rules are known to hold; outside of them every answer carries a note. */
  known: { from: number; until: number };
  holidays: readonly Holiday[];
  /** What the calendar does not say, as holidays of parts of the country. */
  notes: readonly string[];
}

/** Easter Sunday of the Gregorian calendar, after the anonymous algorithm (Nature, 20 April 1876; Meeus, ch. 8). */
export function easterSunday(year: number): Temporal.PlainDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  const day = (h + l - 7 * m + 33 * month + 19) % 32;
  return new Temporal.PlainDate(year, month, day);
}

/** The day that a rule gives for a year, before anything moves; null: none (29 February in other years). */
function daysOf(when: When, year: number): Temporal.PlainDate[] {
  if ('dates' in when)
    return when.dates.map((date) => Temporal.PlainDate.from(date)).filter((date) => date.year === year);
  if ('easter' in when) return [easterSunday(year).add({ days: when.easter })];
  if ('fixed' in when) {
    const day = onDay(year, when.fixed);
    return day === null ? [] : [day];
  }
  if ('nth' in when) {
    if (when.nth === -1) {
      const last = new Temporal.PlainDate(year, when.month, 1).add({ months: 1 }).subtract({ days: 1 });
      return [last.subtract({ days: (last.dayOfWeek - when.weekday + 7) % 7 })];
    }
    const first = new Temporal.PlainDate(year, when.month, 1);
    const day = first.add({ days: ((when.weekday - first.dayOfWeek + 7) % 7) + 7 * (when.nth - 1) });
    return day.month === when.month ? [day] : [];
  }
  const isAfter = 'on_or_after' in when;
  const anchor = onDay(year, isAfter ? when.on_or_after : when.on_or_before);
  if (anchor === null) return [];
  return isAfter
    ? [anchor.add({ days: (when.weekday - anchor.dayOfWeek + 7) % 7 })]
    : [anchor.subtract({ days: (anchor.dayOfWeek - when.weekday + 7) % 7 })];
}

function onDay(year: number, monthAndDay: string): Temporal.PlainDate | null {
  const [month = 0, day = 0] = monthAndDay.split('-').map(Number);
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  return day <= first.daysInMonth ? first.with({ day }) : null;
}

/**
 * A calendar's holidays of one year, by ISO date. Holidays of the next year that are kept in this one are among them.
 * A rule holds for the year in which the holiday itself falls.
 */
export function holidaysOf(rules: CalendarRules, year: number): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  const wanting: { name: string; day: Temporal.PlainDate }[] = [];
  const isWeekend = (day: Temporal.PlainDate): boolean => rules.weekend.some((n) => n === day.dayOfWeek);
  for (const its of [year - 1, year, year + 1])
    for (const holiday of rules.holidays) {
      if (its < (holiday.from ?? its) || its > (holiday.until ?? its)) continue;
      for (const day of daysOf(holiday.when, its)) {
        if (holiday.only_on !== undefined && !holiday.only_on.some((n) => n === day.dayOfWeek)) continue;
        if (holiday.except?.includes(day.toString().slice(5)) === true) continue;
        const moved = movedBy(holiday, day);
        kept.set(day.add({ days: moved }).toString(), holiday.name);
        if (holiday.substitute === true && isWeekend(day)) wanting.push({ name: holiday.name, day });
      }
    }
  // In their order, so that of two that fall on one weekend each gets a day of its own.
  wanting.sort((a, b) => Temporal.PlainDate.compare(a.day, b.day));
  for (const { name, day } of wanting) {
    let next = day.add({ days: 1 });
    while (isWeekend(next) || kept.has(next.toString())) next = next.add({ days: 1 });
    kept.set(next.toString(), `${name} (substitute day)`);
  }
  const own = `${year}-`;
  return new Map([...kept].filter(([day]) => day.startsWith(own)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function movedBy(holiday: Holiday, day: Temporal.PlainDate): number {
  for (const [weekday, days] of Object.entries(holiday.moves ?? {}))
    if (Number(weekday) === day.dayOfWeek) return days;
  return 0;
}

/** Working days of one place. Years are worked out once and kept. */
export class Calendar {
  readonly rules: CalendarRules;
  readonly #years = new Map<number, ReadonlyMap<string, string>>();
  readonly #more: ReadonlySet<string>;

  /** `more`: days (ISO) that are holidays besides, as those of a part of the country. */
  constructor(rules: CalendarRules, more: readonly string[] = []) {
    this.rules = rules;
    this.#more = new Set(more);
  }

  /** Why a day is no working day: the name of a holiday, `Saturday`; null: it is one. */
  whyOff(day: Temporal.PlainDate): string | null {
    const text = day.toString();
    const holiday = this.#of(day.year).get(text);
    if (holiday !== undefined) return holiday;
    if (this.rules.weekend.some((n) => n === day.dayOfWeek)) return weekendNames[day.dayOfWeek - 1] ?? null;
    return this.#more.has(text) ? 'a holiday that the organisation entered' : null;
  }

  isWorking(day: Temporal.PlainDate): boolean {
    return this.whyOff(day) === null;
  }

  /** The day itself where it is a working day, else the next one. */
  nextWorking(day: Temporal.PlainDate): Temporal.PlainDate {
    let next = day;
    // No place keeps a year of holidays: a calendar that does is refused when it is read.
    for (let tries = 0; tries < 400 && !this.isWorking(next); tries += 1) next = next.add({ days: 1 });
    return next;
  }

  isKnown(year: number): boolean {
    return this.rules.known.from <= year && year <= this.rules.known.until;
  }

  #of(year: number): ReadonlyMap<string, string> {
    let days = this.#years.get(year);
    if (days === undefined) {
      days = holidaysOf(this.rules, year);
      this.#years.set(year, days);
    }
    return days;
  }
}

const weekendNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
