import { JsonEditError } from './error.ts';
import type { JsonDocument, JsonMember, JsonNode } from './tree.ts';

export interface ParseOptions {
  /** Containers within containers. Default 64. */
  maxDepth?: number;
  /** Values in all. Default 250,000. */
  maxNodes?: number;
  /** The source may end anywhere: what is complete so far is returned, with `cut` set. For reading ahead only. */
  prefix?: boolean;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const LETTER_U = 0x75;

/** So many characters of a string are looked at one by one before the engine's own search is asked for its end. */
const SHORT = 64;
const CONTROLS = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code));

/**
 * Reads JSON (RFC 8259) to a tree of spans. Accepts exactly what JSON.parse accepts, within the bounds given.
 * Work is linear in the length of the source. Throws JsonEditError: `not_utf8`, `syntax`, `too_deep`, `too_many_nodes`.
 */
export function parse(source: string | Uint8Array, options: ParseOptions = {}): JsonDocument {
  const text = typeof source === 'string' ? source : decode(source);
  const reader = new Reader(text, options.maxDepth ?? 64, options.maxNodes ?? 250_000);
  return options.prefix === true ? reader.prefix() : reader.document();
}

function decode(source: Uint8Array): string {
  try {
    return utf8.decode(source);
  } catch (error) {
    if (error instanceof TypeError) throw new JsonEditError('not_utf8', 0, 'bytes that are not UTF-8');
    throw error;
  }
}

/** Thrown where the text ends too early, and caught where reading a prefix. */
class EndOfText extends JsonEditError {
  constructor(offset: number) {
    super('syntax', offset, 'unexpected end of JSON');
  }
}

class Reader {
  readonly text: string;
  readonly maxDepth: number;
  private nodesLeft: number;
  private at = 0;
  /** Reading a prefix: containers that were open when the text ended keep what they have. */
  private tolerant = false;
  private cut = false;
  /** The first quote from some place before on; what is behind it is not known. */
  private nextQuote = -1;
  /** Names of the last object at each depth: in lists of records the next one mostly has the same, in this order. */
  private readonly lastNames: string[][] = [];

