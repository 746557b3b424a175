import { type Digits, ean, isDay, luhn, mod11and10, numberAt } from './checksums.ts';

const d = (digits: Digits, index: number): number => digits[index] ?? 0;

/** US Social Security number, 9 digits: areas, groups and serials that are never given out. No checksum exists. */
export function isSsn(digits: Digits, at: number): boolean {
  const area = numberAt(digits, at, 3);
  if (area === 0 || area === 666 || area >= 900) return false;
  const group = numberAt(digits, at + 3, 2);
  const serial = numberAt(digits, at + 5, 4);
  if (group === 0 || serial === 0) return false;
  const whole = numberAt(digits, at, 9);
  // Printed on sample cards, or counted up: no one's.
  return whole !== 78_051_120 && whole !== 219_099_999 && whole !== 123_456_789 && whole !== 111_111_111;
}

/** UK National Insurance number: its two letters (upper case codes) and its last one. HMRC NIM39110. No checksum exists. */
export function isNino(first: number, second: number, last: number): boolean {
  if (last < 65 || last > 68) return false;
  const one = String.fromCharCode(first);
  const two = String.fromCharCode(second);
  if (!/[A-CEGHJ-PR-TW-Z]/.test(one) || !/[A-CEGHJ-NPR-TW-Z]/.test(two)) return false;
  return !/^(?:BG|GB|KN|NK|NT|TN|ZZ)$/.test(one + two);
}

/** German Steuer-ID, 11 digits: of the first ten one occurs twice or three times, others once; ISO 7064 MOD 11,10. */
export function isSteuerId(digits: Digits, at: number): boolean {
  if (d(digits, at) === 0 || !mod11and10(digits, at, 11)) return false;
  let seen = 0;
  let twice = 0;
  let thrice = 0;
  for (let index = at; index < at + 10; index++) {
    const bit = 1 << d(digits, index);
    if ((thrice & bit) !== 0) return false;
    if ((twice & bit) !== 0) thrice |= bit;
    else if ((seen & bit) !== 0) twice |= bit;
    else seen |= bit;
  }
  if (twice === 0 || (twice & (twice - 1)) !== 0) return false;
  if (thrice === 0) return true;
  for (let index = at + 2; index < at + 10; index++) {
    if (d(digits, index) === d(digits, index - 1) && d(digits, index) === d(digits, index - 2)) return false;
  }
  return true;
}

/**
 * French NIR, 15 digits: sex, year, month, department, commune, order, and 97 less the rest by 97. Corsica: 2A and 2B
 * count as 19 and 18.
 */
export function isNir(digits: Digits, at: number, corsica: '' | 'A' | 'B' = ''): boolean {
  const sex = d(digits, at);
  if (sex === 0 || sex === 5 || sex === 6 || sex === 9) return false;
  const month = numberAt(digits, at + 3, 2);
  if (month === 0 || (month > 12 && month < 20) || (month > 42 && month < 50)) return false;
  const department = numberAt(digits, at + 5, 2);
  if (department === 0 || department === 96) return false;
  const commune = numberAt(digits, at + 7, 3);
  if (commune === 0 || numberAt(digits, at + 10, 3) === 0) return false;
  // In Corsica's numbers the letter's place holds a 0 here: 2A is 20 less 1, 2B is 20 less 2.
  const less = corsica === 'A' ? 1 : corsica === 'B' ? 2 : 0;
  const number = numberAt(digits, at, 13) - less * 1_000_000;
  return 97 - (number % 97) === numberAt(digits, at + 13, 2);
}

const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** Spanish DNI: the letter (a code) of its number; NIE's X, Y, Z are 0, 1, 2 in front of seven digits. */
export function isDniLetter(number: number, letter: number): boolean {
  return DNI_LETTERS.charCodeAt(number % 23) === (letter & 0xdf);
}

/** Dutch BSN, 9 digits: the elfproef, whose last weight is -1. */
export function isBsn(digits: Digits, at: number): boolean {
  let sum = -d(digits, at + 8);
  for (let index = 0; index < 8; index++) sum += d(digits, at + index) * (9 - index);
  return sum % 11 === 0 && numberAt(digits, at, 9) > 9_999_999;
}

const PESEL_WEIGHTS = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];

/** Polish PESEL, 11 digits: a date of birth whose month tells the century, and a weighted sum. */
export function isPesel(digits: Digits, at: number): boolean {
  const century = Math.floor(d(digits, at + 2) / 2);
  const year = [1900, 2000, 2100, 2200, 1800][century] ?? 0;
  const month = numberAt(digits, at + 2, 2) - century * 20;
  if (!isDay(year + numberAt(digits, at, 2), month, numberAt(digits, at + 4, 2))) return false;
  let sum = 0;
  for (let index = 0; index < 11; index++) sum += d(digits, at + index) * (PESEL_WEIGHTS[index] ?? 0);
  return sum % 10 === 0;
}

/**
 * Belgian national number, 11 digits: date of birth (a month may be raised by 20 or 40: BIS numbers), order, and 97
 * less the rest by 97, with a 2 in front for births from 2000 on.
 */
export function isBelgian(digits: Digits, at: number): boolean {
  const month = numberAt(digits, at + 2, 2) % 20;
  if (numberAt(digits, at + 2, 2) > 52 || month > 12 || numberAt(digits, at + 4, 2) > 31) return false;
  const order = numberAt(digits, at + 6, 3);
  if (order === 0 || order === 999) return false;
  const number = numberAt(digits, at, 9);
  const check = numberAt(digits, at + 9, 2);
  return 97 - (number % 97) === check || 97 - ((2_000_000_000 + number) % 97) === check;
}

/** Swedish personnummer from its year's last two digits on, 10 digits: a date (a day may be raised by 60), and Luhn. */
export function isPersonnummer(digits: Digits, at: number): boolean {
  const day = numberAt(digits, at + 4, 2);
  const known = isDay(numberAt(digits, at, 2), numberAt(digits, at + 2, 2), day > 60 ? day - 60 : day);
  return known && luhn(digits, at, 10);
}

/** Swiss AHV number, 13 digits: 756 and an EAN-13 check digit. */
export function isAhv(digits: Digits, at: number): boolean {
  return numberAt(digits, at, 3) === 756 && ean(digits, at, 13);
}

const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
const MONTHS = 'ABCDEHLMPRST';
/** Letters that stand for digits where two people would have the same code (omocodia). */
const OMOCODIA = 'LMNPQRSTUV';

/** Italian codice fiscale, 16 codes of letters and digits: D.M. 23 December 1976, with omocodia. */
export function isCodiceFiscale(codes: ArrayLike<number>, at: number): boolean {
  let sum = 0;
  for (let index = 0; index < 16; index++) {
    const raw = codes[at + index] ?? 0;
    const digit = raw >= 48 && raw <= 57;
    const letter = (raw & 0xdf) - 65;
    if (!digit && (letter < 0 || letter > 25 || raw < 65)) return false;
    const numeric = index === 6 || index === 7 || index === 9 || index === 10 || (index > 11 && index < 15);
    if (numeric ? !digit && !OMOCODIA.includes(String.fromCharCode(letter + 65)) : digit) return false;
    if (index === 8 && !MONTHS.includes(String.fromCharCode(letter + 65))) return false;
    if (index === 15) return sum % 26 === letter;
    const value = digit ? raw - 48 : letter;
    sum += (index & 1) === 0 ? (ODD[value] ?? 0) : value;
  }
  return false;
}
