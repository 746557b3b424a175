import { dayOf } from '../by-day.ts';
import type { FetchError } from './calls.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Of a vendor that was never asked. */
const FIRST_DAYS = 30;
/** Days that were had already and are asked for again: vendors count late. */
const AGAIN_DAYS = 3;
const MOST_DAYS = 90;
/** After so many tries in a row only the schedule counts. */
const MOST_RETRIES = 5;
const LEAST_WAIT_MS = MINUTE_MS;
const FIRST_RETRY_MS = 5 * MINUTE_MS;

/**
 * The whole days to ask for, as midnights (UTC) in ms; `to` is not included.
 *
 * @param settled when counts have settled: days that were over by then are asked for
 * @param lastDay the last day that was had
 */
export function timeToAsk(settled: number, lastDay: string | null): { from: number; to: number } {
  const to = Date.parse(dayOf(settled));
  const first = to - FIRST_DAYS * DAY_MS;
  if (lastDay === null) return { from: first, to };
  const after = Date.parse(lastDay) + DAY_MS - AGAIN_DAYS * DAY_MS;
  return { from: Math.max(Math.min(after, to - AGAIN_DAYS * DAY_MS), to - MOST_DAYS * DAY_MS), to };
}

/**
 * When it is tried again, and before when the vendor does not want to be asked. By its schedule where there is one; sooner where the vendor
 * could not be reached or asked to wait, a few times in a row. `tries`: those in a row that failed, this one with them.
 */
export function nextTry({
  now,
  everyHours,
  tries,
  wrong,
}: {
  now: number;
  everyHours: number | null;
  tries: number;
  wrong: Pick<FetchError, 'code' | 'retryAfterMs'> | null;
}): { at: Date | null; notBefore: Date | null } {
  const planned = everyHours === null ? null : now + everyHours * HOUR_MS;
  const isPassing = wrong?.code === 'limited' || wrong?.code === 'unreachable';
  if (!isPassing) return { at: dateOf(planned), notBefore: null };
  const asked = wrong.retryAfterMs === null ? null : now + Math.max(wrong.retryAfterMs, LEAST_WAIT_MS);
  const limited = wrong.code === 'limited' ? (asked ?? now + LEAST_WAIT_MS) : null;
  const notBefore = asked ?? limited;
  const soon = Math.max(notBefore ?? 0, now + FIRST_RETRY_MS * 2 ** (tries - 1));
  const retry = tries > MOST_RETRIES ? null : soon;
  const at = planned === null ? retry : Math.max(Math.min(retry ?? planned, planned), notBefore ?? 0);
  return { at: dateOf(at), notBefore: dateOf(notBefore) };
}

const dateOf = (time: number | null): Date | null => (time === null ? null : new Date(time));
