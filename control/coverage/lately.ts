import type { Platform } from '../platform/index.ts';
import { dayOf } from './by-day.ts';
import { type ReportRow, standing } from './cells.ts';
import { readReports } from './read.ts';

/** What a vendor's own reports count over the last days that they know whole. */
export interface UsageLately {
  /** Days in UTC, both with it. */
  from: string;
  to: string;
  days: number;
  /** Every kind of use is known on every day from the first to the last. */
  isWhole: boolean;
  /** Null: no report counts it, or one leaves it open. */
  requests: number | null;
  tokens: number | null;
  /** Millionths of the report's currency. */
  cost: number | null;
}

const DAY_MS = 86_400_000;
const DAYS = 31;

/**
 * Of the 31 days before a time. Null: no report speaks of a whole day of them.
 *
 * @param wholeDays how many days from one to another the reports of every kind know whole
 */
export async function usageLately(
  platform: Pick<Platform, 'db'>,
  wholeDays: (from: string, to: string) => Promise<number>,
  vendor: string,
  at: Date,
): Promise<UsageLately | null> {
  const window = { from: dayOf(at.getTime() - DAYS * DAY_MS), to: dayOf(at.getTime() - DAY_MS) };
  const whole = standing(await readReports(platform, vendor, window)).filter((report) => report.whole);
  const days = [...new Set(whole.map(({ day }) => day))].sort();
  const [from, to] = [days.at(0), days.at(-1)];
  if (from === undefined || to === undefined) return null;
  const isMoney = ({ of, rows }: (typeof whole)[number]) =>
    of === 'costs' || rows.some(({ cost }) => cost !== null);
  const [money, use] = [whole.filter(isMoney), whole.filter((report) => !isMoney(report))];
  return {
    from,
    to,
    days: days.length,
    isWhole: (await wholeDays(from, to)) === (Date.parse(to) - Date.parse(from)) / DAY_MS + 1,
    requests: total(use, 'requests'),
    tokens: total(use, 'tokens'),
    cost: total(money, 'cost'),
  };
}

/** Reports without a row count nothing; where one row leaves it open, so is the sum. */
function total(
  reports: readonly { rows: readonly ReportRow[] }[],
  member: 'requests' | 'tokens' | 'cost',
): number | null {
  if (reports.length === 0) return null;
  let sum = 0;
  for (const { rows } of reports) {
    for (const { [member]: count } of rows) {
      if (count === null) return null;
      sum += count;
    }
  }
  return sum;
}
