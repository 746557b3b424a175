import type { Clock, Deadlines } from '@drawbridge/clocks';
import type { Reckoned } from './reckoning.ts';

/**
 * What was reckoned for an incident, kept as long as neither time nor anything that was entered can have changed it. So a wall over
 * hundreds of incidents reckons only what moved.
 */

const QUARTER_HOUR_MS = 15 * 60_000;

/**
 * Until when (exclusive) the clocks that were reckoned at a time are the same ones: until one of their own times comes. Days begin in
 * every zone at a quarter of an hour, so that what hangs on the day (what is armed, what applies from a day) holds until the next one.
 */
export function sameUntil({ clocks }: Pick<Deadlines, 'clocks'>, at: number): number {
  const quarter = Math.floor(at / QUARTER_HOUR_MS) * QUARTER_HOUR_MS + QUARTER_HOUR_MS;
  return clocks.flatMap(timesOf).reduce((soonest, time) => {
    // A time that is now is over with the next millisecond.
    const turns = time === at ? at + 1 : time;
    return turns > at && turns < soonest ? turns : soonest;
  }, quarter);
}

const timesOf = ({ start, due, latest, end }: Clock): number[] =>
  [start?.at, due?.at, latest?.at, ...(end?.submissions.map(({ at }) => at) ?? [])]
    .flatMap((at) => (at === undefined ? [] : [Date.parse(at)]))
    // They are told in whole seconds, and may lie anywhere in theirs: both ends of it are turns.
    .flatMap((at) => [at, at + 999]);

/** At most so many are kept; what is over it is reckoned each time. */
const MOST = 2_000;

export class Unmoved {
  readonly #kept = new Map<string, { stamp: string; from: number; until: number; reckoned: Reckoned }>();

  /** `stamp`: a text that differs once anything that it was reckoned from does. */
  find(id: string, stamp: string, at: number): Reckoned | null {
    const found = this.#kept.get(id);
    if (found === undefined || found.stamp !== stamp || at < found.from || at >= found.until) return null;
    const { reckoned } = found;
    // Written as the clocks write it: a fraction of a second only where there is one.
    const now = new Date(at).toISOString().replace(/\.?0*Z$/, 'Z');
    return { ...reckoned, result: { ...reckoned.result, at: now } };
  }

  keep(id: string, stamp: string, at: number, reckoned: Reckoned): void {
    if (this.#kept.size >= MOST && !this.#kept.has(id)) return;
    this.#kept.set(id, { stamp, from: at, until: sameUntil(reckoned.result, at), reckoned });
  }

  /** Forgets all but the given ones. */
  only(ids: ReadonlySet<string>): void {
    for (const id of this.#kept.keys()) if (!ids.has(id)) this.#kept.delete(id);
  }
}
