import type { Format, ReadOptions } from '../format.ts';
import { Traces } from '../trace.ts';

/** What a format tells of a text whose bytes come in pieces of this size. */
export function readText(format: Format, text: string, size = 65_536, options: ReadOptions = {}): Traces {
  const traces = new Traces();
  const reader = format.reader(traces, options);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size));
  reader.end();
  return traces;
}

/** `grade value`, with a mark for development, and the line. */
export function told(traces: Traces): string[] {
  return traces
    .list()
    .map(
      ({ grade, value, detail, lines }) =>
        `${grade} ${value}${detail.scope === 'dev' ? ' (dev)' : ''} ${lines[0]}`,
    );
}
