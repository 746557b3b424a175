/** How many bytes a character of a stretch of text stood for: one; those of UTF-8; two for each UTF-16 unit. */
export type Width = 'one' | 'utf8' | 'two';

/** A place in the bytes that were read: `offset` in bytes from 0, `line` and `column` from 1, columns in UTF-16 units. */
export interface Place {
  offset: number;
  line: number;
  column: number;
}

/** Goes through a text once, and says where its characters stood in the bytes. Text is passed in order. */
export class Positions {
  #offset: number;
  #line = 1;
  #column = 1;
  readonly #stretches: { width: Width; left: number }[] = [];

  /** `offset`: bytes before the first character (a byte order mark). */
  constructor(offset: number) {
    this.#offset = offset;
  }

  /** The next `units` characters that will be passed have this width. */
  expect(width: Width, units: number): void {
    const last = this.#stretches.at(-1);
    if (last !== undefined && last.width === width) last.left += units;
    else if (units > 0) this.#stretches.push({ width, left: units });
  }

  get place(): Place {
    return { offset: this.#offset, line: this.#line, column: this.#column };
  }

  /** Passes the characters of `text` from `from` to `to`. */
  pass(text: string, from: number, to: number): void {
    let at = from;
    for (let stretch = this.#stretches[0]; at < to && stretch !== undefined; stretch = this.#stretches[0]) {
      const end = Math.min(to, at + stretch.left);
      this.#offset += bytesOf(text, at, end, stretch.width);
      stretch.left -= end - at;
      if (stretch.left === 0) this.#stretches.shift();
      at = end;
    }
    let lineStart = -1;
    for (let feed = text.indexOf('\n', from); feed !== -1 && feed < to; feed = text.indexOf('\n', feed + 1)) {
      this.#line++;
      lineStart = feed + 1;
    }
    this.#column = lineStart === -1 ? this.#column + (to - from) : to - lineStart + 1;
  }
}

function bytesOf(text: string, from: number, to: number, width: Width): number {
  if (width === 'one') return to - from;
  if (width === 'two') return (to - from) * 2;
  // Half a pair counts as three bytes, but is two of the pair's four.
  const halves = Number(isLow(text.charCodeAt(from))) + Number(isHigh(text.charCodeAt(to - 1)));
  return Buffer.byteLength(text.slice(from, to), 'utf8') - halves;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
