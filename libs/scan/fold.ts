import { BACKSLASH } from './alphabets.ts';
import { MAX_LENGTH } from './place.ts';

/**
 * Characters that stand for others or for nothing: full-width ASCII and space, digits of other scripts, and what has no
 * width (joiners, marks of direction, soft hyphens). Latin-1 text has none of them, and is not searched for them.
 */
const FOLDED =
  /[\u0600-\u1a99\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u3000\ufeff\uff01-\uff5e\ud835\ua620-\ua629\ua8d0-\uabf9]/;
/** More in a row are left as they are. */
const MAX_IGNORED = 4;
const ESCAPE = /%([0-7][0-9a-fA-F])|\\u00([0-7][0-9a-fA-F])/y;
/** First digits (zeros) of the scripts whose digits are read as ASCII's: Unicode's decimal digits in the basic plane. */
const ZEROS = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
  0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0xa620, 0xa8d0, 0xa900, 0xa9d0,
  0xa9f0, 0xaa50, 0xabf0,
];

const IGNORED = 0xffff;
/** For each UTF-16 unit the ASCII character that it stands for, `IGNORED`, or 0. */
const standsFor = new Uint16Array(0x10000);
for (const zero of ZEROS) for (let digit = 0; digit < 10; digit++) standsFor[zero + digit] = 48 + digit;
for (let code = 0xff01; code <= 0xff5e; code++) standsFor[code] = code - 0xfee0;
standsFor[0x3000] = 32;
for (const [first, last] of [
  [0xad, 0xad],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x2069],
  [0xfeff, 0xfeff],
] as const)
  standsFor.fill(IGNORED, first, last + 1);

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

/** `null`: the text is read as it is. */
export function fold(text: string): Folded | null {
  if (!needsFold(text)) return null;
  const starts = new Uint32Array(text.length);
  const ends = new Uint32Array(text.length);
  const codes = new Uint16Array(text.length);
  let ignored = 0;
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    let width = 1;
    let as = standsFor[code] ?? 0;
    if (as === IGNORED) {
      if (ignored++ < MAX_IGNORED) {
        at++;
        continue;
      }
      as = 0;
    } else ignored = 0;
    if (code === PERCENT || code === BACKSLASH) {
      as = escaped(text, at);
      if (as !== 0) width = code === PERCENT ? 3 : 6;
    } else if (code === HIGH) {
      as = mathematicalDigit(text.charCodeAt(at + 1));
      if (as !== 0) width = 2;
    }
    codes[length] = as === 0 ? code : as;
    starts[length] = at;
    at += width;
    ends[length++] = at;
  }
  return new Folded(textOf(codes.subarray(0, length)), starts, ends, text.length);
}

const PERCENT = 37;
/** The first half of mathematical letters and digits. */
const HIGH = 0xd835;

function textOf(codes: Uint16Array): string {
  let text = '';
  for (let at = 0; at < codes.length; at += 8192)
    text += Reflect.apply(String.fromCharCode, null, codes.subarray(at, at + 8192));
  return text;
}

/** The character of an escape that begins at `at`; 0 when none does, or one of none that a text shows. */
function escaped(text: string, at: number): number {
  ESCAPE.lastIndex = at;
  const match = ESCAPE.exec(text);
  if (match === null) return 0;
  const code = Number.parseInt(match[1] ?? match[2] ?? '', 16);
  return isText(code) ? code : 0;
}

/** U+1D7CE to U+1D7FF by their second half. */
const mathematicalDigit = (low: number): number =>
  low >= 0xdfce && low <= 0xdfff ? 48 + ((low - 0xdfce) % 10) : 0;

const isText = (code: number): boolean =>
  (code >= 32 && code < 127) || code === 9 || code === 10 || code === 13;
function needsFold(text: string): boolean {
  return FOLDED.test(text) || text.includes('\u00ad') || hasEscape(text, '%') || hasEscape(text, '\\u00');
}

function hasEscape(text: string, mark: string): boolean {
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
    ESCAPE.lastIndex = at;
    if (ESCAPE.test(text)) return true;
  }
  return false;
}
