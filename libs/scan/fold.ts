import { MAX_LENGTH } from './place.ts';

/**
 * Characters that stand for others or for nothing: full-width ASCII and space, digits of other scripts, and what has no
 * width (joiners, marks of direction, soft hyphens). Latin-1 text has none of them, and is not searched for them.
 */
const FOLDED =
  /[\u0600-\u1a99\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u3000\ufeff\uff01-\uff5e\ud835\ua620-\ua629\ua8d0-\uabf9]/;
const IGNORED = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/;
/** More in a row are left as they are. */
const MAX_IGNORED = 4;
const ESCAPE = /%([0-7][0-9a-fA-F])|\\u00([0-7][0-9a-fA-F])/y;
/** First digits (zeros) of the scripts whose digits are read as ASCII's: Unicode's decimal digits in the basic plane. */
const ZEROS = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
  0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0xa620, 0xa8d0, 0xa900, 0xa9d0,
  0xa9f0, 0xaa50, 0xabf0,
];

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
  let ignored = 0;
  let length = 0;
  let out = '';
  let plain = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    let width = 1;
    let as = -1;
    if (code === 37 || code === 92) {
      ESCAPE.lastIndex = at;
      const match = ESCAPE.exec(text);
      const value = match === null ? 0 : Number.parseInt(match[1] ?? match[2] ?? '', 16);
      if (match !== null && isText(value)) [width, as] = [match[0].length, value];
    } else if (code >= 0xad) {
      if (isIgnored(code) && ignored < MAX_IGNORED) {
        out += text.slice(plain, at);
        plain = ++at;
        ignored++;
        continue;
      }
      [width, as] = standsFor(text, at, code);
    }
    if (!isIgnored(code)) ignored = 0;
    if (as !== -1) {
      out += text.slice(plain, at) + String.fromCharCode(as);
      plain = at + width;
    }
    starts[length] = at;
    ends[length++] = at + width;
    at += width;
  }
  return new Folded(out + text.slice(plain), starts, ends, text.length);
}

const isText = (code: number): boolean =>
  (code >= 32 && code < 127) || code === 9 || code === 10 || code === 13;
const isIgnored = (code: number): boolean => code >= 0xad && IGNORED.test(String.fromCharCode(code));

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

/** Width and ASCII code of a character that stands for an ASCII one; -1 when it does not. */
function standsFor(text: string, at: number, code: number): [number, number] {
  if (code >= 0xff01 && code <= 0xff5e) return [1, code - 0xfee0];
  if (code === 0x3000) return [1, 32];
  if (code === 0xd835) {
    // Mathematical digits, U+1D7CE to U+1D7FF.
    const low = text.charCodeAt(at + 1);
    return low >= 0xdfce && low <= 0xdfff ? [2, 48 + ((low - 0xdfce) % 10)] : [1, -1];
  }
  if (code < 0x660 || code > 0xabf9) return [1, -1];
  for (const zero of ZEROS) if (code >= zero && code <= zero + 9) return [1, 48 + code - zero];
  return [1, -1];
}
