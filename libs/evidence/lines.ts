/** Longer lines are skipped and told: none of the formats needs them, and what is not held can't fill the memory. */
export const LONGEST_LINE = 1024 * 1024;

const NEWLINE = 10;
const RETURN = 13;

export interface LineSink {
  /** A line without its end: `bytes` from `start` to before `end`, valid only during the call. `line` counts from 1. */
  line(bytes: Buffer, start: number, end: number, line: number): void;
  /** A line that was too long. */
  tooLong(line: number): void;
}

/**
 * Cuts bytes that come in pieces into lines (`\n` or `\r\n`). A line that lies whole in a piece is not copied. At most `longest`
 * bytes are held.
 */
export class Lines {
  readonly #sink: LineSink;
  readonly #longest: number;
  /** The beginning of a line whose end has not come; grows to twice what it needs. */
  #held: Buffer = Buffer.alloc(0);
  #heldLength = 0;
  #isSkipping = false;
  /** Lines that have ended. */
  count = 0;

  constructor(sink: LineSink, longest = LONGEST_LINE) {
    this.#sink = sink;
    this.#longest = longest;
  }

  write(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    let from = 0;
    while (from < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, from);
      if (newline === -1) {
        this.#hold(bytes, from, bytes.length);
        return;
      }
      if (this.#isSkipping || this.#heldLength > 0) {
        this.#hold(bytes, from, newline);
        this.#endHeld();
      } else if (newline - from > this.#longest) {
        this.count += 1;
        this.#sink.tooLong(this.count);
      } else {
        this.count += 1;
        this.#emit(bytes, from, newline);
      }
      from = newline + 1;
    }
  }

  /** The last line may lack its end. */
  end(): void {
    if (this.#isSkipping || this.#heldLength > 0) this.#endHeld();
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    if (this.#isSkipping || start === end) return;
    const length = this.#heldLength + end - start;
    if (length > this.#longest) {
      this.#isSkipping = true;
      this.#heldLength = 0;
      return;
    }
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#longest, Math.max(length * 2, 4096)));
      this.#held.copy(larger, 0, 0, this.#heldLength);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#heldLength, start, end);
    this.#heldLength = length;
  }

  #endHeld(): void {
    this.count += 1;
    if (this.#isSkipping) this.#sink.tooLong(this.count);
    else this.#emit(this.#held, 0, this.#heldLength);
    this.#isSkipping = false;
    this.#heldLength = 0;
  }

  #emit(bytes: Buffer, start: number, end: number): void {
    this.#sink.line(bytes, start, end > start && bytes[end - 1] === RETURN ? end - 1 : end, this.count);
  }
}

export function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
