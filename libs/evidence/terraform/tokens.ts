import { malformed } from '../documents/tree.ts';

export interface Token {
  /** `word`, `text`, `newline`, or the sign itself. */
  is: string;
  /** Of a word or a text; `null` where a text has templates in it. */
  text: string | null;
  line: number;
}

const MOST_TOKENS = 2_000_000;
const SPACE = /[ \t\r]+|#[^\n]*|\/\/[^\n]*/y;
const WORD = /[\p{L}_][\p{L}\p{N}_-]*|\d[\w.]*/uy;
const HEREDOC = /<<-?([\p{L}_][\p{L}\p{N}_-]*)[ \t\r]*\n/uy;

/** HCL's words, texts and signs. A text that is not closed ends the file's reading: told with its line. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  const matched = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    if (tokens.length >= MOST_TOKENS)
      throw malformed(line, `it has more than ${MOST_TOKENS} words and signs`);
    const space = matched(SPACE);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const sign = text[at] ?? '';
    if (sign === '\n') {
      tokens.push({ is: 'newline', text: null, line });
      line += 1;
      at += 1;
    } else if (sign === '/' && text[at + 1] === '*') {
      const end = text.indexOf('*/', at + 2);
      if (end === -1) throw malformed(line, 'a comment has no end');
      line += count(text, at, end);
      at = end + 2;
    } else if (sign === '"') {
      const end = endOfText(text, at, line);
      tokens.push({ is: 'text', text: plain(text.slice(at + 1, end)), line });
      line += count(text, at, end);
      at = end + 1;
    } else if (sign === '<' && text[at + 1] === '<') {
      const heredoc = matched(HEREDOC);
      const [whole, mark] = heredoc ?? [];
      if (whole === undefined || mark === undefined) {
        at += 2;
        continue;
      }
      const begin = at + whole.length;
      const end = endOfHeredoc(text, begin, mark);
      if (end === null) throw malformed(line, 'a text over several lines has no end');
      tokens.push({ is: 'text', text: null, line });
      line += count(text, at, end);
      at = end;
    } else {
      const word = matched(WORD);
      tokens.push({ is: word === null ? sign : 'word', text: word?.[0] ?? null, line });
      at += word?.[0].length ?? 1;
    }
  }
  return tokens;
}

function count(text: string, from: number, to: number): number {
  // Of the piece alone: a search in the whole text would run to its end for each piece.
  return text.slice(from, to).split('\n').length - 1;
}

/** Templates hold expressions, and these hold texts: kept apart by a stack of what is open. */
function endOfText(text: string, start: number, line: number): number {
  const open: ('"' | '{')[] = ['"'];
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at];
    const inText = open.at(-1) === '"';
    if (inText && char === '\\') at += 1;
    else if (inText && (char === '$' || char === '%') && text[at + 1] === char && text[at + 2] === '{')
      at += 2;
    else if (inText && (char === '$' || char === '%') && text[at + 1] === '{') {
      open.push('{');
      at += 1;
    } else if (char === '"') {
      if (!inText) open.push('"');
      else if (open.length === 1) return at;
      else open.pop();
    } else if (!inText && char === '{') open.push('{');
    else if (!inText && char === '}') open.pop();
    else if (inText && open.length === 1 && char === '\n') break;
  }
  throw malformed(line, 'a text has no end');
}

function endOfHeredoc(text: string, begin: number, mark: string): number | null {
  for (let at = begin; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    if (text.slice(at, end).trim() === mark) return end;
    at = end + 1;
  }
  return null;
}

function plain(raw: string): string | null {
  if (/[$%]\{/.test(raw)) return null;
  return raw.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char === 't' ? '\t' : char));
}
