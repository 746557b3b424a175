/** How deep a text lies: as it is, in a JSON string as it is written, or in a JSON text that stands in such a string. */
export type Depth = 0 | 1 | 2;

/** What of a JSON text a character is. In a text that is none, all are `TEXT`. */
export const TEXT = 0;
/** Brackets, commas, quotes, white space between values: what holds the values together. */
export const BETWEEN = 1;
/** A number, `true`, `null`, or what stands without quotes where there should be some. */
export const BARE = 2;
export type Part = typeof TEXT | typeof BETWEEN | typeof BARE;

/** Bytes of a text, a character each, as the person reads them; and how many of the bytes each UTF-16 unit stands for. */
export interface Decoded {
  text: string;
  /** Null: one each, and all of them `TEXT`. */
  widths: number[] | null;
  parts: Part[] | null;
  /** Bytes that were read: what is left may become one character with what follows. */
  used: number;
}

const PLAIN = /^[^\\\u0080-\uffff]*$/;
const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const HEX = /[0-9a-fA-F]{4}/y;
const STRUCTURE: ReadonlySet<string> = new Set([...'{}[],: \t\r\n']);
const QUOTE = '"';
const SLASH = '\\';

/** One character as it was written, of so many bytes; null: more is needed to tell. */
interface Unit {
  text: string;
  width: number;
}

/** Reads a text in pieces, each with what was left of the one before. */
export class Decoder {
  #depth: Depth;
  /** At depth 2: within a string of the JSON text. */
  #isInString = false;

  constructor(depth: Depth) {
    this.#depth = depth;
  }

  /** From here on the text is JSON itself. */
  deepen(): void {
    this.#depth = 2;
  }

  /** `isEnd`: nothing follows, so what is not whole is read as it stands. */
  read(raw: string, isEnd: boolean): Decoded {
    if (this.#depth !== 2 && PLAIN.test(raw))
      return { text: raw, widths: null, parts: null, used: raw.length };
    const read: Decoded & { widths: number[] } = { text: '', widths: [], parts: [], used: 0 };
    while (read.used < raw.length) {
      const unit =
        this.#depth === 2 ? this.#inner(raw, read.used, isEnd) : this.#outer(raw, read.used, isEnd);
      if (unit === null) break;
      const part = this.#depth === 2 ? this.#partOf(unit) : TEXT;
      for (let at = 0; at < unit.text.length; at++) {
        read.widths.push(at === 0 ? unit.width : 0);
        read.parts?.push(part);
      }
      read.text += unit.text;
      read.used += unit.width;
    }
    return read;
  }

  #partOf({ text, width }: Unit): Part {
    // What was escaped is more than its character.
    const isQuote = text === QUOTE && this.#quoteWidth === width;
    if (this.#isInString) {
      if (isQuote) this.#isInString = false;
      return isQuote ? BETWEEN : TEXT;
    }
    if (isQuote) this.#isInString = true;
    return isQuote || STRUCTURE.has(text) ? BETWEEN : BARE;
  }

  /** Bytes of the last unit, were it not escaped within the JSON text. */
  #quoteWidth = 0;

  /** A character of the JSON text, where an escape of its own is one. */
  #inner(raw: string, from: number, isEnd: boolean): Unit | null {
    const first = this.#outer(raw, from, isEnd);
    if (first === null) return null;
    this.#quoteWidth = first.width;
    if (!this.#isInString || first.text !== SLASH) return first;
    this.#quoteWidth = 0;
    const second = this.#outer(raw, from + first.width, isEnd);
    if (second === null) return isEnd ? first : null;
    let width = first.width + second.width;
    if (second.text !== 'u') return { text: SHORT[second.text] ?? second.text, width };
    let code = '';
    while (code.length < 4) {
      const digit = this.#outer(raw, from + width, isEnd);
      if (digit === null) return isEnd ? first : null;
      if (!/^[0-9a-fA-F]$/.test(digit.text)) return first;
      code += digit.text;
      width += digit.width;
    }
    return { text: String.fromCharCode(Number.parseInt(code, 16)), width };
  }

  #outer(raw: string, at: number, isEnd: boolean): Unit | null {
    const code = raw.charCodeAt(at);
    if (Number.isNaN(code)) return null;
    if (code >= 0x80) return multibyte(raw, at, isEnd);
    if (code !== 0x5c || this.#depth === 0) return { text: raw.charAt(at), width: 1 };
    const escaped = raw.charAt(at + 1);
    if (escaped === '') return isEnd ? { text: SLASH, width: 1 } : null;
    if (escaped !== 'u') return { text: SHORT[escaped] ?? escaped, width: 2 };
    HEX.lastIndex = at + 2;
    const digits = HEX.exec(raw)?.[0];
    if (digits !== undefined) return { text: String.fromCharCode(Number.parseInt(digits, 16)), width: 6 };
    return !isEnd && raw.length < at + 6 ? null : { text: SLASH, width: 1 };
  }
}

/** UTF-8; what is none stands for itself. */
function multibyte(raw: string, at: number, isEnd: boolean): Unit | null {
  const first = raw.charCodeAt(at);
  const length = first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  let code = length === 1 ? first : first & (0x7f >> length);
  for (let next = 1; next < length; next++) {
    const byte = raw.charCodeAt(at + next);
    if (Number.isNaN(byte)) return isEnd ? { text: raw.charAt(at), width: 1 } : null;
    if ((byte & 0xc0) !== 0x80) return { text: raw.charAt(at), width: 1 };
    code = (code << 6) | (byte & 0x3f);
  }
  if (length === 1 || code > 0x10ffff) return { text: raw.charAt(at), width: 1 };
  return { text: String.fromCodePoint(code), width: length };
}
