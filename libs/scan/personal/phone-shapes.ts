import { BLANK, BROKEN, type Chain, DASH, DOT, PARENTHESIS, SLASH } from './chain.ts';
import { DIGIT, kindAt, WORD } from './characters.ts';
import { isDay, numberAt } from './checksums.ts';
import { ABOUT } from './context.ts';
import { isInternational, isNational, isNorthAmerican } from './phone.ts';
import type { Piece } from './piece.ts';

const MOST_GROUPS = 7;
/** How many ends are tried for one start. */
const ATTEMPTS = 3;

/** Called at a group that may begin a telephone number. */
export function findPhone(piece: Piece, chain: Chain, group: number): void {
  const { bytes } = piece;
  const start = chain.start(group);
  if (bytes[start - 1] === 43) {
    if ((kindAt(bytes, start - 2) & WORD) === 0 && chain.separator(group) === BROKEN) {
      findFrom(piece, chain, group, 0, isInternational, 'certain', 'country code and numbering plan');
    }
    return;
  }
  if (!chain.opens(bytes, group)) return;
  const length = chain.length(group);
  if (length === 3 || (length === 1 && chain.length(group + 1) === 3)) {
    if (findNorthAmerican(piece, chain, group)) return;
  }
  const first = chain.first(group);
  const zero = chain.digits[first] === 0;
  if (!zero && chain.separator(group) !== BROKEN) return;
  const count = digitsFrom(chain, group, 7);
  if (count < 7 || (length > 13 && !zero)) return;
  if (zero ? isDayFirst(chain, group) : digitsFrom(chain, group, 9) < 9 || isDate(chain, group)) return;
  const told = (piece.about(start) & ABOUT.phone) !== 0;
  if (zero && chain.digits[first + 1] === 0 && chain.digits[first + 2] !== 0) {
    const sure = told || length < 6 ? 'likely' : 'possible';
    findFrom(piece, chain, group, 2, isInternational, sure, 'country code and numbering plan');
  } else if (told) {
    findFrom(piece, chain, group, 0, isNational, 'likely', 'numbering plan and keyword');
  } else if (zero && length === 2 && isFrench(piece, chain, group)) {
    piece.report(
      'person.phone',
      'possible',
      start,
      chain.end(group + 4),
      'personal.phone',
      'groups of a French number',
    );
  }
}

const DATE = [4, 2, 2] as const;

/** 2031-07-10: before a time of day it would have as many digits as a number. */
function isDate(chain: Chain, group: number): boolean {
  if (chain.length(group) !== 4 || chain.shape(group, DATE) !== DASH) return false;
  const first = chain.first(group);
  const century = numberAt(chain.digits, first, 2);
  if (century !== 19 && century !== 20) return false;
  return isDay(0, numberAt(chain.digits, first + 4, 2), numberAt(chain.digits, first + 6, 2));
}

const DAY_FIRST = [2, 2, 4] as const;

/** 09.03.2018: alone, and of this or the last century. */
function isDayFirst(chain: Chain, group: number): boolean {
  if (chain.length(group) !== 2) return false;
  const separator = chain.shape(group, DAY_FIRST);
  if (separator !== DOT && separator !== SLASH) return false;
  if (chain.separator(group + 3) !== BROKEN && chain.separator(group + 3) !== BLANK) return false;
  const first = chain.first(group);
  const century = numberAt(chain.digits, first + 4, 2);
  if (century !== 19 && century !== 20) return false;
  return isDay(0, numberAt(chain.digits, first + 2, 2), numberAt(chain.digits, first, 2));
}

/** 01 99 00 12 34 and nothing more; every such number is in the plan, but those with two zeros. */
function isFrench(piece: Piece, chain: Chain, group: number): boolean {
  if (chain.digits[chain.first(group) + 1] === 0) return false;
  if (chain.separator(group) !== BROKEN || chain.separator(group + 5) !== BROKEN) return false;
  return chain.shape(group, FRENCH) !== BROKEN && chain.closes(piece.bytes, group + 4);
}

const FRENCH = [2, 2, 2, 2, 2] as const;

