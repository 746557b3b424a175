import { Refusal } from '../refusal/index.ts';

/** An event or a line may have so many bytes: an image in one is some megabytes. */
export const LARGEST_PIECE = 8 * 1024 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Finds where pieces end, character by character of a stream. */
export interface Ends {
  /** The places behind the pieces that end in this part of the stream, in order. */
  in(text: string): number[];
}

/** Ends of events: empty lines, whichever way lines end (HTML, 9.2.5). */
export class EventEnds implements Ends {
  #isLineEmpty = true;
  #isBehindReturn = false;

  in(text: string): number[] {
    const ends: number[] = [];
    if (!this.#isBehindReturn && !text.includes('\r')) {
      let at = 0;
      for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', at)) {
        if (feed === at && this.#isLineEmpty) ends.push(feed + 1);
        this.#isLineEmpty = true;
        at = feed + 1;
      }
      if (at < text.length) this.#isLineEmpty = false;
      return ends;
    }
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === LINE_FEED && this.#isBehindReturn) {
        // It belongs to the line that has ended, and to the event if that has.
        if (ends.at(-1) === at) ends[ends.length - 1] = at + 1;
      } else if (code === LINE_FEED || code === CARRIAGE_RETURN) {
        if (this.#isLineEmpty) ends.push(at + 1);
        this.#isLineEmpty = true;
      } else this.#isLineEmpty = false;
      this.#isBehindReturn = code === CARRIAGE_RETURN;
    }
    return ends;
  }
}

export class LineEnds implements Ends {
  in(text: string): number[] {
    const ends: number[] = [];
    for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', feed + 1)) ends.push(feed + 1);
    return ends;
  }
}

/**
 * Cuts a stream into its pieces and hands each on as soon as it is whole. What is not whole yet waits; all else passes in
 * the same call.
 */
export class Pieces {
  readonly #ends: Ends;
  /** The text of a piece, a character a byte, and what goes on instead; null: its own bytes. */
  readonly #treat: (piece: string) => string | null;
  #waiting = Buffer.alloc(0);
  #length = 0;

  constructor(ends: Ends, treat: (piece: string) => string | null) {
    this.#ends = ends;
    this.#treat = treat;
  }

  /** Throws Refusal `restore_failed` when a piece is too large. */
  push(chunk: Buffer): Buffer {
    const text = chunk.toString('latin1');
    const ends = this.#ends.in(text);
    const out: Buffer[] = [];
    let from = 0;
    let passed = 0;
    const passTo = (end: number): void => {
      if (end > passed) out.push(chunk.subarray(passed, end));
    };
    for (const end of ends) {
      if (this.#length > 0) {
        this.#wait(chunk.subarray(from, end));
        out.push(this.#takeWaiting());
        passed = end;
      } else {
        const instead = this.#treat(text.slice(from, end));
        if (instead !== null) {
          passTo(from);
          out.push(Buffer.from(instead, 'latin1'));
          passed = end;
        }
      }
      from = end;
    }
    if (from === text.length && out.length === 0) return chunk;
    passTo(from);
    if (from < text.length) this.#wait(chunk.subarray(from));
    const [first] = out;
    return out.length === 1 && first !== undefined ? first : Buffer.concat(out);
  }

  /** What waits and will not become whole. */
  end(): Buffer {
    return this.#length === 0 ? this.#waiting.subarray(0, 0) : this.#takeWaiting();
  }

  #takeWaiting(): Buffer {
    // A copy: what waits next is written over it.
    const whole = Buffer.from(this.#waiting.subarray(0, this.#length));
    this.#length = 0;
    if (this.#waiting.length > 256 * 1024) this.#waiting = Buffer.alloc(0);
    const instead = this.#treat(whole.toString('latin1'));
    return instead === null ? whole : Buffer.from(instead, 'latin1');
  }

  #wait(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length > LARGEST_PIECE) {
      throw new Refusal(
        'restore_failed',
        'restore',
        `The vendor's answer has an event of more than ${LARGEST_PIECE} bytes, in which tokens can not be put back. It was cut off.`,
      );
    }
    if (length > this.#waiting.length) {
      const larger = Buffer.allocUnsafe(Math.max(4096, 2 * length));
      this.#waiting.copy(larger, 0, 0, this.#length);
      this.#waiting = larger;
    }
    bytes.copy(this.#waiting, this.#length);
    this.#length = length;
  }
}
