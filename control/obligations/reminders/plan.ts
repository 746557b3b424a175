import type { Clock } from '@drawbridge/clocks';
import type { Leads } from './settings.ts';

/** When a clock is spoken of. Pure. */

export interface Moment {
  /** `start`, `half`, `before_24h`, `late`. */
  key: string;
  /** Milliseconds since 1970. */
  at: number;
}

const HOUR_MS = 3_600_000;

/** Of one clock, in the order of their times. A lead that lies before the start is none. A duty without a number has a start alone. */
export function momentsOf({ start, due }: Pick<Clock, 'start' | 'due'>, leads: Leads): Moment[] {
  if (start === null) return [];
  const from = Date.parse(start.at);
  const moments: Moment[] = leads.start ? [{ key: 'start', at: from }] : [];
  if (due !== null) {
    const until = Date.parse(due.at);
    if (leads.half) moments.push({ key: 'half', at: from + Math.floor((until - from) / 2) });
    for (const hours of new Set(leads.hoursBefore)) {
      const at = until - hours * HOUR_MS;
      if (at > from) moments.push({ key: `before_${hours}h`, at });
    }
    // At the strict time itself it is not over yet.
    if (leads.late) moments.push({ key: 'late', at: until + 1 });
  }
  return moments.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
}

/** What is to be said now: of several that have passed the last one alone, as it says all that the others would. Null: nothing yet. */
export function momentAt(moments: readonly Moment[], now: number): Moment | null {
  return moments.findLast(({ at }) => at <= now) ?? null;
}
