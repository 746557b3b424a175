import type { UsageReport } from '@drawbridge/evidence';
import { Problem } from '../platform/index.ts';

/** What a report says of a day, as it is kept. */
export interface DayRow {
  day: string;
  whole: boolean;
  line: number;
}
export interface KeyRow {
  day: string;
  key: string;
  batch: boolean;
  requests: number | null;
  tokens: number | null;
  cost: number | null;
  line: number;
}

const DAY_MS = 86_400_000;
/** How long after a day its count may still grow: vendors write their reports a few minutes late. */
export const SETTLED_MS = 3_600_000;
const MOST_KEYS_A_DAY = 20_000;

export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/**
 * A report by day and key. A day is whole where its spans leave no minute out, and it was over for an hour when the report was
 * fetched. A count that a row leaves out is unknown for its key and day, and stays so.
 * Throws Problem 422 where a span lies over midnight (UTC): nobody knows which day it counts for.
 */
export function byDay(report: UsageReport, asOf: number): { days: DayRow[]; keys: KeyRow[] } {
  const days = new Map<string, { covered: number; line: number }>();
  for (const { start, end, line } of report.buckets) {
    const day = dayOf(start);
    if (dayOf(end - 1) !== day) {
      throw new Problem(
        422,
        'span_over_days',
        `Record ${line} of the report counts ${day} and a day after it together. Fetch it with spans of a day or less (bucket_width=1d).`,
      );
    }
    const there = days.get(day) ?? { covered: 0, line };
    there.covered += end - start;
    there.line = Math.min(there.line, line);
    days.set(day, there);
  }
  const keys = new Map<string, KeyRow>();
  const keysOf = new Map<string, number>();
  for (const row of report.rows) {
    const bucket = report.buckets[row.bucket];
    if (bucket === undefined) continue;
    const day = dayOf(bucket.start);
    const key = row.key ?? '';
    const name = JSON.stringify([day, key, row.batch]);
    const there = keys.get(name);
    const tokens = row.input === null || row.output === null ? row.input : row.input + row.output;
    const counts = { requests: row.requests, tokens, cost: row.cost };
    if (there === undefined) {
      const many = (keysOf.get(day) ?? 0) + 1;
      if (many > MOST_KEYS_A_DAY) {
        throw new Problem(
          422,
          'too_many_keys',
          `The report names more than ${MOST_KEYS_A_DAY} keys on ${day}.`,
        );
      }
      keysOf.set(day, many);
      keys.set(name, { day, key, batch: row.batch, ...counts, line: bucket.line });
      continue;
    }
    there.requests = added(there.requests, counts.requests);
    there.tokens = added(there.tokens, counts.tokens);
    there.cost = added(there.cost, counts.cost);
    there.line = Math.min(there.line, bucket.line);
  }
  return {
    days: [...days].map(([day, { covered, line }]) => ({
      day,
      whole: covered === DAY_MS && Date.parse(day) + DAY_MS + SETTLED_MS <= asOf,
      line,
    })),
    keys: [...keys.values()],
  };
}

const added = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one + other;
