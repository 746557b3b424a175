import metadata from 'libphonenumber-js/min/metadata';
import type { Digits } from './checksums.ts';

type Country = keyof typeof metadata.countries;

interface Plan {
  pattern: RegExp;
  /** Bit n: national numbers of n digits exist. */
  lengths: number;
}

const CODES: Readonly<Record<string, readonly Country[] | undefined>> = metadata.country_calling_codes;

/** libphonenumber's metadata of a country: the third member is its numbers' pattern, the fourth their lengths. */
function planOf(country: Country): Plan[] {
  const plan: unknown[] = metadata.countries[country] ?? [];
  const [, , pattern, lengths] = plan;
  if (typeof pattern !== 'string') return [];
  const bits = Array.isArray(lengths)
    ? lengths.reduce<number>((all, each) => all | (1 << Number(each)), 0)
    : -1;
  return [{ pattern: new RegExp(`^(?:${pattern})$`), lengths: bits }];
}

const byCode = new Map<number, Plan[]>();

/** Numbering plans of a country calling code (+1: 25 countries), compiled when first asked for. */
function plansOf(code: number): Plan[] {
  let found = byCode.get(code);
  if (found === undefined) {
    found = (CODES[String(code)] ?? []).flatMap(planOf);
    byCode.set(code, found);
  }
  return found;
}

/** National forms are tried for these: with a trunk 0 in front, or without one. */
const WITH_TRUNK = ['DE', 'GB', 'FR', 'NL', 'BE', 'CH', 'AT', 'SE'] as const;
const WITHOUT_TRUNK = ['US', 'ES', 'IT', 'PL', 'PT'] as const;
let trunk: Plan[] | undefined;
let plain: Plan[] | undefined;

function written(digits: Digits, at: number, count: number): string {
  let text = '';
  for (let index = at; index < at + count; index++) text += String.fromCharCode(48 + (digits[index] ?? 0));
  return text;
}

function fits(all: readonly Plan[], digits: Digits, at: number, count: number): boolean {
  const bit = 1 << count;
  let text = '';
  for (const { pattern, lengths } of all) {
    if ((lengths & bit) === 0) continue;
    if (text === '') text = written(digits, at, count);
    if (pattern.test(text)) return true;
  }
  return false;
}

/** Whether `count` digits (without +) are an E.164 number that its country's numbering plan knows. */
export function isInternational(digits: Digits, at: number, count: number): boolean {
  if (count < 7 || count > 15) return false;
  let code = 0;
  for (let length = 1; length <= 3; length++) {
    code = code * 10 + (digits[at + length - 1] ?? 0);
    const all = plansOf(code);
    if (all.length === 0) continue;
    if (fits(all, digits, at + length, count - length)) return true;
    // A trunk 0 that people write behind the country's code: +49 (0)30 …
    return code !== 39 && digits[at + length] === 0 && fits(all, digits, at + length + 1, count - length - 1);
  }
  return false;
}

/** Whether the digits are a number as it is dialled inside one of the countries above. */
export function isNational(digits: Digits, at: number, count: number): boolean {
  if (count < 7 || count > 13) return false;
  if (digits[at] === 0) {
    trunk ??= WITH_TRUNK.flatMap(planOf);
    if (digits[at + 1] === 0) return false;
    if (fits(trunk, digits, at + 1, count - 1)) return true;
  }
  plain ??= WITHOUT_TRUNK.flatMap(planOf);
  return fits(plain, digits, at, count);
}

/** Whether ten digits are a number of the North American plan: NXX-NXX-XXXX, no service code such as 911. */
export function isNorthAmerican(digits: Digits, at: number): boolean {
  const service = digits[at + 1] === 1 && digits[at + 2] === 1;
  return (digits[at] ?? 0) > 1 && (digits[at + 3] ?? 0) > 1 && !service;
}
