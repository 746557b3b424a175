import { BACKSLASH } from './alphabets.ts';
import { type Codes, OTHER } from './codes.ts';
import { MAX_LENGTH } from './place.ts';
import { HIGH, IGNORED, standsFor } from './stand-ins.ts';

/** More in a row are left as they are. */
const MAX_IGNORED = 4;
/** A text as detectors read it, and where its characters stand in the text as it was given. */
export class Folded {
  readonly text: string;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #length: number;

  constructor(text: string, starts: Uint32Array, ends: Uint32Array, length: number) {
    this.text = text;
    this.#starts = starts;
    this.#ends = ends;
    this.#length = length;
  }

  /** Where the character at `at` begins in the text as it was given. */
  start(at: number): number {
    return at < this.text.length ? (this.#starts[at] ?? 0) : this.#length;
  }

  /** Where the character before `end` ends. */
  end(end: number): number {
    return end === 0 ? 0 : (this.#ends[end - 1] ?? this.#length);
  }

  /** The first character that begins at `given` or after it. */
  at(given: number): number {
    let [low, high] = [0, this.text.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) < given) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where a find that begins at `start` ends at the latest, so that it is not too long in the text as it was given. */
  readonly limit = (start: number): number => this.at(this.start(start) + MAX_LENGTH);
}

/** `null`: the text, whose codes these are, is read as it is. */
export function fold(text: string, codes: Codes): Folded | null {
  return codes.holdsStandIns || hasEscape(text, codes.bytes, '%') || hasEscape(text, codes.bytes, '\\u00')
    ? folded(text, codes.bytes)
    : null;
}

function folded(text: string, bytes: Uint8Array): Folded {
  const starts = new Uint32Array(text.length);
  const ends = new Uint32Array(text.length);
  const units = Buffer.alloc(2 * text.length);
  const codes = new Uint16Array(units.buffer, units.byteOffset, text.length);
  let some = 0;
  let ignored = 0;
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const byte = bytes[at] ?? 0;
    const code = byte === OTHER ? text.charCodeAt(at) : byte;
    let width = 1;
    let as = byte === OTHER ? (standsFor[code] ?? 0) : 0;
    if (as === IGNORED) {
      if (ignored++ < MAX_IGNORED) {
        at++;
        continue;
      }
      as = 0;
    } else ignored = 0;
    if (code === PERCENT || code === BACKSLASH) {
      as = escaped(bytes, at);
      if (as !== 0) width = code === PERCENT ? 3 : 6;
    } else if (code === HIGH) {
      as = mathematicalDigit(text.charCodeAt(at + 1));
      if (as !== 0) width = 2;
    }
    codes[length] = as === 0 ? code : as;
    some |= codes[length] ?? 0;
    starts[length] = at;
    at += width;
    ends[length++] = at;
  }
  // Of Latin-1 alone the engine keeps one byte for each character, and goes through it faster.
  const read =
    some < 256
      ? Buffer.from(codes.subarray(0, length)).toString('latin1')
      : units.toString('utf16le', 0, 2 * length);
  return new Folded(read, starts, ends, text.length);
}

const PERCENT = 37;
/** The character of an escape (`%41`, `\u0041`) that begins at `at`; 0 when none does, or one of none that a text shows. */
function escaped(bytes: Uint8Array, at: number): number {
  let digits = at + 1;
  if (bytes[at] === BACKSLASH) {
    if (bytes[at + 1] !== 117 || bytes[at + 2] !== ZERO || bytes[at + 3] !== ZERO) return 0;
    digits = at + 4;
  }
  const high = hexOf(bytes[digits] ?? 0);
  const low = hexOf(bytes[digits + 1] ?? 0);
  if (high < 0 || high > 7 || low < 0) return 0;
  const code = high * 16 + low;
  return isText(code) ? code : 0;
}

const ZERO = 48;

function hexOf(code: number): number {
  if (code >= ZERO && code < ZERO + 10) return code - ZERO;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** U+1D7CE to U+1D7FF by their second half. */
const mathematicalDigit = (low: number): number =>
  low >= 0xdfce && low <= 0xdfff ? 48 + ((low - 0xdfce) % 10) : 0;

const isText = (code: number): boolean =>
  (code >= 32 && code < 127) || code === 9 || code === 10 || code === 13;

/** Whether an escape is there that is written right, also of a character that no text shows. */
function hasEscape(text: string, bytes: Uint8Array, mark: string): boolean {
  const skipped = mark.length;
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
    const high = hexOf(bytes[at + skipped] ?? 0);
    if (high >= 0 && high < 8 && hexOf(bytes[at + skipped + 1] ?? 0) >= 0) return true;
  }
  return false;
}
