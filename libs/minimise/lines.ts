import { type JsonNode, parse } from '@drawbridge/jsonedit';
import { type Codec, decodeUtf8, type EnvelopeLimits, inflated, type Opened } from './envelope.ts';
import { EnvelopeError } from './error.ts';

/** Where the document of one line may stand in the joined text: from its first character to the line's end. */
interface Line {
  start: number;
  end: number;
}

/** Lines of JSON as one list, `[first line\n,second line\n]`: white space, line ends and blank lines are all kept. */
export interface JoinedLines {
  text: string;
  lines: readonly Line[];
}

const BLANK = /^[ \t\r]*$/;

const MOST_LINES = 500_000;

/** More than any text that was read within limits can have: what was edited has no more values than before. */
export const MOST_NODES_AGAIN = 4_000_000;

/**
 * Opens newline-delimited JSON, one document a line, as one JSON list whose pieces are the client's own characters.
 * On the way back a dropped record takes its line with it; every other line stays byte for byte as it came. `verify`
 * must be called with the parsed text: it throws EnvelopeError where a line is not exactly one document.
 */
export function openLines(bytes: Uint8Array, codec: Codec, limits: EnvelopeLimits): Opened {
  const plain = inflated(bytes, codec, limits);
  const joined = joinLines(decodeUtf8(plain));
  const { text } = joined;
  return {
    text,
    layers: plain === bytes ? ['lines'] : ['gzip', 'lines'],
    form: null,
    verify: ({ root }) => verifyLines(root, joined, 0),
    seal(changed) {
      if (changed === text) return bytes;
      const sealed = codec.toUtf8(splitLines(again(changed)));
      return plain === bytes ? sealed : codec.gzip(sealed);
    },
  };
}

function again(text: string): { text: string; node: JsonNode } {
  return { text, node: parse(text, { maxNodes: MOST_NODES_AGAIN }).root };
}

/** Throws EnvelopeError `too_large` for more lines than anyone sends, empty ones too: each costs work. */
export function joinLines(text: string): JoinedLines {
  const lines: Line[] = [];
  let joined = '[';
  let count = 0;
  for (let at = 0; at <= text.length; ) {
    count += 1;
    if (count > MOST_LINES) throw new EnvelopeError('too_large', `more than ${MOST_LINES} lines`);
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(at, end);
    if (!BLANK.test(line)) {
      if (lines.length > 0) joined += ',';
      lines.push({ start: joined.length, end: joined.length + line.length });
    }
    joined += newline === -1 ? line : `${line}\n`;
    at = end + 1;
  }
  return { text: `${joined}]`, lines };
}

/** `offset`: where the joined text begins in the text that was parsed. Throws EnvelopeError `not_recognised`. */
export function verifyLines(node: JsonNode, { text, lines }: JoinedLines, offset: number): void {
  const { elements } = node;
  const isWhole = node.start === offset && node.end === offset + text.length;
  const isOnePerLine =
    elements?.length === lines.length &&
    elements.every((element, index) => {
      const line = lines[index];
      return line !== undefined && element.start >= offset + line.start && element.end <= offset + line.end;
    });
  if (isWhole && isOnePerLine) return;
  throw new EnvelopeError('not_recognised', 'lines of which one is not exactly one JSON document');
}

/** The list as lines again: without brackets, and without the comma between two documents. */
export function splitLines({ text, node }: { text: string; node: JsonNode }): string {
  const elements = node.elements ?? [];
  const [first] = elements;
  if (first === undefined) return '';
  let out = text.slice(node.start + 1, first.start);
  for (const [index, element] of elements.entries()) {
    const next = elements[index + 1]?.start ?? node.end - 1;
    out += text.slice(element.start, element.end) + text.slice(element.end, next).replace(',', '');
  }
  return out;
}

/** The start of newline-delimited JSON as the start of a JSON list, for reading ahead. */
export function linesPrefix(text: string): string {
  const joined = joinLines(text).text;
  return joined.slice(0, -1);
}
