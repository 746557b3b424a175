import { EvidenceError } from '../error.ts';
import type { Reader } from '../format.ts';
import { JsonStream, type Keep } from '../json-stream.ts';
import { isObject, type JsonObject } from '../line-reader.ts';
import type { Traces } from '../trace.ts';
import { type UsageBucket, UsageRows, wrong } from './report.ts';

const OPEN_LIST = 91;

export interface Pages {
  shape: string;
  keep: Keep;
  /** When a bucket of `data` begins and ends, as ms since 1970. */
  span(bucket: JsonObject, line: number): Pick<UsageBucket, 'start' | 'end'>;
  /** One of its `results`. `at`: the place of the member in the record. */
  result(
    rows: UsageRows,
    result: JsonObject,
    bucket: number,
    line: number,
    at: (member: string) => string,
  ): void;
}

/**
 * Reads answers of a usage API as they were saved: `{data: [{…, results: […]}], has_more, next_page}`, one, several one after the
 * other (JSON lines), or a list of them. Records are numbered from 1 over all pages. One bucket is held at a time.
 */
export function pagesReader(traces: Traces, pages: Pages): Reader {
  const rows = new UsageRows(pages.shape);
  let stream: JsonStream | null = null;
  const begin = (byte: number): JsonStream =>
    new JsonStream({
      path: byte === OPEN_LIST ? ['*', 'data'] : ['data'],
      keep: pages.keep,
      many: true,
      beside: ['has_more'],
      told: (_, value) => {
        rows.more = value === true;
      },
      each: (record, line, cut) => {
        if (cut) {
          throw new EvidenceError(
            'too_large',
            `record ${line} has too many results to be read whole: ask for fewer groups at once`,
            { line, field: 'results' },
          );
        }
        if (!isObject(record)) throw wrong(line, 'data', 'is no object');
        const { start, end } = pages.span(record, line);
        const bucket = rows.bucket({ line, start, end });
        if (!Array.isArray(record.results)) throw wrong(line, 'results', 'is no list');
        let used = false;
        for (const [n, result] of record.results.entries()) {
          if (!isObject(result)) throw wrong(line, `results.${n}`, 'is no object');
          pages.result(rows, result, bucket, line, (member) => `results.${n}.${member}`);
          used = true;
        }
        if (used) tellUse(traces, pages.shape, line, start);
      },
    });
  return {
    write: (chunk) => {
      let at = 0;
      while (stream === null && at < chunk.length) {
        const byte = chunk[at] ?? 0;
        if (byte > 32) stream = begin(byte);
        else at += 1;
      }
      stream?.write(chunk.subarray(at));
    },
    end: () => {
      if (stream === null) throw new EvidenceError('malformed', 'the file holds nothing', { line: 1 });
      stream.end();
      if (stream.lists === 0 || stream.lists !== stream.holders) {
        throw new EvidenceError(
          'malformed',
          stream.lists === 0
            ? 'it has no list data'
            : `${stream.holders - stream.lists} of ${stream.holders} pages have no list data: a call failed, or it is another answer`,
          { field: 'data' },
        );
      }
      traces.usage = rows.end();
    },
    get lines() {
      return stream?.count ?? 0;
    },
  };
}

/** That there was use at all, in the words of other evidence: whose this form of report is, is for others to know. */
export function tellUse(traces: Traces, shape: string, line: number, at: number): void {
  traces.saw({ kind: 'service', value: shape, grade: 'observed', line, at, detail: { via: 'usage_report' } });
}
