import { DEEPEST } from '@drawbridge/tokens';

/** What a text is, as far as its beginning told: an object, or a list of objects or strings, is JSON; all else is not. */
const UNKNOWN = 0;
const BRACE = 1;
const BRACKET = 2;
const PLAIN = 3;
const JSON_TEXT = 4;

/** A text that is the value of a JSON string. */
interface Level {
  nature: typeof UNKNOWN | typeof BRACE | typeof BRACKET | typeof PLAIN | typeof JSON_TEXT;
  /** Characters of an escape that have come; 0: none has begun. */
  escape: number;
  code: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const LETTER_U = 0x75;
/** `\n`, `\t` and `\r` stand for white space; every other letter behind a backslash may be taken for itself. */
const SPACES: ReadonlySet<number> = new Set([...'ntr'].map((letter) => letter.charCodeAt(0)));
const SPACE = 0x20;

/**
 * Follows one text that stands in a JSON string, as it is written there and in pieces, and says how many JSON strings deep
 * its last character lies: a text that is JSON has strings, which may be JSON themselves. Work is linear, but for a factor of `DEEPEST`.
 */
export class Nesting {
  readonly #isJson: boolean;
  /** The text, the string of it that is open, the string of that one, … */
  readonly #levels: Level[] = [];
  /** Levels within an escape. */
  #pending = 0;

  /** `isJson`: the text is known to be JSON, however it begins. */
  constructor(isJson: boolean) {
    this.#isJson = isJson;
    this.begin();
  }

  /** From here on another text begins. */
  begin(): void {
    this.#levels.length = 0;
    this.#levels.push({ nature: this.#isJson ? JSON_TEXT : UNKNOWN, escape: 0, code: 0 });
    this.#pending = 0;
  }

  /** From 1; more than `DEEPEST` is as deep as one looks. */
  get depth(): number {
    const { length } = this.#levels;
    return this.#levels[length - 1]?.nature === JSON_TEXT ? length + 1 : length;
  }

  /** The text is no JSON: its depth stays 1. */
  get isPlain(): boolean {
    return this.#levels[0]?.nature === PLAIN;
  }

  /** Reads from `from` on, to where the depth becomes another or to the end. Returns up to where it was read. */
  advance(text: string, from: number): number {
    const depth = this.depth;
    let at = from;
    while (at < text.length) {
      if (this.#pending === 0 && this.#levels[this.#levels.length - 1]?.nature === PLAIN) {
        if (this.isPlain) return text.length;
        // Whatever ends a string within this one is escaped here.
        at = text.indexOf('\\', at);
        if (at < 0) return text.length;
      }
      this.#read(0, text.charCodeAt(at++));
      if (this.depth !== depth) return at;
    }
    return at;
  }

  /** A character of a text, as it is written in the string that holds the text. */
  #read(at: number, code: number): void {
    const level = this.#levels[at];
    if (level === undefined) return;
    if (level.escape === 0) {
      if (code !== BACKSLASH) {
        this.#take(at, level, code);
        return;
      }
      level.escape = 1;
      this.#pending++;
      return;
    }
    if (level.escape === 1) {
      if (code === LETTER_U) {
        level.escape = 2;
        level.code = 0;
        return;
      }
      level.escape = 0;
      this.#pending--;
      this.#take(at, level, SPACES.has(code) ? SPACE : code);
      return;
    }
    level.code = level.code * 16 + (Number.parseInt(String.fromCharCode(code), 16) || 0);
    if (++level.escape < 6) return;
    level.escape = 0;
    this.#pending--;
    this.#take(at, level, level.code);
  }

  /** A character of a text as it is. */
  #take(at: number, level: Level, code: number): void {
    if (level.nature === PLAIN) return;
    if (level.nature === JSON_TEXT) {
      const inner = this.#levels[at + 1];
      if (inner === undefined) {
        if (code === QUOTE) this.#open();
      } else if (code === QUOTE && inner.escape === 0) this.#levels.length = at + 1;
      else this.#read(at + 1, code);
      return;
    }
    if (code === SPACE || (code >= 0x09 && code <= 0x0d)) return;
    const isValue =
      (level.nature !== UNKNOWN && code === QUOTE) ||
      (level.nature === BRACE ? code === CLOSE_BRACE : level.nature === BRACKET && code === OPEN_BRACE);
    if (isValue) {
      level.nature = JSON_TEXT;
      if (code === QUOTE) this.#open();
    } else if (code === OPEN_BRACKET && level.nature !== BRACE) level.nature = BRACKET;
    else level.nature = code === OPEN_BRACE && level.nature === UNKNOWN ? BRACE : PLAIN;
  }

  #open(): void {
    if (this.#levels.length < DEEPEST) this.#levels.push({ nature: UNKNOWN, escape: 0, code: 0 });
  }
}
