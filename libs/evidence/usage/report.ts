import { EvidenceError } from '../error.ts';

/** A vendor's own count of use, in one span of time, by key where it says so. Times are ms since 1970. */
export interface UsageRow {
  /** Index of the span in `buckets`. */
  bucket: number;
  /** The vendor's id of the key, never the key; null: the report does not say, or nobody's key was used. */
  key: string | null;
  /** Null: the report does not count them. */
  requests: number | null;
  /** As the API's own answers count them: what was read from a cache stands in them where it does there. */
  input: number | null;
  output: number | null;
  /** In millionths of `currency`. */
  cost: number | null;
  currency: string | null;
  /** Worked off in a batch: one call, many requests. */
  batch: boolean;
}

/** One span that a report speaks of, with rows or without. */
export interface UsageBucket {
  /** Where it stands: a line, or the number of the record in a document without lines of its own. */
  line: number;
  start: number;
  end: number;
}

/** What a report of use says. A span that is not in it is unknown, not empty. */
export interface UsageReport {
  /** Id of the format: the form of the API that it came from. */
  shape: string;
  /** What of the vendor it counts, as the API names it (`completions`, `messages`, `costs`); null: it does not say. */
  of: string | null;
  buckets: UsageBucket[];
  rows: UsageRow[];
  /** There are pages after the last one that is here. */
  more: boolean;
}

export const MOST_BUCKETS = 100_000;
export const MOST_ROWS = 500_000;
/** No count of a day is larger; sums of a year of them stay whole numbers. */
export const MOST_COUNTED = 2 ** 43;

const KEY = /^[\x21-\x7e]{1,128}$/;

/**
 * Puts a report together. Every doubt refuses the file as a whole: a report of which a part is missing makes what we saw look
 * like more than it is.
 */
export class UsageRows {
  readonly #report: UsageReport;

  constructor(shape: string) {
    this.#report = { shape, of: null, buckets: [], rows: [], more: false };
  }

  /** What the rows count. A report of two things at once is refused. */
  speaksOf(of: string, line: number, field: string): void {
    if (this.#report.of !== null && this.#report.of !== of) {
      throw wrong(
        line,
        field,
        `is of ${of}, and what stands before it is of ${this.#report.of}: hand them in apart`,
      );
    }
    this.#report.of = of;
  }

  bucket(bucket: UsageBucket): number {
    if (bucket.end <= bucket.start) throw wrong(bucket.line, 'end', 'is not after the start');
    if (this.#report.buckets.length >= MOST_BUCKETS) {
      throw new EvidenceError(
        'too_large',
        `a report has at most ${MOST_BUCKETS} spans: hand it in in parts`,
        {
          line: bucket.line,
        },
      );
    }
    this.#report.buckets.push(bucket);
    return this.#report.buckets.length - 1;
  }

  row(row: UsageRow, line: number): void {
    if (this.#report.rows.length >= MOST_ROWS) {
      throw new EvidenceError('too_large', `a report has at most ${MOST_ROWS} rows: hand it in in parts`, {
        line,
      });
    }
    this.#report.rows.push(row);
  }

  set more(more: boolean) {
    this.#report.more = more;
  }

  /** The report, whole. Throws `malformed` where two spans overlap: what is in both would count twice. */
  end(): UsageReport {
    const { buckets } = this.#report;
    const inOrder = [...buckets].sort((a, b) => a.start - b.start || a.end - b.end || a.line - b.line);
    for (const [n, bucket] of inOrder.entries()) {
      const before = inOrder[n - 1];
      if (before === undefined || bucket.start >= before.end) continue;
      const [first, second] = [before.line, bucket.line].sort((a, b) => a - b);
      throw wrong(
        second ?? bucket.line,
        'start',
        `speaks of a time that ${first} speaks of too: a page stands twice, or these are answers to two questions`,
      );
    }
    if (buckets.length === 0) {
      throw new EvidenceError('malformed', 'the report speaks of no time at all: it has no spans', {
        field: 'data',
      });
    }
    return this.#report;
  }
}

export function wrong(line: number, field: string, message: string): EvidenceError {
  return new EvidenceError('malformed', `record ${line}, ${field}: ${message}`, { line, field });
}

/** A whole number that is not less than 0. */
export function counted(value: unknown, line: number, field: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_COUNTED)
    return value;
  throw wrong(line, field, `is no count: a whole number from 0 to ${MOST_COUNTED}`);
}

/** The same; null where the report leaves it out. */
export function countedOrNull(value: unknown, line: number, field: string): number | null {
  return value === undefined || value === null ? null : counted(value, line, field);
}

/** The vendor's id of a key; null where there is none. What has the form of no id is refused: it may be the key itself. */
export function keyId(value: unknown, line: number, field: string): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && KEY.test(value) && !/^(?:sk-|dbk_)/.test(value)) return value;
  throw wrong(
    line,
    field,
    'is no id of a key: at most 128 characters without spaces, and not the key itself',
  );
}

const DECIMAL = /^-?\d{1,15}(?:\.\d{1,30})?$/;

/** An amount of money in millionths, from a number or a decimal text. `scale`: how many of its units make one of the currency. */
export function money(value: unknown, line: number, field: string, scale = 1): number {
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number) && Math.abs(number) <= 1e9) {
    return Math.round((number / scale) * 1_000_000);
  }
  throw wrong(line, field, 'is no amount of money');
}

/** Three capital letters; null where there are none. */
export function currencyOf(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z]{3}$/i.test(value) ? value.toUpperCase() : null;
}
