import { type Digits, luhn, numberAt } from './checksums.ts';

/** Issuers' first six digits and the lengths of their numbers, as published by the schemes; both ends are included. */
const RANGES: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [400_000, 499_999, [16, 13, 19]],
  [510_000, 559_999, [16]],
  [222_100, 272_099, [16]],
  [340_000, 349_999, [15]],
  [370_000, 379_999, [15]],
  [601_100, 601_199, [16, 19]],
  [644_000, 659_999, [16, 19]],
  [300_000, 305_999, [14, 16]],
  [309_500, 309_599, [14, 16]],
  [360_000, 369_999, [14]],
  [380_000, 399_999, [14, 16]],
  [352_800, 358_999, [16]],
  [620_000, 629_999, [16, 17, 18, 19]],
  [220_000, 220_499, [16]],
  [500_000, 509_999, [16, 18, 19]],
  [560_000, 589_999, [16, 18, 19]],
  [600_000, 619_999, [16, 18, 19]],
  [630_000, 639_999, [16, 18, 19]],
  [670_000, 679_999, [16, 18, 19]],
  [810_000, 820_999, [16]],
];

/** Whether a number of that length is one of an issuer's, with a right check digit. */
export function isCard(digits: Digits, at: number, count: number): boolean {
  if (count < 13 || count > 19 || !mayBegin(digits, at)) return false;
  const issuer = numberAt(digits, at, 6);
  for (const [from, to, lengths] of RANGES) {
    if (issuer >= from && issuer <= to && lengths.includes(count))
      return luhn(digits, at, count) && varied(digits, at, count);
  }
  return false;
}

/** No issuer's numbers begin with 0, 1, 7 or 9. */
export function mayBegin(digits: Digits, at: number): boolean {
  return ((0b01_0111_1100 >> (digits[at] ?? 0)) & 1) === 1;
}

/** Not an issuer's number with nothing but zeros behind: that is a round number. */
function varied(digits: Digits, at: number, count: number): boolean {
  for (let index = at + 6; index < at + count - 1; index++) if (digits[index] !== 0) return true;
  return false;
}
