import type { Restored, TokenIndex } from '@drawbridge/tokens';
import type { AnswerText } from '../scan/index.ts';
import { StringText } from './string-text.ts';

/**
 * Restores the strings of a JSON text, of one document or of many, as it passes in pieces. All else stays character for
 * character; of what is no JSON at all, nothing is changed outside of double quotes.
 */
export class JsonStrings {
  readonly #text: StringText;
  #isInString = false;
  /** Of the string that goes on, a part has come. */
  #hasBegun = false;
  /** The pieces so far end within an escape. */
  #isEscaped = false;

  constructor(index: TokenIndex, counts: Restored, answer: AnswerText | null) {
    this.#text = new StringText(index, counts, false, answer);
  }

  push(text: string): string {
    let out = '';
    let at = 0;
    while (at < text.length) {
      if (!this.#isInString) {
        const open = text.indexOf('"', at);
        if (open < 0) return out + text.slice(at);
        out += text.slice(at, open + 1);
        at = open + 1;
        this.#isInString = true;
        this.#isEscaped = false;
        this.#hasBegun = false;
        continue;
      }
      const close = this.#closeFrom(text, at);
      const piece = text.slice(at, close);
      if (close === text.length) {
        this.#hasBegun ||= piece !== '';
        return out + this.#text.push(piece);
      }
      out += this.#hasBegun ? this.#text.push(piece) + this.#text.end() : this.#text.whole(piece);
      out += '"';
      this.#isInString = false;
      at = close + 1;
    }
    return out;
  }

  end(): string {
    return this.#text.end();
  }

  /** Where the string ends that goes on at `from`: at its closing quote, or with the text. */
  #closeFrom(text: string, from: number): number {
    let start = from;
    if (this.#isEscaped && start < text.length) start++;
    this.#isEscaped = false;
    for (let quote = text.indexOf('"', start); quote >= 0; quote = text.indexOf('"', quote + 1)) {
      if (slashesBefore(text, quote, start) % 2 === 0) return quote;
      start = quote + 1;
    }
    this.#isEscaped = slashesBefore(text, text.length, start) % 2 === 1;
    return text.length;
  }
}

function slashesBefore(text: string, end: number, floor: number): number {
  let at = end;
  while (at > floor && text.charCodeAt(at - 1) === 0x5c) at--;
  return end - at;
}
