import type { Reader } from './format.ts';
import { Lines, LONGEST_LINE } from './lines.ts';
import type { Traces } from './trace.ts';

/** Takes a line as text. */
export type ReadLine = (text: string, line: number) => void;

/** A reader of a format whose records are lines of text. Empty lines are none. */
export function lineReader(traces: Traces, read: ReadLine, end: () => void = () => undefined): Reader {
  const lines = new Lines({
    line: (bytes, start, stop, line) => {
      if (stop > start) read(bytes.toString('utf8', start, stop), line);
    },
    tooLong: (line) => traces.skip(line, `the line is longer than ${LONGEST_LINE / 1024} KiB`),
  });
  return {
    write: (chunk) => lines.write(chunk),
    end: () => {
      lines.end();
      end();
    },
    get lines() {
      return lines.count;
    },
  };
}

export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A reader of JSON lines: one object each. What is no object is told, with its line. */
export function jsonLineReader(traces: Traces, read: (record: JsonObject, line: number) => void): Reader {
  return lineReader(traces, (text, line) => {
    const record = parsed(text);
    if (isObject(record)) read(record, line);
    else if (text.trim() !== '') traces.skip(line, 'the line is no JSON object');
  });
}

/** The value of a JSON text, or `undefined` where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A member by its path, `a.b.c`; names with dots in them are found first. */
export function member(record: JsonObject, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path];
  let value: unknown = record;
  for (const key of path.split('.')) {
    if (Array.isArray(value) && /^\d{1,6}$/.test(key)) value = value[Number(key)];
    else if (isObject(value) && Object.hasOwn(value, key)) value = value[key];
    else return undefined;
  }
  return value;
}

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A count of bytes, from a number or digits; anything else is unknown. */
/** More bytes than any exchange has: sums of them stay whole numbers. */
const MOST_COUNTED = 2 ** 40;

export function countOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0
    ? Math.min(Math.floor(number), MOST_COUNTED)
    : undefined;
}
