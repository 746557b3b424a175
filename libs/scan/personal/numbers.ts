import { isCard } from './card.ts';
import { DIGIT, HEX, kindAt, LETTER, LINE, WORD } from './characters.ts';
import { ABOUT } from './context.ts';
import { findDate } from './dates.ts';
import { findId, findLettered } from './id-shapes.ts';
import { findIpv4, findMacAtDash } from './network.ts';
import { findPhone } from './phone-shapes.ts';
import type { Piece } from './piece.ts';

/** Groups of digits with up to three separators between them. No group of a value is longer than this. */
const LONGEST_GROUP = 19;

/** Parts a chain where two groups have nothing to do with each other. */
export const BROKEN = 0;
/** Parentheses, alone or with spaces and a dash: `(0) 30`, `(212) 555`, `030)-1`. */
export const PARENTHESIS = 40;
export const BLANK = 32;
export const DASH = 45;
export const DOT = 46;
export const SLASH = 47;

/** The groups of digits of one chain, in order. */
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

const CARDS = [
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
  [4, 4, 4, 4, 3],
] as const;

/** Called at the first digit of a chain; returns the index after it. */
export function findInNumbers(piece: Piece, chain: Chain, start: number, all: boolean): number {
  const { bytes } = piece;
  const end = chain.read(bytes, start);
  const last = chain.count - 1;
  if (
    last === 0 &&
    chain.length(0) < 4 &&
    (kindAt(bytes, end) & LETTER) === 0 &&
    (kindAt(bytes, start - 1) & LETTER) === 0
  ) {
    if (!all) return end;
  }
  if ((kindAt(bytes, end) & HEX) !== 0 && bytes[end - 2] === DASH && bytes[end - 5] === DASH)
    findMacAtDash(piece, end - 2);
  for (let group = 0; group <= last; group++) {
    const length = chain.length(group);
    findLettered(piece, chain, group);
    if (length > LONGEST_GROUP) continue;
    if (all) findDate(piece, chain, group);
    if (length < 4 && chain.separator(group + 1) === DOT && chain.separator(group) !== DOT)
      findIpv4(piece, chain.start(group));
    if (length > 12) findPlainCard(piece, chain, group);
    else if (length === 4) findGroupedCard(piece, chain, group);
    findId(piece, chain, group);
    findPhone(piece, chain, group);
  }
  return end;
}

function findPlainCard(piece: Piece, chain: Chain, group: number): void {
  const length = chain.length(group);
  if (!isCard(chain.digits, chain.first(group), length)) return;
  const { bytes } = piece;
  if (!chain.opens(bytes, group) || !chain.closes(bytes, group)) return;
  const start = chain.start(group);
  const told = (piece.about(start) & ABOUT.card) !== 0;
  if (told)
    piece.report(
      'payment.card',
      'certain',
      start,
      chain.end(group),
      'personal.card',
      'Luhn, issuer range and keyword',
    );
  else if (length < 17 && length > 13) {
    piece.report('payment.card', 'likely', start, chain.end(group), 'personal.card', 'Luhn and issuer range');
  }
}

function findGroupedCard(piece: Piece, chain: Chain, group: number): void {
  for (let index = CARDS.length - 1; index >= 0; index--) {
    const shape = CARDS[index] ?? CARDS[0];
    const separator = chain.shape(group, shape);
    if (separator !== BLANK && separator !== DASH) continue;
    const last = group + shape.length - 1;
    if (
      !isCard(chain.digits, chain.first(group), chain.first(last) + chain.length(last) - chain.first(group))
    )
      continue;
    const { bytes } = piece;
    // Groups of one more of the same kind around: a longer number, of something else.
    if (chain.separator(group) === DASH || chain.separator(last + 1) === DASH) continue;
    if (chain.separator(group) === BROKEN && !chain.opens(bytes, group)) continue;
    if (chain.separator(last + 1) === BROKEN && !chain.closes(bytes, last)) continue;
    piece.report(
      'payment.card',
      'certain',
      chain.start(group),
      chain.end(last),
      'personal.card',
      'Luhn, issuer range and groups',
    );
    return;
  }
}

/** Whether the line ends at an index, or the text. */
export const lineEnds = (bytes: Uint8Array, at: number): boolean =>
  (kindAt(bytes, at) & LINE) !== 0 || bytes[at] === 0;
