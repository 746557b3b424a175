import { Csv, headingOf, headLines } from '../csv.ts';
import { EvidenceError } from '../error.ts';
import type { Format, Mapping, Reader } from '../format.ts';
import { timeOf } from '../time.ts';
import type { Traces } from '../trace.ts';
import { counted, keyId, UsageRows, wrong } from './report.ts';

type Column = 'at' | 'requests' | 'tokens' | 'inputTokens' | 'outputTokens' | 'key';
const columns: readonly Column[] = ['at', 'requests', 'tokens', 'inputTokens', 'outputTokens', 'key'];

const usual: { readonly [column in Column]: readonly string[] } = {
  at: ['day', 'date', 'usage_date', 'start_date'],
  requests: [
    'requests',
    'num_requests',
    'num_model_requests',
    'n_requests',
    'request_count',
    'api_calls',
    'calls',
  ],
  tokens: ['tokens', 'total_tokens'],
  inputTokens: ['input_tokens', 'prompt_tokens', 'n_context_tokens_total'],
  outputTokens: ['output_tokens', 'completion_tokens', 'n_generated_tokens_total'],
  key: ['api_key_id', 'key_id', 'key'],
};

const DAY_MS = 86_400_000;

/**
 * Any table with a day, counts of that day, and the vendor's id of the key where it says one: several rows of a day add up. A day
 * without a row is unknown. Times with an hour are refused: a table does not say how long its rows are.
 */
export const usageTable: Format = {
  id: 'usage-csv',
  name: 'CSV of use by day',
  fits: (name, head) => {
    if (!/\.(?:csv|tsv)$/i.test(name) && !/^[^\n]*[,;\t]/.test(head)) return 0;
    const heading = headingOf(headLines(head)[0] ?? '');
    const has = (column: Column) => usual[column].some((name) => heading.includes(name));
    return has('at') && (has('requests') || has('tokens') || has('outputTokens')) ? 0.42 : 0;
  },
  reader: (traces, options) => new UsageTable(traces, options.mapping),
};

class UsageTable implements Reader {
  readonly #traces: Traces;
  readonly #mapping: Mapping | undefined;
  readonly #rows = new UsageRows('usage-csv');
  readonly #buckets = new Map<number, number>();
  readonly #csv: Csv;
  #places: { readonly [column in Column]: number } | null = null;

  constructor(traces: Traces, mapping: Mapping | undefined) {
    this.#traces = traces;
    this.#mapping = mapping;
    this.#csv = new Csv({ record: (values, line) => this.#record(values, line) });
  }

  get lines(): number {
    return this.#csv.lines;
  }

  write(chunk: Uint8Array): void {
    this.#csv.write(chunk);
  }

  end(): void {
    this.#csv.end();
    this.#traces.usage = this.#rows.end();
  }

  #record(values: readonly string[], line: number): void {
    if (this.#places === null) {
      this.#places = placesIn(values, this.#mapping);
      return;
    }
    const places = this.#places;
    const text = (column: Column): string => (values[places[column]] ?? '').trim();
    const count = (column: Column): number | null => {
      const value = text(column);
      if (value === '') return null;
      return counted(/^\d{1,15}$/.test(value) ? Number(value) : null, line, column);
    };
    const start = this.#day(text('at'), line);
    const tokens = count('tokens');
    const input = count('inputTokens');
    const output = count('outputTokens');
    const requests = count('requests');
    if (requests === null && tokens === null && input === null && output === null)
      throw wrong(line, 'requests', 'neither requests nor tokens stand in this row');
    const bucket = this.#bucket(start, line);
    const key = keyId(text('key'), line, 'key');
    this.#rows.row(
      {
        bucket,
        key,
        requests,
        // One number for both is as good: they are compared as a sum.
        input: tokens ?? input,
        output: tokens === null ? output : 0,
        cost: null,
        currency: null,
        batch: false,
      },
      line,
    );
  }

  #bucket(start: number, line: number): number {
    const there = this.#buckets.get(start);
    if (there !== undefined) return there;
    const bucket = this.#rows.bucket({ line, start, end: start + DAY_MS });
    this.#buckets.set(start, bucket);
    return bucket;
  }

  #day(value: string, line: number): number {
    const time = timeOf(value);
    if (time !== undefined && time % DAY_MS === 0) return time;
    throw wrong(line, 'at', 'is no day, as in 2026-11-22');
  }
}

function placesIn(
  heading: readonly string[],
  mapping: Mapping | undefined,
): { readonly [column in Column]: number } {
  const names = heading.map((name) =>
    name
      .replace(/^\ufeff/, '')
      .trim()
      .toLowerCase(),
  );
  const isMapped = columns.some((column) => mapping?.[column] !== undefined);
  const find = (column: Column): number => {
    if (!isMapped) return names.findIndex((name) => usual[column].includes(name));
    const asked = mapping?.[column];
    if (asked === undefined) return -1;
    const place = names.indexOf(asked.trim().toLowerCase());
    if (place !== -1) return place;
    throw new EvidenceError(
      'bad_mapping',
      `the table has no column of the name that is given for ${column}`,
      {
        line: 1,
        field: column,
      },
    );
  };
  const places = Object.fromEntries(columns.map((column) => [column, find(column)])) as {
    [column in Column]: number;
  };
  const missing = places.at === -1 ? 'at' : null;
  if (missing !== null || columns.slice(1, 5).every((column) => places[column] === -1)) {
    throw new EvidenceError(
      'bad_mapping',
      'the table needs a column with the day and one with requests or tokens: say which they are, with a mapping',
      { line: 1, field: missing ?? 'requests' },
    );
  }
  return places;
}
