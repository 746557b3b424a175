import type { Clock } from '../../api/clock-types.ts';
import { clockWords as words } from '../../messages/pages/incident-parts.ts';

/** Who reviewed the rule; nobody is a warning, and stands at every clock. */
export function Review({ clock }: { clock: Pick<Clock, 'review'> }) {
  return clock.review === null ? (
    <span className="text-alert">{words.unreviewed}</span>
  ) : (
    <span className="text-soft">{words.reviewed(clock.review.by, clock.review.on)}</span>
  );
}
