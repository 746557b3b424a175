import type { Enveloped } from './documents.ts';

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
const LINE = /([^\r\n]*)(\r\n|\n|\r|$)/y;

/**
 * The data of a server-sent event (HTML, 9.2.6) and what stands around it. Lines of data become one text; comments and
 * other fields stay where they are. Null: it has no data.
 */
export function readEvent(event: string): Enveloped | null {
  let at = event.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const found: Enveloped = { data: '', type: '', before: event.slice(0, at), after: '', lineBreak: '' };
  let isData = false;
  while (at < event.length) {
    LINE.lastIndex = at;
    const [whole = '', line = '', end = ''] = LINE.exec(event) ?? [];
    at += whole.length;
    const field = fieldOf(line, 'data');
    if (field < 0) {
      const type = fieldOf(line, 'event');
      if (type >= 0) found.type = line.slice(type);
      if (isData) found.after += whole;
      else found.before += whole;
      continue;
    }
    if (isData) found.data += `\n${line.slice(field)}`;
    else {
      isData = true;
      found.before += line.slice(0, field);
      found.data = line.slice(field);
      found.after = end;
      found.lineBreak = `${end}${line.slice(0, field)}`;
    }
  }
  return isData ? found : null;
}

/** Where the value of a line begins, if the line is of this field; -1: it is of another. */
function fieldOf(line: string, name: string): number {
  if (!line.startsWith(name)) return -1;
  if (line.length === name.length) return line.length;
  if (line.charCodeAt(name.length) !== 0x3a) return -1;
  return line.charCodeAt(name.length + 1) === 0x20 ? name.length + 2 : name.length + 1;
}
