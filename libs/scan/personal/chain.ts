import { DIGIT, kindAt, WORD } from './characters.ts';

/** Parts a chain where two groups have nothing to do with each other. */
export const BROKEN = 0;
/** Parentheses, alone or with spaces and a dash: `(0) 30`, `(212) 555`, `030)-1`. */
export const PARENTHESIS = 40;
export const BLANK = 32;
export const DASH = 45;
export const DOT = 46;
export const SLASH = 47;

/** Groups of digits with up to three separators between them, in order: what a number may be written in. */
export class Chain {
  count = 0;
  /** Index of a group's first digit in the piece, and how many digits it has. */
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** Where a group's digits begin in `digits`. */
  readonly firsts: Int32Array;
  /** What stands before a group: a separator's code, or `BROKEN`. One more than groups: after the last is `BROKEN`. */
  readonly separators: Uint8Array;
  readonly digits: Uint8Array;

  constructor(capacity: number) {
    const groups = (capacity >> 1) + 2;
    this.starts = new Int32Array(groups);
    this.lengths = new Int32Array(groups);
    this.firsts = new Int32Array(groups);
    this.separators = new Uint8Array(groups + 1);
    this.digits = new Uint8Array(capacity + 32);
  }

  /** Reads the chain from a first digit on; returns the index after its last. */
  read(bytes: Uint8Array, start: number): number {
    let at = start;
    let written = 0;
    this.count = 0;
    this.separators[0] = BROKEN;
    for (;;) {
      const group = this.count++;
      this.starts[group] = at;
      this.firsts[group] = written;
      const first = at;
      while ((kindAt(bytes, at) & DIGIT) !== 0) this.digits[written++] = (bytes[at++] ?? 0) - 48;
      this.lengths[group] = at - first;
      const separator = separatorAt(bytes, at);
      this.separators[this.count] = separator & 0xff;
      if (separator === BROKEN) return at;
      at += separator >> 8;
    }
  }

  length(group: number): number {
    return group < this.count ? (this.lengths[group] ?? 0) : 0;
  }

  separator(group: number): number {
    return this.separators[group] ?? BROKEN;
  }

  start(group: number): number {
    return this.starts[group] ?? 0;
  }

  end(group: number): number {
    return this.start(group) + (this.lengths[group] ?? 0);
  }

  first(group: number): number {
    return this.firsts[group] ?? 0;
  }

  /** Whether the groups from `group` on have these lengths, with one separator between all of them; which, or `BROKEN`. */
  shape(group: number, lengths: readonly number[]): number {
    if (group + lengths.length > this.count) return BROKEN;
    const separator = this.separator(group + 1);
    for (let index = 0; index < lengths.length; index++) {
      if (this.lengths[group + index] !== lengths[index]) return BROKEN;
      if (index > 0 && this.separator(group + index) !== separator) return BROKEN;
    }
    return separator;
  }

  /** Whether nothing that belongs to a number stands directly before a group: no letter, and no '-', '.' or '/' after one. */
  opens(bytes: Uint8Array, group: number): boolean {
    const separator = this.separator(group);
    if (separator !== BROKEN) return separator === BLANK || separator === PARENTHESIS;
    const at = this.start(group);
    if ((kindAt(bytes, at - 1) & WORD) !== 0) return false;
    const before = bytes[at - 1];
    if (before !== DOT && before !== DASH && before !== SLASH) return true;
    return (kindAt(bytes, at - 2) & WORD) === 0;
  }

  /** The same after a group. */
  closes(bytes: Uint8Array, group: number): boolean {
    const separator = this.separator(group + 1);
    if (separator !== BROKEN) return separator === BLANK || separator === PARENTHESIS;
    const at = this.end(group);
    if ((kindAt(bytes, at) & WORD) !== 0) return false;
    return bytes[at] !== DASH || (kindAt(bytes, at + 1) & WORD) === 0;
  }
}

/** The separator at an index and, shifted by 8, how long it is; `BROKEN` when no digit follows it. */
function separatorAt(bytes: Uint8Array, at: number): number {
  const code = bytes[at] ?? 0;
  const single = code === BLANK || code === DASH || code === DOT || code === SLASH;
  if (single && (kindAt(bytes, at + 1) & DIGIT) !== 0) return code | (1 << 8);
  if (!single && code !== 40 && code !== 41) return BROKEN;
  let parenthesis = false;
  for (let length = 0; length < 3; length++) {
    const each = bytes[at + length] ?? 0;
    if (each === 40 || each === 41) parenthesis = true;
    else if (each !== BLANK && each !== DASH) return BROKEN;
    if ((kindAt(bytes, at + length + 1) & DIGIT) !== 0) {
      return parenthesis ? PARENTHESIS | ((length + 1) << 8) : BROKEN;
    }
  }
  return BROKEN;
}
