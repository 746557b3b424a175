import { newRestorer, type Restored, type Restorer, type TokenIndex } from '@drawbridge/tokens';
import type { AnswerString, AnswerText } from '../scan/index.ts';

/** What of a text's beginning tells whether it is JSON itself. */
const HEAD = 64;
const SPACE = '(?:[ \\t]|\\\\[nrt])*';
/** As it is written in a JSON string: an object, or a list of objects or strings. A list of numbers holds no token. */
const JSON_HEAD = new RegExp(`^${SPACE}(?:\\{${SPACE}(?:\\\\"|\\})|\\[${SPACE}(?:\\{|\\\\"))`);
/** What may become such a beginning. */
const UNDECIDED = new RegExp(`^${SPACE}[{[]?${SPACE}\\\\?$`);

/**
 * One text that stands in a JSON string, as it is written there, in pieces. A text that is JSON itself, as tools' arguments
 * and structured outputs are, is known by its beginning: what comes back into it is escaped twice. Where it is looked through
 * for secrets, that is done before.
 */
export class StringText {
  readonly #plain: Restorer;
  readonly #inner: Restorer;
  readonly #isJson: boolean;
  readonly #answer: AnswerText | null;
  /** Made with the first piece that does not end its text. */
  #scanned: AnswerString | null = null;
  #current: Restorer;
  /** The text's beginning until it is known what it is; null: it is known. */
  #head: string | null;

  constructor(index: TokenIndex, counts: Restored, isJson: boolean, answer: AnswerText | null) {
    this.#plain = newRestorer(index, 'json', counts);
    this.#inner = newRestorer(index, 'json_in_json', counts);
    this.#isJson = isJson;
    this.#answer = answer;
    this.#current = isJson ? this.#inner : this.#plain;
    this.#head = isJson ? null : '';
  }

  get held(): number {
    return this.#current.held + (this.#scanned === null ? 0 : this.#scanned.held);
  }

  /** Nothing is held back, and it is known what the text is: pieces in which no token begins need not come by here. */
  get isIdle(): boolean {
    return this.#head === null && this.#current.isIdle;
  }

  push(raw: string): string {
    if (this.#answer !== null) this.#scanned ??= this.#answer.string(this.#isJson ? 2 : 1);
    const ahead = this.#decide(raw);
    return this.#current.push(ahead + (this.#scanned === null ? raw : this.#scanned.push(raw)));
  }

  /** A text that is there at once, where none has begun. */
  whole(raw: string): string {
    const ahead = this.#decide(raw);
    const depth = this.#current === this.#inner ? 2 : 1;
    const out = this.#current.push(ahead + (this.#answer === null ? raw : this.#answer.whole(raw, depth)));
    return out + this.end();
  }

  /** What the text is, as far as it is known with this piece. Returns what was held back, where it turns out to be JSON. */
  #decide(raw: string): string {
    if (this.#head === null) return '';
    const head = this.#head + raw.slice(0, HEAD);
    if (JSON_HEAD.test(head)) {
      const held = this.#plain.end();
      this.#current = this.#inner;
      this.#head = null;
      this.#scanned?.deepen();
      return held;
    }
    this.#head = head.length < HEAD && UNDECIDED.test(head) ? head : null;
    return '';
  }

  /** What was held back. Afterwards another text may begin. */
  end(): string {
    const looked = this.#scanned === null ? '' : this.#current.push(this.#scanned.end());
    const rest = looked + this.#current.end();
    if (!this.#isJson) {
      this.#current = this.#plain;
      this.#head = '';
    }
    return rest;
  }
}
