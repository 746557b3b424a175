import type { Confidence, Emit } from '../types.ts';
import { fold, MARGIN } from './characters.ts';
import { Context } from './context.ts';

/** One stretch of a text under the detectors: its folded characters, and where finds go. */
export class Piece {
  readonly bytes: Uint8Array;
  /** The same memory, two characters at once. */
  readonly twos: Uint16Array;
  /** Index after the last character. */
  end = 0;
  /** Where the last candidate for a MAC address with dashes began. */
  dashed = -1;
  readonly #context = new Context();
  #out: Emit = () => undefined;
  #shift = 0;
  #first = 0;
  #last = 0;

  /** For stretches of up to `capacity` characters. */
  constructor(capacity: number) {
    const size = capacity + 2 * MARGIN;
    this.bytes = new Uint8Array(size + (size & 1));
    this.twos = new Uint16Array(this.bytes.buffer);
  }

  /** Takes `text[low, high)`; of what is found there, only values that begin in `[from, to)` are reported. */
  load(text: string, low: number, high: number, from: number, to: number, out: Emit): void {
    this.end = fold(text.slice(low, high), this.bytes);
    this.#context.reset();
    this.dashed = -1;
    this.#out = out;
    this.#shift = low - MARGIN;
    this.#first = from - this.#shift;
    this.#last = to - this.#shift;
  }

  /** Keywords before an index, as bits of `ABOUT`. */
  about(index: number): number {
    return this.#context.before(this.bytes, index);
  }

  report(
    cls: string,
    confidence: Confidence,
    start: number,
    end: number,
    detector: string,
    why: string,
  ): void {
    if (start < this.#first || start >= this.#last) return;
    this.#out(cls, confidence, start + this.#shift, end + this.#shift, detector, why);
  }
}
