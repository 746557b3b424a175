import type { Enveloped } from './documents.ts';
import type { Ends } from './pieces.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Ends of the objects and lists in a JSON list. */
export class ElementEnds implements Ends {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  in(text: string): number[] {
    const ends: number[] = [];
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === BACKSLASH) this.#isEscaped = true;
        else if (code === QUOTE) this.#isInString = false;
      } else if (code === QUOTE) this.#isInString = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#depth++;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        this.#depth--;
        if (this.#depth === 1) ends.push(at + 1);
      }
    }
    return ends;
  }
}

const AHEAD = /^[\s,]*\[?[\s,]*/;

/** One element of a list that is streamed, with what stands before it. */
export class Element implements Enveloped {
  readonly data: string;
  readonly type = '';
  /** The list's beginning, or what parts the element from the one before. */
  readonly ahead: string;

  constructor(piece: string, isFirst: boolean) {
    const [ahead = ''] = (isFirst ? AHEAD : /^[\s,]*/).exec(piece) ?? [];
    this.ahead = ahead;
    this.data = piece.slice(ahead.length);
  }

  /** Every element begins with a comma: what the first of a piece begins with is told by `ahead`. */
  write(data: string): string {
    return `,${data}`;
  }
}
