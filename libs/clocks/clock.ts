import type { Step } from './count.ts';
import type { Question, Rule, Source } from './rule.ts';

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
