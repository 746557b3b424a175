import type { Found } from '../found.ts';

/**
 * `{"findings": [{path, line, column, start, end, class, detector, confidence}]}`. `start` and `end` are offsets in bytes, `end`
 * is exclusive; `line` and `column` count from 1, columns in UTF-16 units.
 */
export function jsonReport(found: readonly Found[]): string {
  const findings = found.map(({ path, start, end, class: cls, detector, confidence }) => ({
    path,
    line: start.line,
    column: start.column,
    start: start.offset,
    end: end.offset,
    class: cls,
    detector,
    confidence,
  }));
  return `${JSON.stringify({ findings })}\n`;
}
