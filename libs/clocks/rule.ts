import type { Condition } from './condition.ts';

/** Where a clock starts: a time that a person enters, or what was submitted for another rule. */
export type Start =
  | { time: string }
  /** `take`: which of several submissions counts. */
  | { submitted: readonly string[]; take: 'first' | 'latest' };

export type Within = { hours: number } | { days: number } | { months: number } | { working_days: number };

export interface Counting {
  /**
   * `elapsed`: as many hours as have passed, days and months to the end of the last day, nothing shifts.
   * `eu-1182-71`: the same strict time, and beside it what Regulation (EEC, Euratom) No 1182/71, Art. 3, lets one argue.
   */
  by: 'elapsed' | 'eu-1182-71';
  /** Art. 3(5) of it is argued for this period of hours, too, and disputed. */
  two_working_days?: 'disputed' | undefined;
  /** Id of a calendar; without it the one of the competent country. */
  calendar?: string | undefined;
  /** IANA zone; without it the one of the calendar. */
  zone?: string | undefined;
  /** When the last day ends: `24:00` (default), or a time, as `17:30`. */
  day_ends?: string | undefined;
  /** Noon of the next working day, where the time falls on a day that is none; `not_for` takes it away. */
  noon_rule?: { citation: string; not_for?: Condition | undefined } | undefined;
}

export type Due =
  /** The words of the law or contract that name no number, as `without undue delay`. */
  | { no_number: string }
  | {
      within: Within;
      counting: Counting;
      /** A second limit; the earlier of the two holds. It falls away where it had passed when the clock started. */
      no_later_than?: { from: Start; within: { hours: number } } | undefined;
    };

export interface Source {
  citation: string;
  url?: string | undefined;
  /** What was read: the official text, a copy of it, someone's account of it, or a contract. */
  grade: 'official' | 'copy' | 'secondary' | 'contract';
  /** When it was read (ISO date). */
  as_of: string;
}

/** A duty with a deadline and a recipient. */
export interface Rule {
  id: string;
  regime: string;
  kind: 'law' | 'contract' | 'insurer' | 'customer';
  article: string;
  title: string;
  /** Whom it obliges, in words. */
  who: string;
  /** The same as a condition over answers; without it, it applies. */
  applies?: Condition | undefined;
  /** Takes the rule out once it is answered with yes; as long as it is not, the rule stays. */
  unless?: Condition | undefined;
  starts: Start;
  due: Due;
  recipient: string;
  content: readonly string[];
  source: Source;
  status: 'in_force' | 'armed' | 'horizon';
  /** In force by its text, without bite before `until` (ISO date). `when`: for whom that date holds. */
  armed?: readonly { until: string; text: string; when?: Condition | undefined }[] | undefined;
  valid_from: string;
  as_of: string;
  /** Counsel of the organisation; empty: nobody. */
  reviewed_by: string;
  reviewed_on: string;
  notes: readonly string[];
  /** Where its reading is disputed: who reads it how. */
  disputed: readonly string[];
  /** Of a contract's rule: which rule without a number it gives one to. */
  puts_number_on?: string | undefined;
}

/** What an organisation or an incident is asked. */
export interface Question {
  id: string;
  text: string;
  of: 'organisation' | 'incident';
  /** Without it, it is answered with yes or no. */
  choices?: readonly string[] | undefined;
  /** A seat in one of these countries (ISO 3166-1) answers yes; none of them answers nothing. */
  yes_in?: readonly string[] | undefined;
}

/** A moment of an incident that clocks start from. */
export interface TimeWord {
  id: string;
  /** Short, as it stands in a step: `aware of the personal data breach`. */
  name: string;
  /** What a person is asked. */
  text: string;
}

export interface Amount {
  n: number;
  unit: 'hours' | 'days' | 'months' | 'working_days';
}

export function amountOf(within: Within): Amount {
  if ('hours' in within) return { n: within.hours, unit: 'hours' };
  if ('days' in within) return { n: within.days, unit: 'days' };
  if ('months' in within) return { n: within.months, unit: 'months' };
  return { n: within.working_days, unit: 'working_days' };
}