/** How many digits follow from a group on, as far as `enough`. */
function digitsFrom(chain: Chain, group: number, enough: number): number {
  let count = chain.length(group);
  for (let next = group + 1; next < group + MOST_GROUPS && next < chain.count && count < enough; next++)
    count += chain.length(next);
  return count;
}

/** The longest number from a group on that its plan knows, without the first `skipped` digits. */
function findFrom(
  piece: Piece,
  chain: Chain,
  group: number,
  skipped: number,
  known: (digits: Uint8Array, at: number, count: number) => boolean,
  sure: 'certain' | 'likely' | 'possible',
  why: string,
): boolean {
  const { bytes } = piece;
  const first = chain.first(group);
  let last = group;
  let count = chain.length(group);
  while (
    last + 1 < chain.count &&
    last - group < MOST_GROUPS &&
    count + chain.length(last + 1) <= 16 + skipped
  ) {
    count += chain.length(++last);
  }
  for (let attempt = 0; attempt < ATTEMPTS && last >= group; attempt++) {
    const ends =
      chain.separator(last + 1) !== BROKEN ||
      (kindAt(bytes, chain.end(last)) & WORD) === 0 ||
      extends_(bytes, chain.end(last));
    if (ends && known(chain.digits, first + skipped, count - skipped)) {
      report(piece, chain, group, last, sure, why);
      return true;
    }
    count -= chain.length(last--);
  }
  return false;
}

const extends_ = (bytes: Uint8Array, at: number): boolean => extension(bytes, at) > at;

function report(
  piece: Piece,
  chain: Chain,
  group: number,
  last: number,
  sure: 'certain' | 'likely' | 'possible',
  why: string,
): void {
  const { bytes } = piece;
  let start = chain.start(group);
  if (bytes[start - 1] === 43) start--;
  if (bytes[start - 1] === 40) start--;
  piece.report('person.phone', sure, start, extension(bytes, chain.end(last)), 'personal.phone', why);
}

/** Where an extension after a number ends (`x123`, ` ext. 12`); `at` when there is none. */
function extension(bytes: Uint8Array, at: number): number {
  let next = at;
  if (bytes[next] === 32) next++;
  if (
    ((bytes[next] ?? 0) | 32) === 101 &&
    ((bytes[next + 1] ?? 0) | 32) === 120 &&
    ((bytes[next + 2] ?? 0) | 32) === 116
  ) {
    next += bytes[next + 3] === 46 ? 4 : 3;
  } else if (((bytes[next] ?? 0) | 32) === 120) next++;
  else return at;
  if (bytes[next] === 32) next++;
  const digits = next;
  while (next - digits < 6 && (kindAt(bytes, next) & DIGIT) !== 0) next++;
  return next > digits && next - digits < 6 && (kindAt(bytes, next) & WORD) === 0 ? next : at;
}

/** (212) 555-0123, 212-555-0123, 1-212-555-0123 */
function findNorthAmerican(piece: Piece, chain: Chain, group: number): boolean {
  const { bytes, end } = piece;
  const area = chain.length(group) === 1 ? group + 1 : group;
  if (area > group && chain.digits[chain.first(group)] !== 1) return false;
  if (chain.length(area) !== 3 || chain.length(area + 1) !== 3 || chain.length(area + 2) !== 4) return false;
  const one = chain.separator(area + 1);
  const two = chain.separator(area + 2);
  if (chain.end(area + 2) > end || !isNorthAmerican(chain.digits, chain.first(area))) return false;
  const after = chain.end(area + 2);
  if (!chain.closes(bytes, area + 2) && !extends_(bytes, after)) return false;
  const about = piece.about(chain.start(group));
  const told = (about & ABOUT.phone) !== 0;
  const shaped = (one === PARENTHESIS && two !== PARENTHESIS) || (one === DASH && two === DASH);
  if (!shaped && !told && !(one === DOT && two === DOT)) return false;
  if (one === BLANK && two !== BLANK && two !== DASH) return false;
  const why = told ? 'numbering plan and keyword' : 'numbering plan and groups';
  report(piece, chain, group, area + 2, shaped || told ? 'likely' : 'possible', why);
  return true;
}
