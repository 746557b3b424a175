import { newRestorer, type Restored, type Restorer, type TokenIndex } from '@drawbridge/tokens';

/** What of a text's beginning tells whether it is JSON itself. */
const HEAD = 64;
const SPACE = '(?:[ \\t]|\\\\[nrt])*';
/** As it is written in a JSON string: an object, or a list of objects or strings. A list of numbers holds no token. */
const JSON_HEAD = new RegExp(`^${SPACE}(?:\\{${SPACE}(?:\\\\"|\\})|\\[${SPACE}(?:\\{|\\\\"))`);
/** What may become such a beginning. */
const UNDECIDED = new RegExp(`^${SPACE}[{[]?${SPACE}\\\\?$`);

/**
 * One text that stands in a JSON string, as it is written there, in pieces. A text that is JSON itself, as tools' arguments
 * and structured outputs are, is known by its beginning: what comes back into it is escaped twice.
 */
export class StringText {
  readonly #plain: Restorer;
  readonly #inner: Restorer;
  readonly #isJson: boolean;
  #current: Restorer;
  /** The text's beginning until it is known what it is; null: it is known. */
  #head: string | null;

  constructor(index: TokenIndex, counts: Restored, isJson: boolean) {
    this.#plain = newRestorer(index, 'json', counts);
    this.#inner = newRestorer(index, 'json_in_json', counts);
    this.#isJson = isJson;
    this.#current = isJson ? this.#inner : this.#plain;
    this.#head = isJson ? null : '';
  }

  get held(): number {
    return this.#current.held;
  }

  /** Nothing is held back, and it is known what the text is: pieces in which no token begins need not come by here. */
  get isIdle(): boolean {
    return this.#head === null && this.#current.isIdle;
  }

  push(raw: string): string {
    if (this.#head === null) return this.#current.push(raw);
    const head = this.#head + raw.slice(0, HEAD);
    if (JSON_HEAD.test(head)) {
      const held = this.#plain.end();
      this.#current = this.#inner;
      this.#head = null;
      return this.#inner.push(held + raw);
    }
    this.#head = head.length < HEAD && UNDECIDED.test(head) ? head : null;
    return this.#current.push(raw);
  }

  /** What was held back. Afterwards another text may begin. */
  end(): string {
    const rest = this.#current.end();
    if (!this.#isJson) {
      this.#current = this.#plain;
      this.#head = '';
    }
    return rest;
  }
}
