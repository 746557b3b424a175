/** What is written in the place of a piece of text, by UTF-16 offsets. */
export interface Replacement {
  start: number;
  end: number;
  text: string;
}

/** The text with the pieces replaced; the same string where there are none. */
export function withReplaced(text: string, replaced: readonly Replacement[]): string {
  if (replaced.length === 0) return text;
  let out = '';
  let at = 0;
  for (const { start, end, text: put } of replaced) {
    out += text.slice(at, start) + put;
    at = end;
  }
  return out + text.slice(at);
}

/**
 * The same within a JSON string as it is written (quotes included): the offsets are of its value. Every escape outside
 * the pieces stays as the client wrote it.
 */
export function withReplacedInJson(json: string, replaced: readonly Replacement[]): string {
  let out = '';
  let from = 0;
  let at = 1;
  let units = 0;
  const moveTo = (offset: number): void => {
    for (; units < offset; units++) {
      at += json.charCodeAt(at) !== 0x5c ? 1 : json.charCodeAt(at + 1) === 0x75 ? 6 : 2;
    }
  };
  for (const { start, end, text } of replaced) {
    moveTo(start);
    out += json.slice(from, at) + JSON.stringify(text).slice(1, -1);
    moveTo(end);
    from = at;
  }
  return out + json.slice(from);
}
