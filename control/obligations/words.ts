import { type Clock, UNREVIEWED } from '@drawbridge/clocks';
import type { IncidentHead } from '../incidents/index.ts';
import { isOver } from './reckoning.ts';

/** What leaves the house about a clock: number, rule, due time, link. No word of the incident is in it, and nobody's name. */

export const DRILL = 'Drill';

/** `[Drill] Incident 12, GDPR Art. 33(1): Notification to the supervisory authority`. */
export const subjectOf = ({ number, drill }: Pick<IncidentHead, 'number' | 'drill'>, clock: Clock): string =>
  `${drill ? `[${DRILL}] ` : ''}Incident ${number}, ${clock.regime} ${clock.article}: ${clock.title}`;

/** When it is due, in the words of the place. */
export function dueWords(clock: Clock): string {
  if (clock.due === null)
    return `Due ${clock.no_number ?? 'at once'}, since ${clock.start?.text ?? 'it started'}`;
  return `Due ${clock.due.text}`;
}

export const isUnreviewed = ({ review }: Clock): boolean => review === null;

/** How it stands, where that is more than that it runs. */
export function standsAs(clock: Clock): string | null {
  if (isOver(clock)) {
    if (clock.end?.not_required !== null) return 'Decided as not required.';
    return clock.state === 'late' ? 'Submitted late.' : 'Submitted.';
  }
  switch (clock.state) {
    case 'unknown':
      return 'It is not answered whether it applies: answer the questions.';
    case 'due':
      return clock.due === null ? null : 'The strict time is over; a later one can be argued.';
    case 'late':
      return 'It is late.';
    default:
      return null;
  }
}

/** The lines of a message or a calendar entry, without its link. */
export function linesOf(head: Pick<IncidentHead, 'number' | 'drill'>, clock: Clock): string[] {
  return [
    ...(head.drill ? ['This is a drill. Nothing has to be submitted to anybody.'] : []),
    `${dueWords(clock)}. To: ${clock.recipient}.`,
    ...[standsAs(clock)].filter((text) => text !== null),
    ...(isUnreviewed(clock) ? [UNREVIEWED] : []),
  ];
}
