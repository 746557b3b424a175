import { ALNUM, DIGIT, kindAt, UPPER, WORD } from './characters.ts';
import type { Piece } from './piece.ts';

/** Length of a country's IBAN, from SWIFT's registry (release 99). */
const LENGTHS: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BI: 27,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DJ: 27,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FK: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HN: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MN: 20,
  MR: 27,
  MT: 31,
  MU: 30,
  NI: 28,
  NL: 18,
  NO: 15,
  OM: 23,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  RU: 33,
  SA: 24,
  SC: 31,
  SD: 18,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  SO: 23,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
  YE: 30,
};
const BY_LETTERS = new Uint8Array(26 * 26);
for (const [country, length] of Object.entries(LENGTHS)) {
  BY_LETTERS[(country.charCodeAt(0) - 65) * 26 + country.charCodeAt(1) - 65] = length;
}

const charValue = (code: number): number => (code < 58 ? code - 48 : (code & 0xdf) - 55);

/** ISO 13616: the country's length, and mod 97 of the whole with its first four characters at the end, which is 1. */
export function isIban(codes: ArrayLike<number>): boolean {
  const length = BY_LETTERS[(charValue(codes[0] ?? 0) - 10) * 26 + charValue(codes[1] ?? 0) - 10] ?? 0;
  if (length === 0 || codes.length !== length) return false;
  let rest = 0;
  for (let index = 0; index < length; index++) {
    const value = charValue(codes[(index + 4) % length] ?? 0);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest === 1;
}

const scratch = new Uint8Array(34);

/** Called at the first check digit: two letters before it, the rest after it, in one or in groups. */
export function findIban(piece: Piece, digit: number): void {
  const { bytes } = piece;
  const start = digit - 2;
  const upper = (kindAt(bytes, start) & kindAt(bytes, start + 1) & UPPER) !== 0;
  if ((kindAt(bytes, start - 1) & WORD) !== 0 || (kindAt(bytes, digit + 1) & DIGIT) === 0) return;
  const first = charValue(bytes[start] ?? 0) - 10;
  const second = charValue(bytes[start + 1] ?? 0) - 10;
  if (first < 0 || second < 0 || first > 25 || second > 25) return;
  const length = BY_LETTERS[first * 26 + second] ?? 0;
  if (length === 0) return;
  let count = 0;
  let at = start;
  for (; count < length; at++) {
    const code = bytes[at] ?? 0;
    if ((kindAt(bytes, at) & ALNUM) !== 0 && code < 128) scratch[count++] = code;
    else if ((code !== 32 && code !== 45) || count === 0 || (kindAt(bytes, at - 1) & ALNUM) === 0) return;
  }
  const kind = kindAt(bytes, at);
  if ((kind & WORD) !== 0 || !isIban(scratch.subarray(0, length))) return;
  piece.report(
    'payment.iban',
    upper ? 'certain' : 'likely',
    start,
    at,
    'personal.iban',
    'mod 97 and length of its country',
  );
}
