import { eachOther, writeAscii } from '../codes.ts';

/** Kinds of a character code, as bits. */
export const DIGIT = 1;
export const UPPER = 2;
export const LOWER = 4;
/** A letter of a script without case. */
export const OTHER = 8;
export const SPACE = 16;
export const LINE = 32;
export const HEX = 64;
export const UNDERSCORE = 128;
export const LETTER = UPPER | LOWER | OTHER;
export const ALNUM = LETTER | DIGIT;
export const WORD = ALNUM | UNDERSCORE;

/** Codes that stand for letters and signs outside ASCII. */
const OTHER_LOWER = 0x80;
const OTHER_UPPER = 0x81;
const OTHER_LETTER = 0x82;
const SIGN = 0x83;

const KINDS = new Uint8Array(256);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  let kind = 0;
  if (/[0-9]/.test(char)) kind = DIGIT | HEX;
  else if (/[A-Z]/.test(char)) kind = UPPER;
  else if (/[a-z]/.test(char)) kind = LOWER;
  else if (char === ' ' || char === '\t') kind = SPACE;
  else if (char === '\n' || char === '\r') kind = LINE;
  else if (char === '_') kind = UNDERSCORE;
  if (/[A-Fa-f]/.test(char)) kind |= HEX;
  KINDS[code] = kind;
}
KINDS[OTHER_LOWER] = LOWER;
KINDS[OTHER_UPPER] = UPPER;
KINDS[OTHER_LETTER] = OTHER;

/** Letters that Unicode does not take apart, and how people write them without their marks. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 's',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  æ: 'a',
  Æ: 'A',
  œ: 'o',
  Œ: 'O',
  þ: 't',
  ð: 'd',
  ı: 'i',
};

/** One code for every UTF-16 unit: ASCII for what people take for it, a code by kind for the rest. */
const FOLD = new Uint8Array(65_536).fill(SIGN);
for (let code = 0; code < 128; code++) FOLD[code] = code;
function foldRange(from: number, to: number, fold: (char: string) => number): void {
  for (let code = from; code <= to; code++) FOLD[code] = fold(String.fromCharCode(code));
}
const byCase = (char: string): number => {
  if (!/\p{L}|\p{M}/u.test(char)) return SIGN;
  const plain = (PLAIN[char] ?? char.normalize('NFD')).charCodeAt(0);
  if (plain < 128 && /[A-Za-z]/.test(String.fromCharCode(plain))) return plain;
  if (/\p{Lu}|\p{Lt}/u.test(char)) return OTHER_UPPER;
  return /\p{Ll}|\p{M}/u.test(char) ? OTHER_LOWER : OTHER_LETTER;
};
foldRange(0xa1, 0x58f, byCase);
foldRange(0x1e00, 0x1fff, byCase);
for (const [from, to] of [
  [0x590, 0x1dff],
  [0x2c00, 0x2dff],
  [0x3040, 0xd7ff],
  [0xf900, 0xfdff],
] as const) {
  FOLD.fill(OTHER_LETTER, from, to + 1);
}
/** Where the ten digits of other scripts begin; full-width last. */
for (const zero of [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xff10,
]) {
  for (let digit = 0; digit < 10; digit++) FOLD[zero + digit] = 48 + digit;
}
foldRange(0xff21, 0xff3a, (char) => char.charCodeAt(0) - 0xfee0);
foldRange(0xff41, 0xff5a, (char) => char.charCodeAt(0) - 0xfee0);
const LOOKALIKES: Readonly<Record<string, string>> = {
  ' ': '\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000',
  '\n': '\u0085\u2028\u2029',
  '-': '\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d',
  '.': '\u2024\ufe52\uff0e',
  '/': '\u2044\u2215\uff0f',
  ':': '\ufe55\uff1a',
  '@': '\ufe6b\uff20',
  '+': '\ufe62\uff0b',
  '(': '\uff08',
  ')': '\uff09',
  ',': '\uff0c',
  "'": '\u2018\u2019\u02bc\uff07',
  '"': '\u201c\u201d\u201e\u00ab\u00bb\uff02',
};
for (const [plain, alike] of Object.entries(LOOKALIKES)) {
  for (const char of alike) FOLD[char.charCodeAt(0)] = plain.charCodeAt(0);
}

/** What kind of character stands at an index, as bits. */
export const kindAt = (bytes: Uint8Array, index: number): number => KINDS[bytes[index] ?? 0] ?? 0;

/** Whether the line ends at an index, or the text. */
export const lineEnds = (bytes: Uint8Array, at: number): boolean =>
  (kindAt(bytes, at) & LINE) !== 0 || bytes[at] === 0;

/** Zeros before and after the characters, so that a look around needs no test of bounds. */
export const MARGIN = 96;

/** Writes one code per UTF-16 unit of the text from `MARGIN` on, with zeros around, and returns the index after the last. */
export function fold(text: string, bytes: Uint8Array): number {
  const end = MARGIN + text.length;
  if (!writeAscii(text, bytes.subarray(MARGIN, end))) {
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).write(text, MARGIN, text.length, 'latin1');
    eachOther(text, (at, code) => {
      bytes[MARGIN + at] = FOLD[code] ?? SIGN;
    });
  }
  bytes.fill(0, end, end + MARGIN);
  return end;
}

/** A word as the scanner sees it: without marks, in lower case where it is ASCII. */
export function foldedWord(word: string): number[] {
  return Array.from({ length: word.length }, (_, index) => (FOLD[word.charCodeAt(index)] ?? SIGN) | 32);
}
