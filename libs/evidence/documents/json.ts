import { DEEPEST, MOST_NODES, malformed, type Table, type Tree, tooDeep } from './tree.ts';

const QUOTE = 34;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** A JSON text (RFC 8259) with the line of each value. Throws `EvidenceError`; its message holds nothing of the text. */
export function jsonTree(text: string): Tree {
  return new JsonReader(text).document();
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #nodes = 0;
  /** Where the next backslash is, as far as looked. */
  #escape = -1;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Tree {
    const tree = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length)
      throw malformed(this.#line, 'there is more after the end of the document');
    return tree;
  }

  #value(depth: number): Tree {
    if (depth > DEEPEST) throw tooDeep(this.#line);
    this.#nodes += 1;
    if (this.#nodes > MOST_NODES) throw malformed(this.#line, `it has more than ${MOST_NODES} values`);
    this.#space();
    const line = this.#line;
    const first = this.#text[this.#at];
    if (first === '{') return this.#table(depth, line);
    if (first === '[') return this.#list(depth, line);
    if (first === '"') return { is: 'leaf', line, value: this.#string() };
    for (const [word, value] of words) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return { is: 'leaf', line, value };
    }
    NUMBER.lastIndex = this.#at;
    const number = NUMBER.exec(this.#text)?.[0];
    if (number === undefined)
      throw malformed(line, first === undefined ? 'the document ends too early' : 'a value is missing');
    this.#at += number.length;
    return { is: 'leaf', line, value: Number(number) };
  }

  #table(depth: number, line: number): Table {
    const members = new Map<string, Tree>();
    this.#at += 1;
    if (this.#took('}')) return { is: 'table', line, members };
    do {
      this.#space();
      const nameLine = this.#line;
      if (this.#text.charCodeAt(this.#at) !== QUOTE)
        throw malformed(nameLine, 'the name of a member is missing');
      const name = this.#string();
      if (!this.#took(':')) throw malformed(this.#line, 'a colon is missing');
      const value = this.#value(depth + 1);
      value.line = nameLine;
      members.set(name, value);
    } while (this.#took(','));
    if (!this.#took('}')) throw malformed(this.#line, 'a comma or the end of an object is missing');
    return { is: 'table', line, members };
  }

  #list(depth: number, line: number): Tree {
    const items: Tree[] = [];
    this.#at += 1;
    if (this.#took(']')) return { is: 'list', line, items };
    do items.push(this.#value(depth + 1));
    while (this.#took(','));
    if (!this.#took(']')) throw malformed(this.#line, 'a comma or the end of a list is missing');
    return { is: 'list', line, items };
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    let hasEscapes = false;
    // Kept between strings: looking through the whole rest for each of them would be quadratic work.
    if (this.#escape <= start) {
      const found = this.#text.indexOf('\\', start + 1);
      this.#escape = found === -1 ? this.#text.length : found;
    }
    if (this.#escape < end || end === -1) {
      hasEscapes = true;
      end = this.#escape;
      while (end < this.#text.length && this.#text.charCodeAt(end) !== QUOTE) {
        end += this.#text[end] === '\\' ? 2 : 1;
      }
      if (end >= this.#text.length) end = -1;
    }
    if (end === -1) throw malformed(this.#line, 'a string has no end');
    this.#at = end + 1;
    const raw = this.#text.slice(start + 1, end);
    if (!hasEscapes && !CONTROL.test(raw)) return raw;
    try {
      return String(JSON.parse(`"${raw}"`));
    } catch {
      // Not handed on as the cause: its message quotes the text.
      throw malformed(this.#line, 'a string holds what no JSON string may');
    }
  }

  #took(char: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    for (; ; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 10) this.#line += 1;
      else if (code !== 32 && code !== 13 && code !== 9) return;
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON forbids in strings
const CONTROL = /[\u0000-\u001f]/;
const words: readonly [string, boolean | null][] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