  constructor(text: string, maxDepth: number, maxNodes: number) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.nodesLeft = maxNodes;
  }

  document(): JsonDocument {
    this.space();
    const root = this.value(0);
    this.space();
    if (this.at < this.text.length) throw this.unexpected();
    return { text: this.text, root, cut: false };
  }

  prefix(): JsonDocument {
    this.tolerant = true;
    this.space();
    const root = this.value(0);
    return { text: this.text, root, cut: this.cut };
  }

  private value(depth: number): JsonNode {
    if (--this.nodesLeft < 0) throw new JsonEditError('too_many_nodes', this.at, 'too many values');
    const code = this.text.charCodeAt(this.at);
    switch (code) {
      case QUOTE:
        return this.string();
      case OPEN_BRACE:
        return this.object(depth);
      case OPEN_BRACKET:
        return this.array(depth);
      case 0x74:
        return this.word('true');
      case 0x66:
        return this.word('false');
      case 0x6e:
        return this.word('null');
      default:
        if (code === MINUS || isDigit(code)) return this.number();
        throw this.unexpected();
    }
  }

  private object(depth: number): JsonNode {
    const start = this.open(depth);
    const members: JsonMember[] = [];
    const names: string[] = [];
    const expected = this.lastNames[depth];
    this.lastNames[depth] = names;
    try {
      this.space();
      if (this.take(CLOSE_BRACE)) return this.objectNode(start, members);
      for (;;) {
        if (this.text.charCodeAt(this.at) !== QUOTE) throw this.unexpected();
        const nameStart = this.at;
        const name = this.name(expected?.[members.length], names);
        this.space();
        if (!this.take(COLON)) throw this.unexpected();
        this.space();
        members.push({ name, start: nameStart, value: this.value(depth + 1) });
        if (this.cut) return this.objectNode(start, members);
        this.space();
        if (this.take(CLOSE_BRACE)) return this.objectNode(start, members);
        if (!this.take(COMMA)) throw this.unexpected();
        this.space();
      }
    } catch (error) {
      this.keepWhatIsThere(error);
      return this.objectNode(start, members);
    }
  }

  /**
   * Reads a name. One that was expected is taken as the same string, which spares making and hashing it again.
   * Names with escapes are never expected: their text is not their value.
   */
  private name(expected: string | undefined, names: string[]): string {
    const start = this.at + 1;
    if (expected !== undefined && expected !== '' && this.text.startsWith(expected, start)) {
      const end = start + expected.length;
      if (this.text.charCodeAt(end) === QUOTE) {
        this.at = end + 1;
        names.push(expected);
        return expected;
      }
    }
    const escaped = this.skipString();
    const name = escaped
      ? String(JSON.parse(this.text.slice(start - 1, this.at)))
      : this.text.slice(start, this.at - 1);
    names.push(escaped ? '' : name);
    return name;
  }

  private array(depth: number): JsonNode {
    const start = this.open(depth);
    const elements: JsonNode[] = [];
    try {
      this.space();
      if (this.take(CLOSE_BRACKET)) return this.arrayNode(start, elements);
      for (;;) {
        elements.push(this.value(depth + 1));
        if (this.cut) return this.arrayNode(start, elements);
        this.space();
        if (this.take(CLOSE_BRACKET)) return this.arrayNode(start, elements);
        if (!this.take(COMMA)) throw this.unexpected();
        this.space();
      }
    } catch (error) {
      this.keepWhatIsThere(error);
      return this.arrayNode(start, elements);
    }
  }

  private open(depth: number): number {
    if (depth >= this.maxDepth) {
      throw new JsonEditError('too_deep', this.at, `more than ${this.maxDepth} levels of nesting`);
    }
    return this.at++;
  }

  private objectNode(start: number, members: JsonMember[]): JsonNode {
    return { kind: 'object', start, end: this.at, members, elements: null };
  }

  private arrayNode(start: number, elements: JsonNode[]): JsonNode {
    return { kind: 'array', start, end: this.at, members: null, elements };
  }

  private keepWhatIsThere(error: unknown): void {
    if (!(this.tolerant && error instanceof EndOfText)) throw error;
    this.cut = true;
    this.at = this.text.length;
  }

  private string(): JsonNode {
    const start = this.at;
    const kind = this.skipString() ? 'escaped' : 'string';
    return { kind, start, end: this.at, members: null, elements: null };
  }

  /** Moves behind the closing quote. Returns whether there was an escape. */
  private skipString(): boolean {
    const { text } = this;
    let escaped = false;
    let at = this.at + 1;
    let longFrom = at + SHORT;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code >= 0x20 && code !== BACKSLASH) {
        at++;
        if (at === longFrom) {
          const plain = this.plainEnd(at);
          // What is not plain is found one by one, and ends the string: it is searched only once.
          if (plain !== null) at = plain;
          longFrom = plain === null ? -1 : plain + SHORT;
        }
        continue;
      }
      if (code === BACKSLASH) {
        escaped = true;
        at = this.escape(at);
        if (longFrom >= 0) longFrom = at + SHORT;
        continue;
      }
      // charCodeAt gives NaN behind the end; what is left are control characters.
      this.at = at;
      throw this.unexpected();
    }
    this.at = at + 1;
    return escaped;
  }

  /** The next quote or backslash, when no control character comes before it; null: there is one, or no quote any more. */
  private plainEnd(at: number): number | null {
    const { text } = this;
    if (this.nextQuote < at) {
      const found = text.indexOf('"', at);
      if (found < 0) return null;
      this.nextQuote = found;
    }
    const untilQuote = text.slice(at, this.nextQuote);
    const backslash = untilQuote.indexOf('\\');
    const plain = backslash < 0 ? untilQuote : untilQuote.slice(0, backslash);
    return CONTROLS.some((control) => plain.includes(control)) ? null : at + plain.length;
  }

  /** The position behind the escape that starts at `at`. */
  private escape(at: number): number {
    const code = this.text.charCodeAt(at + 1);
    this.at = at + 1;
    if (code !== LETTER_U) {
      if (Number.isNaN(code) || !'"\\/bfnrt'.includes(String.fromCharCode(code))) throw this.unexpected();
      return at + 2;
    }
    for (let digit = at + 2; digit < at + 6; digit++) {
      this.at = digit;
      if (!isHexDigit(this.text.charCodeAt(digit))) throw this.unexpected();
    }
    return at + 6;
  }

  private number(): JsonNode {
    const start = this.at;
    this.take(MINUS);
    if (!this.take(0x30)) this.digits();
    if (this.take(0x2e)) this.digits();
    const exponent = this.text.charCodeAt(this.at) | 0x20;
    if (exponent === 0x65) {
      this.at++;
      if (!this.take(MINUS)) this.take(0x2b);
      this.digits();
    }
    // A number that touches the end of a prefix may go on.
    if (this.tolerant && this.at >= this.text.length) throw new EndOfText(this.at);
    return { kind: 'number', start, end: this.at, members: null, elements: null };
  }

  private digits(): void {
    if (!isDigit(this.text.charCodeAt(this.at))) throw this.unexpected();
    do this.at++;
    while (isDigit(this.text.charCodeAt(this.at)));
  }

  private word(word: 'true' | 'false' | 'null'): JsonNode {
    const start = this.at;
    if (!this.text.startsWith(word, start)) {
      for (let index = 0; index < word.length; index++, this.at++) {
        if (this.text.charCodeAt(this.at) !== word.charCodeAt(index)) throw this.unexpected();
      }
    }
    this.at = start + word.length;
    return { kind: word, start, end: this.at, members: null, elements: null };
  }

  private space(): void {
    const { text } = this;
    let code = text.charCodeAt(this.at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      code = text.charCodeAt(++this.at);
    }
  }

  private take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  private unexpected(): JsonEditError {
    if (this.at >= this.text.length) return new EndOfText(this.at);
    return new JsonEditError('syntax', this.at, 'unexpected character');
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20;
  return isDigit(code) || (letter >= 0x61 && letter <= 0x66);
}
