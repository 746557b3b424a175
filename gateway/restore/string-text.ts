import { DEEPEST, newRestorer, type Restored, type Restorer, TokenIndex } from '@drawbridge/tokens';
import type { AnswerString, AnswerText } from '../scan/index.ts';
import { Nesting } from './nesting.ts';

/** What of a text's beginning tells whether it is JSON itself. */
const HEAD = 64;
const SPACE = '(?:[ \\t]|\\\\[nrt])*';
/** As it is written in a JSON string: an object, or a list of objects or strings. A list of numbers holds no token. */
const JSON_HEAD = new RegExp(
  `^${SPACE}(?:\\{${SPACE}(?:\\\\"|\\})|\\[(?:${SPACE}\\[)*${SPACE}(?:\\{|\\\\"))`,
);
/** What may become such a beginning. */
const UNDECIDED = new RegExp(`^${SPACE}(?:\\{|(?:\\[${SPACE})*)?${SPACE}\\\\?$`);

/** For texts in which nothing is put back. */
export const noTokens = new TokenIndex(new Map());
/** What does not count. */
const nobodys: Restored = { restored: 0, unknown: 0 };

/**
 * One text that stands in a JSON string, as it is written there, in pieces. A text that is JSON itself, as tools' arguments
 * and structured outputs are, is known by its beginning, and so are the strings in it: what comes back is escaped as often as
 * the place asks for. Tokens that lie deeper than `DEEPEST` strings stay as they are. Where it is looked through for
 * secrets, that is done before.
 */
export class StringText {
  readonly #index: TokenIndex;
  readonly #counts: Restored;
  readonly #isJson: boolean;
  readonly #answer: AnswerText | null;
  /** Null: there is nothing to put back. */
  readonly #nesting: Nesting | null;
  /** By depth. */
  readonly #restorers: (Restorer | undefined)[] = [];
  #depth: number;
  /** Made with the first piece that does not end its text. */
  #scanned: AnswerString | null = null;
  /** The text's beginning until it is known what it is; null: it is known, or nobody asks. */
  #head: string | null;

  /** `isJson`: it is JSON, whatever it begins with; `false`: it is not; `null`: its beginning tells. */
  constructor(index: TokenIndex, counts: Restored, isJson: boolean, answer: AnswerText | null) {
    this.#index = index;
    this.#counts = counts;
    this.#isJson = isJson;
    this.#answer = answer;
    this.#nesting = index.kinds.length === 0 ? null : new Nesting(isJson);
    this.#depth = isJson ? 2 : 1;
    this.#head = isJson || answer === null ? null : '';
  }

  /** Characters held back. */
  get held(): number {
    const restorer = this.#restorers[this.#depth];
    return (restorer === undefined ? 0 : restorer.held) + (this.#scanned === null ? 0 : this.#scanned.held);
  }

  push(raw: string): string {
    if (this.#answer === null) return this.#restored(raw);
    this.#scanned ??= this.#answer.string(this.#isJson ? 2 : 1);
    if (this.#isJsonNow(raw)) this.#scanned.deepen();
    return this.#restored(this.#scanned.push(raw));
  }

  /** A text that is there at once, where none has begun. */
  whole(raw: string): string {
    if (this.#answer === null) return this.#restored(raw) + this.end();
    const depth = this.#isJson || this.#isJsonNow(raw) ? 2 : 1;
    return this.#restored(this.#answer.whole(raw, depth)) + this.end();
  }

  /** What was held back. Afterwards another text may begin. */
  end(): string {
    const rest = this.letGo();
    this.#nesting?.begin();
    this.#depth = this.#isJson ? 2 : 1;
    if (!this.#isJson && this.#answer !== null) this.#head = '';
    return rest;
  }

  /** What was held back. What comes afterwards belongs to the same text. */
  letGo(): string {
    const looked = this.#scanned === null ? '' : this.#restored(this.#scanned.end());
    return looked + (this.#restorers[this.#depth]?.end() ?? '');
  }

  #restored(text: string): string {
    const nesting = this.#nesting;
    if (nesting === null) return text;
    if (nesting.isPlain) return this.#restorer().push(text);
    let out = '';
    let from = 0;
    while (from < text.length) {
      const until = nesting.advance(text, from);
      const restorer = this.#restorer();
      out += restorer.push(from === 0 && until === text.length ? text : text.slice(from, until));
      if (nesting.depth !== this.#depth) {
        // No token reaches over a string's quotes.
        out += restorer.end();
        this.#depth = nesting.depth;
      }
      from = until;
    }
    return out;
  }

  #restorer(): Restorer {
    const known = this.#restorers[this.#depth];
    if (known !== undefined) return known;
    const made =
      this.#depth > DEEPEST
        ? newRestorer(noTokens, DEEPEST, { ...nobodys })
        : newRestorer(this.#index, this.#depth, this.#counts);
    this.#restorers[this.#depth] = made;
    return made;
  }

  /** Whether it turns out with this piece that the text is JSON. */
  #isJsonNow(raw: string): boolean {
    if (this.#head === null) return false;
    const head = this.#head + raw.slice(0, HEAD);
    const isJson = JSON_HEAD.test(head);
    this.#head = !isJson && head.length < HEAD && UNDECIDED.test(head) ? head : null;
    return isJson;
  }
}
