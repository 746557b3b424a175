import type { Unit } from './cells.ts';
import { type Share, TOLERANCE } from './share.ts';

/** What the sentences are made of. */
export interface Ground {
  from: string;
  to: string;
  share: Share | 'unknown';
  unit: Unit | null;
  reported: number;
  /** Days of the time asked for, and those of them that reports of every kind cover. */
  days: number;
  wholeDays: number;
  /** Kinds of reports that the vendor has and that nobody handed in. */
  missing: readonly string[];
  /** Counted in batches, which nothing is compared with. */
  batch: number;
}

/** What may be said of what is not in the traffic that we saw. */
export interface Standing {
  /** `proven`: the vendor's own count says so too. `seen`: it was not in what we saw, and there may be more. */
  coverage: 'proven' | 'seen';
  text: string;
}

/**
 * Whether absence may be claimed: only where reports of every kind cover every day of the time, nothing in them stands apart, and
 * the share is at least 1 less the tolerance, day by day. Everything else is absence in the traffic that we saw.
 */
export function isProven({ share, days, wholeDays, missing, batch }: Ground): boolean {
  if (share === 'unknown' || days === 0) return false;
  return wholeDays === days && missing.length === 0 && batch === 0 && share.low >= 1 - TOLERANCE;
}

export function standingOf(ground: Ground): Standing {
  const { from, to, share, unit, reported, days, wholeDays } = ground;
  const time = from === to ? `On ${from}` : `From ${from} to ${to}`;
  if (isProven(ground) && share !== 'unknown') {
    const text =
      reported === 0
        ? `${time} the vendor reports no use at all: coverage is proven.`
        : `${time} we saw at least ${percent(share.low)} of the ${reported} ${unit} that the vendor reports: coverage is proven.`;
    return { coverage: 'proven', text };
  }
  const what =
    share === 'unknown'
      ? 'how much of the traffic that is, nobody knows'
      : `that is ${range(share)} of what the vendor reports for ${wholeDays} of ${days} days`;
  return { coverage: 'seen', text: `${time}: no record in the traffic that we saw, and ${what}.` };
}

/** Rounded down: what is less than all is never called all. */
const percent = (share: number): string => `${Math.floor(share * 1000) / 10} %`;

function range({ low, high }: Share): string {
  const [from, to] = [percent(low), percent(high)];
  return from === to ? from : `${from} to ${to}`;
}
