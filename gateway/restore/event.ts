import { Refusal } from '../refusal/index.ts';
import type { Enveloped } from './documents.ts';

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
const LINE = /([^\r\n]*)(\r\n|\n|\r|$)/y;
/** A document may be written with line breaks, each of which is a line of data. */
const MOST_LINES = 4096;

/** The data of a server-sent event, and what stands around it. */
export class ServerSentEvent implements Enveloped {
  readonly data: string;
  readonly type: string;
  readonly before: string;
  readonly after: string;
  /** How a line break within the data is written. */
  readonly #lineBreak: string;

  constructor(data: string, type: string, before: string, after: string, lineBreak: string) {
    this.data = data;
    this.type = type;
    this.before = before;
    this.after = after;
    this.#lineBreak = lineBreak;
  }

  write(data: string): string {
    const lines = data.includes('\n') ? data.replaceAll('\n', this.#lineBreak) : data;
    return this.before + lines + this.after;
  }

  /** An event that has the same around its data, which is in one line; null: this is none. */
  like(event: string): ServerSentEvent | null {
    const { before, after } = this;
    const end = event.length - after.length;
    if (end < before.length || after === '' || !event.startsWith(before) || !event.endsWith(after))
      return null;
    if (event.indexOf('\n', before.length) !== end || event.includes('\r')) return null;
    return new ServerSentEvent(event.slice(before.length, end), this.type, before, after, this.#lineBreak);
  }
}

/**
 * Reads a server-sent event (HTML, 9.2.6). Lines of data become one text; comments and other fields stay where they are. Null: it
 * has no data. Throws Refusal `restore_failed` for one of too many lines.
 */
export function readEvent(event: string): ServerSentEvent | null {
  let at = event.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  let [data, type, before, after, lineBreak] = ['', '', event.slice(0, at), '', ''];
  let isData = false;
  for (let lines = 0; at < event.length; lines++) {
    if (lines >= MOST_LINES) {
      throw new Refusal(
        'restore_failed',
        'restore',
        `The vendor's answer has an event of more than ${MOST_LINES} lines, so it was cut off.`,
      );
    }
    LINE.lastIndex = at;
    const [whole = '', line = '', end = ''] = LINE.exec(event) ?? [];
    at += whole.length;
    const field = fieldOf(line, 'data');
    if (field < 0) {
      const value = fieldOf(line, 'event');
      if (value >= 0) type = line.slice(value);
      if (isData) after += whole;
      else before += whole;
      continue;
    }
    if (isData) data += `\n${line.slice(field)}`;
    else {
      isData = true;
      // A line that is the name alone has no value: what is put there would become a part of the name.
      const name = line.length === field ? 'data:' : line.slice(0, field);
      before += name;
      data = line.slice(field);
      after = end;
      lineBreak = `${end}${name}`;
    }
  }
  return isData ? new ServerSentEvent(data, type, before, after, lineBreak) : null;
}

/** Where the value of a line begins, if the line is of this field; -1: it is of another. */
function fieldOf(line: string, name: string): number {
  if (!line.startsWith(name)) return -1;
  if (line.length === name.length) return line.length;
  if (line.charCodeAt(name.length) !== 0x3a) return -1;
  return line.charCodeAt(name.length + 1) === 0x20 ? name.length + 2 : name.length + 1;
}
