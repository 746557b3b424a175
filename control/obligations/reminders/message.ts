import type { Clock } from '@drawbridge/clocks';
import { UNREVIEWED } from '@drawbridge/clocks';
import type { IncidentHead } from '../../incidents/index.ts';
import { DRILL, isUnreviewed, linesOf, subjectOf } from '../words.ts';

/** What is said to a channel: number, rule, due time, link. Pure. */
export interface Message {
  /** Stays the same at every try: by it a receiver knows a repetition. */
  id: string;
  /** The same for all that is said of one clock. */
  thread: string;
  drill: boolean;
  incident: { id: string; number: number };
  rule: string;
  regime: string;
  article: string;
  title: string;
  moment: string;
  due: { at: string; text: string } | null;
  state: string;
  /** Null: nobody of counsel reviewed the rule. */
  review: { by: string; on: string } | null;
  subject: string;
  lines: readonly string[];
  link: string | null;
}

const leadWords = (moment: string): string => {
  if (moment === 'start') return 'The clock has started.';
  if (moment === 'half') return 'Half of the time is over.';
  if (moment === 'late') return 'The strict time is over, and nothing is entered as submitted.';
  if (moment === 'escalation')
    return 'Nobody who leads the incident has acknowledged this clock in the time that was set. You are named as the deputy.';
  const hours = /^before_(\d+)h$/.exec(moment)?.[1];
  return hours === undefined ? '' : `${hours} h or less are left.`;
};

/** Of one clock of an incident, at one moment. `id`: of the reminder. */
export function messageOf(
  head: Pick<IncidentHead, 'id' | 'number' | 'drill'>,
  clock: Clock,
  { id, moment, link }: { id: string; moment: string; link: string | null },
): Message {
  const { rule, regime, article, title, due, state, review } = clock;
  const unreviewed = isUnreviewed(clock) ? ` · ${UNREVIEWED.replace(/\.$/, '')}` : '';
  return {
    id,
    thread: `${head.id}/${rule}`,
    drill: head.drill,
    incident: { id: head.id, number: head.number },
    rule,
    regime,
    article,
    title,
    moment,
    due,
    state,
    // Who reviewed it is a person's name: that it was is enough.
    review: review === null ? null : { by: 'counsel', on: review.on },
    subject: `${subjectOf(head, clock)}${unreviewed}`,
    lines: [leadWords(moment), ...linesOf(head, clock)].filter((line) => line !== ''),
    link,
  };
}

/** What the test button sends. */
export function testMessage(id: string, drill: boolean, link: string | null): Message {
  return {
    id,
    thread: `test/${id}`,
    drill,
    incident: { id: 'test', number: 0 },
    rule: 'test',
    regime: 'Test',
    article: 'none',
    title: 'Reminders arrive',
    moment: 'test',
    due: null,
    state: 'running',
    review: null,
    subject: `${drill ? `[${DRILL}] ` : ''}Test: reminders of clocks arrive here`,
    lines: ['Somebody pressed the test button. Nothing is due.'],
    link,
  };
}
