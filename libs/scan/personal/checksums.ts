/** Digits as numbers 0 to 9. */
export type Digits = Uint8Array;

const d = (digits: Digits, index: number): number => digits[index] ?? 0;

/** The number that `count` digits from `at` on write; exact for up to 15 digits. */
export function numberAt(digits: Digits, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) value = value * 10 + d(digits, index);
  return value;
}

/** ISO/IEC 7812-1 annex B. */
export function luhn(digits: Digits, at: number, count: number): boolean {
  let sum = 0;
  for (let index = 0; index < count; index++) {
    const digit = d(digits, at + count - 1 - index);
    const doubled = (index & 1) === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** GS1's check digit (EAN-13) over `count` digits, the last being the check digit. */
export function ean(digits: Digits, at: number, count: number): boolean {
  let sum = 0;
  for (let index = 0; index < count; index++) {
    sum += d(digits, at + count - 1 - index) * ((index & 1) === 1 ? 3 : 1);
  }
  return sum % 10 === 0;
}

/** ISO 7064 MOD 11,10 over `count` digits, the last being the check digit. */
export function mod11and10(digits: Digits, at: number, count: number): boolean {
  let product = 10;
  for (let index = at; index < at + count - 1; index++) {
    const sum = (d(digits, index) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === d(digits, at + count - 1);
}

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the day exists in that month; 29 February in leap years alone, where the year is given. */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > (MONTH_DAYS[month - 1] ?? 0)) return false;
  return month !== 2 || day < 29 || year % 4 === 0;
}
