import { IS_SPACE, kindAt } from './alphabets.ts';
import { type Codes, codesOf } from './codes.ts';
import { openWindow } from './custom.ts';
import { type Folded, fold } from './fold.ts';
import { Merger } from './merge.ts';
import { openKey } from './pem.ts';
import { PERSONAL_CONTEXT, PERSONAL_LENGTH } from './personal/index.ts';
import { MAX_PHRASE } from './phrases.ts';
import { MAX_LENGTH } from './place.ts';
import { type CompiledScanner, OPEN_VALUE } from './scanner.ts';
import type { Finding, Scanned, ScanStream } from './types.ts';
import type { Work } from './work.ts';

/** Released text that is kept to be looked back at. */
const BEHIND = 4096;
/** What follows a find may have a say in it: an anchor, an escape that is not whole. */
const SLACK = 16;
/** A find that has begun is undecided for at most so many characters. */
const AHEAD = MAX_LENGTH + SLACK;
/** More is never held back: a find that is open, and one that overlaps its beginning. */
export const STREAM_HOLD = 2 * AHEAD;

/** Text in pieces, with the finds of the whole. */
export class Stream implements ScanStream {
  readonly #scanner: CompiledScanner;
  readonly #work: Work;
  readonly #merger = new Merger();
  /** The end of what was released, and all that was not. */
  #text = '';
  /** Offset of `#text` in the whole. */
  #base = 0;
  /** Up to here (in the whole) all finds are known that begin before it. */
  #known = 0;
  #released = 0;
  /** Where the line begins that `#base` is in. */
  #line = 0;

  constructor(scanner: CompiledScanner, work: Work) {
    this.#scanner = scanner;
    this.#work = work;
  }

  get held(): number {
    return this.#base + this.#text.length - this.#released;
  }

  push(chunk: string): Scanned {
    this.#text += chunk;
    return this.#advance(false);
  }

  end(): Scanned {
    return this.#advance(true);
  }

  #advance(isEnd: boolean): Scanned {
    const findings: Finding[] = [];
    const end = this.#base + this.#text.length;
    const codes = codesOf(this.#text);
    try {
      const folded = fold(this.#text, codes);
      const frontier = isEnd ? end : this.#frontier(folded);
      if (frontier > this.#known) {
        for (const find of this.#finds(frontier, codes, folded)) this.#merger.take(find);
        this.#known = frontier;
      }
    } finally {
      codes.giveBack();
    }
    this.#merger.settle(isEnd ? Number.POSITIVE_INFINITY : this.#known, findings);
    const until = isEnd ? end : this.#merger.openFrom(this.#known);
    const text = this.#text.slice(this.#released - this.#base, until - this.#base);
    this.#released = until;
    this.#forget();
    return { text, findings };
  }

  #finds(frontier: number, codes: Codes, folded: Folded | null): Finding[] {
    const [base, text] = [this.#base, this.#text];
    const phase = base - this.#line;
    return this.#scanner
      .finds(text, this.#known - base, frontier - base, this.#work, phase, codes, folded)
      .map((find) => ({ ...find, start: find.start + base, end: find.end + base }));
  }

  /** What begins before this is whole, whatever comes. */
  #frontier(folded: Folded | null): number {
    const text = this.#text;
    const read = folded?.text ?? text;
    const given = (at: number): number => (folded === null ? at : folded.start(at));
    const stretch = lastStretch(text, this.#known - this.#base);
    const decided = this.#scanner.knowsOthers
      ? stretch
      : given(lastDecided(this.#scanner, read, folded === null ? stretch : folded.at(stretch)));
    let open = Math.min(Math.max(stretch, decided), given(openKey(read, 0)));
    const behind = (count: number): number => given(Math.max(0, read.length - count - SLACK));
    if (this.#scanner.personal !== false) open = Math.min(open, behind(PERSONAL_LENGTH + PERSONAL_CONTEXT));
    if (this.#scanner.hasPhrases) open = Math.min(open, behind(2 * MAX_PHRASE));
    if (this.#scanner.customs.length > 0) open = Math.min(open, openWindow(text, this.#base - this.#line));
    return this.#base + Math.max(open, text.length - AHEAD, this.#known - this.#base);
  }

  /** Lets go of released text that nothing looks back at. */
  #forget(): void {
    const keep = Math.min(this.#released, this.#known) - BEHIND;
    if (keep - this.#base < BEHIND) return;
    const count = keep - this.#base;
    const newline = this.#text.lastIndexOf('\n', count - 1);
    if (newline !== -1) this.#line = this.#base + newline + 1;
    this.#text = this.#text.slice(count);
    this.#base = keep;
  }
}

/** Where the last stretch without white space begins, at or after `from`. */
function lastStretch(text: string, from: number): number {
  let at = text.length;
  while (at > from && (kindAt(text, at - 1) & IS_SPACE) === 0) at--;
  return at;
}

/**
 * Up to where a stretch is decided that is written without white space (Chinese, Japanese, Thai): between two characters
 * that are not ASCII there is no find, but in the value of a password or an address.
 */
function lastDecided(scanner: CompiledScanner, text: string, stretch: number): number {
  const last = lastBetween(text, stretch, text.length - 1);
  if (last === stretch) return stretch;
  const window = Math.max(0, text.length - OPEN_VALUE);
  return lastBetween(text, stretch, Math.min(last, window + scanner.openValue(text.slice(window))));
}

/** The last place up to `at` where two characters meet that are not ASCII; `stretch` when there is none behind it. */
function lastBetween(text: string, stretch: number, at: number): number {
  while (at > stretch && !isBetween(text, at)) at--;
  return Math.max(at, stretch);
}

/** Two characters that are not ASCII meet here; not the halves of one. */
function isBetween(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x80 && text.charCodeAt(at - 1) >= 0x80 && (code < 0xdc00 || code > 0xdfff);
}
