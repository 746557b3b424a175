import { type Cell, type Compared, sum, type Unit } from './cells.ts';

/**
 * The share of what a vendor reports that gateways saw, from 0 to 1. `low`: day by day and key by key; `value`: key by key over the
 * whole time, so that a clock's offset at midnight does not count; `high`: with everything that may have counted.
 */
export interface Share {
  value: number;
  low: number;
  high: number;
}

/** A difference up to this part of a day's use is put down to clocks and retries. */
export const TOLERANCE = 0.02;
/** And one up to so many. */
export const LEAST: Readonly<Record<Unit, number>> = { requests: 2, tokens: 1_000 };

export interface Total {
  unit: Unit | null;
  share: Share | 'unknown';
  reported: number;
  /** Crossings that counted, and that no report has: they are no coverage, and are not cut off in silence. */
  more: number;
  /** Kinds of reports that the share is of. */
  of: string[];
}

/** What a day looks like. All of it in the unit of the share. */
export interface DayTotal {
  day: string;
  reported: number;
  seen: number;
  /** Certainly past the gateway. */
  past: number;
  /** May have been either. */
  unsure: number;
  more: number;
}

/** The kinds that are added up: those of one unit, requests where any report has them. */
export function comparable(compared: readonly Compared[]): { unit: Unit | null; kinds: Compared[] } {
  const measured = compared.filter(({ days, unit }) => days.size > 0 && unit !== null);
  // A kind in which nothing was used has no unit of its own.
  const used = measured.filter(({ cells }) => cells.some(({ reported, low }) => reported > 0 || low > 0));
  const unit = used.some((kind) => kind.unit === 'requests')
    ? 'requests'
    : used.some((kind) => kind.unit === 'tokens')
      ? 'tokens'
      : (measured[0]?.unit ?? null);
  const isEmpty = (kind: Compared) => kind.cells.every(({ reported, low }) => reported === 0 && low === 0);
  return { unit, kinds: measured.filter((kind) => kind.unit === unit || isEmpty(kind)) };
}

export function total(compared: readonly Compared[]): Total {
  const { unit, kinds } = comparable(compared);
  const cells = kinds.flatMap((kind) => kind.cells);
  const reported = sum(cells.map((cell) => cell.reported));
  const places = [...Map.groupBy(cells, ({ of, place }) => JSON.stringify([of, place])).values()].map(
    (group) => ({
      reported: sum(group.map((cell) => cell.reported)),
      low: sum(group.map((cell) => cell.low)),
      high: sum(group.map((cell) => cell.high)),
    }),
  );
  const more = sum(places.map((place) => Math.max(0, place.low - place.reported)));
  const of = kinds.map((kind) => kind.of);
  return { unit, share: shareOf(cells, places, reported), reported, more, of };
}

type Sides = Pick<Cell, 'reported' | 'low' | 'high'>;

function shareOf(cells: readonly Sides[], places: readonly Sides[], reported: number): Share | 'unknown' {
  if (cells.length === 0) return 'unknown';
  if (reported === 0) {
    // Nothing was used, and all of it is known. A report that lacks what we sent speaks of another account.
    return cells.some(({ low }) => low > 0) ? 'unknown' : { value: 1, low: 1, high: 1 };
  }
  const met = (sides: readonly Sides[], side: 'low' | 'high') =>
    sum(sides.map((one) => Math.min(one[side], one.reported))) / reported;
  return { value: met(places, 'low'), low: met(cells, 'low'), high: met(places, 'high') };
}

/** The days of the reports that are compared, in order. */
export function daysOf(compared: readonly Compared[]): DayTotal[] {
  const { kinds } = comparable(compared);
  const byDay = Map.groupBy(
    kinds.flatMap((kind) => kind.cells),
    ({ day }) => day,
  );
  return [...byDay]
    .map(([day, cells]): DayTotal => {
      const reported = sum(cells.map((cell) => cell.reported));
      const seen = sum(cells.map((cell) => Math.min(cell.low, cell.reported)));
      const past = sum(cells.map((cell) => Math.max(0, cell.reported - cell.high)));
      return {
        day,
        reported,
        seen,
        past,
        unsure: reported - seen - past,
        more: sum(cells.map((cell) => Math.max(0, cell.low - cell.reported))),
      };
    })
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** Whether a difference is one, beside that many crossings. Beside none there is nothing that a clock could have moved. */
export function isDifference(amount: number, reported: number, seen: number, unit: Unit): boolean {
  if (seen === 0) return amount > 0;
  return amount > Math.max(LEAST[unit], reported * TOLERANCE);
}
