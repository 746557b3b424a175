import { type Forms, formsOf, TokenIndex } from './find.ts';

/** Tokens put back, and whole tokens in brackets that were not issued and so were left as they are. */
export interface Restored {
  restored: number;
  unknown: number;
}

/** Puts the original texts back, piece by piece. */
export interface Restorer {
  /** What of the text so far can go on. */
  push(text: string): string;
  /** What was held back, as it is. Afterwards a new text may begin. */
  end(): string;
  readonly counts: Readonly<Restored>;
  /** Characters held back: fewer than a token has, at most 46, where no markdown's escape stands deep in JSON. */
  readonly held: number;
  /** Nothing is held back, and no token that was not issued has begun. */
  readonly isIdle: boolean;
}

const NONE = 0;

class PieceRestorer implements Restorer {
  readonly counts: Restored;
  readonly #index: TokenIndex;
  readonly #depth: number;
  readonly #forms: Forms;
  #held = '';
  /** Code of the last character that went on. */
  #before = NONE;
  /** What went on and may be the beginning of a token that was not issued: only to count it. */
  #doubtful = '';

  constructor(index: TokenIndex, depth: number, counts: Restored) {
    this.counts = counts;
    this.#index = index;
    this.#depth = depth;
    this.#forms = formsOf(depth);
  }

  get held(): number {
    return this.#held.length;
  }

  get isIdle(): boolean {
    return this.#held === '' && this.#doubtful === '';
  }

  push(text: string): string {
    if (text === '') return '';
    const whole = this.#held === '' ? text : this.#held + text;
    const hold = this.#index.holdFrom(whole, this.#before, this.#forms);
    this.#doubt(whole, hold);
    this.#held = hold === whole.length ? '' : whole.slice(hold);
    return this.#release(whole, hold);
  }

  end(): string {
    const whole = this.#held;
    this.#held = '';
    const out = this.#release(whole, whole.length);
    this.#before = NONE;
    this.#doubtful = '';
    return out;
  }

  /** The text up to `end`, restored. No token reaches across `end`: it would be held back from its beginning. */
  #release(text: string, end: number): string {
    if (end === 0) return '';
    let out = '';
    let from = 0;
    for (let at = text.indexOf('_'); at >= 0 && at < end; at = text.indexOf('_', at + 1)) {
      const span = this.#index.spanAt(text, at, from, this.#before, this.#forms);
      if (span === null) continue;
      if (span.core === null) {
        this.counts.unknown++;
        continue;
      }
      this.counts.restored++;
      out += text.slice(from, span.start) + this.#index.original(span.core, this.#depth, span.isPercent);
      from = span.end;
      at = span.end - 1;
    }
    this.#before = text.charCodeAt(end - 1);
    if (from > 0) return out + text.slice(from, end);
    return end === text.length ? text : text.slice(0, end);
  }

  /** Follows what may become a token that was not issued: it is not held back, so no later look would see it whole. */
  #doubt(whole: string, hold: number): void {
    if (this.#doubtful !== '') {
      const text = this.#doubtful + whole;
      const before = this.#doubtful.length;
      this.#doubtful = '';
      // The first of three brackets begins none: then another may begin behind it.
      for (let at = 0; at < before; at++) {
        if (this.#forms.whole.test(text.slice(at, at + this.#forms.longest))) {
          this.counts.unknown++;
          break;
        }
        if (this.#index.mayBegin(text, at, this.#forms, false)) {
          this.#doubtful = text.slice(at, before + hold);
          return;
        }
      }
    }
    for (let at = Math.max(0, whole.length - this.#forms.longest); at < hold; at++) {
      const code = whole.charCodeAt(at);
      if (code !== OPEN && code !== SLASH && code !== PERCENT) continue;
      if (!this.#index.mayBegin(whole, at, this.#forms, false)) continue;
      this.#doubtful = whole.slice(at, hold);
      return;
    }
  }
}

const OPEN = 0x5b;
const SLASH = 0x5c;
const PERCENT = 0x25;

/**
 * `depth`: how many JSON strings deep the text lies, as it is written there: 0 not at all, 1 in a JSON string, 2 in one
 * within it, at most `DEEPEST`. `issued`: whole tokens with their texts, or an index made of them for several restorers. `counts`: where is counted,
 * where several count together.
 */
export function newRestorer(
  issued: ReadonlyMap<string, string> | TokenIndex,
  depth: number,
  counts: Restored = { restored: 0, unknown: 0 },
): Restorer {
  return new PieceRestorer(issued instanceof TokenIndex ? issued : new TokenIndex(issued), depth, counts);
}

/** A whole text at once. */
export function restoreAll(
  text: string,
  issued: ReadonlyMap<string, string> | TokenIndex,
  depth: number,
  counts?: Restored,
): { text: string } & Restored {
  const restorer = newRestorer(issued, depth, counts);
  const restored = restorer.push(text) + restorer.end();
  return { text: restored, ...restorer.counts };
}
