import { finished } from 'node:stream/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { CsvError, type Options, parse as parseSlices } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { invalid, Problem } from './problem.ts';

/** A table that someone handed in, as RFC 4180 has it. */
export interface CsvTable {
  /** The names of the columns, trimmed, as the first line has them. */
  columns: readonly string[];
  rows: readonly CsvRow[];
}

export interface CsvRow {
  /** Where the row begins in the text, from 1: what an error says of it. */
  line: number;
  /** What stands in a column, trimmed; `''` where it is empty. Undefined: there is no such column. */
  get(column: string): string | undefined;
}

const MOST_ROWS = 100_000;
const MOST_COLUMNS = 200;

/** Texts of tables are at most this long: what the API takes as a body is less. */
const LONGEST = 4 * 1024 * 1024;

/**
 * Reads a table with a head line; comma, semicolon or tab, whichever the head has most of. Throws Problem 422 that names
 * `field` and says at which line it is no table.
 */
export function readCsv(text: string, field: string): CsvTable {
  expectLength(text, field, LONGEST);
  const found: Line[] = [];
  try {
    parse(text, optionsFor(text, field, found));
  } catch (error) {
    throw problemOf(error, field);
  }
  return tableOf(found, field);
}

/** The same, of a table that takes long to read: whatever else this process has to do has its turn meanwhile. `longest`: characters. */
export async function readLongCsv(text: string, field: string, longest: number): Promise<CsvTable> {
  expectLength(text, field, longest);
  const found: Line[] = [];
  const parser = parseSlices(optionsFor(text, field, found));
  parser.resume();
  const write = async (): Promise<void> => {
    // In bytes: no slice of a text cuts a character through then.
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length && parser.writable; at += SLICE) {
      parser.write(bytes.subarray(at, at + SLICE));
      await breathe();
    }
    if (parser.writable) parser.end();
  };
  try {
    await Promise.all([finished(parser), write()]);
  } catch (error) {
    throw problemOf(error, field);
  }
  return tableOf(found, field);
}

/** Bytes: some milliseconds. */
const SLICE = 64 * 1024;

function expectLength(text: string, field: string, longest: number): void {
  if (text.length <= longest) return;
  throw invalid(field, `is longer than ${longest} characters; hand it in in parts`);
}

function tableOf([head, ...body]: readonly Line[], field: string): CsvTable {
  if (head === undefined) throw invalid(field, 'is empty: the first line must name the columns');
  const columns = columnsOf(head.cells, field);
  const places = new Map(columns.map((column, place) => [column, place]));
  const rows = body
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map(({ cells, line }): CsvRow => {
      if (cells.length !== columns.length) {
        throw invalid(
          field,
          `line ${line} has ${cells.length} cells, the first line names ${columns.length}`,
        );
      }
      return {
        line,
        get: (column) => {
          const place = places.get(column);
          return place === undefined ? undefined : (cells[place] ?? '');
        },
      };
    });
  return { columns, rows };
}

interface Line {
  cells: string[];
  line: number;
}

/** What is read goes into `found`. */
function optionsFor(text: string, field: string, found: Line[]): Options {
  return {
    bom: true,
    delimiter: delimiterOf(text),
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    on_record: (cells: string[], { lines }) => {
      if (found.length > MOST_ROWS) throw tooManyRows(field);
      const inner = cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
      found.push({ cells, line: lines - inner });
      return null;
    },
  };
}

function tooManyRows(field: string): Problem {
  const said = `${field}: has more than ${MOST_ROWS} rows; hand it in in parts.`;
  return new Problem(422, 'too_many_rows', said);
}

function problemOf(error: unknown, field: string): unknown {
  if (!(error instanceof CsvError)) return error;
  // The library's own words quote what stands there, which may be a person's.
  const at = typeof error.lines === 'number' ? `line ${error.lines}: ` : '';
  const what = problems[error.code] ?? 'it is not a table of comma-separated values';
  return invalid(field, `${at}${what}`);
}

const problems: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened here and never closed',
  INVALID_OPENING_QUOTE: 'a quote stands in the middle of a cell; double it, and put the cell in quotes',
  CSV_INVALID_CLOSING_QUOTE: 'after a closing quote comes something else than the next cell',
};

function delimiterOf(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const count = (mark: string) => head.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

function columnsOf(cells: readonly string[], field: string): string[] {
  if (cells.length > MOST_COLUMNS) throw invalid(field, `has more than ${MOST_COLUMNS} columns`);
  const seen = new Set<string>();
  for (const [index, cell] of cells.entries()) {
    if (cell === '') throw invalid(field, `line 1: column ${index + 1} has no name`);
    if (seen.has(cell))
      throw invalid(field, `line 1: two columns have one name (columns ${index + 1} and before)`);
    seen.add(cell);
  }
  return [...cells];
}
