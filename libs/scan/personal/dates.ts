import { BROKEN, type Chain, DASH, DOT, SLASH } from './chain.ts';
import { DIGIT, kindAt, LETTER, WORD } from './characters.ts';
import { isDay, numberAt } from './checksums.ts';
import { ABOUT } from './context.ts';
import type { Piece } from './piece.ts';
import { hashStep, NO_WORD, WordTable } from './words.ts';

/** Months in nine languages, and their short forms. */
const MONTHS = new WordTable([
  [
    1,
    `january february march april may june july august september october november december jan feb mar apr jun jul aug sep
    sept oct nov dec januar februar marz maerz mai juni juli oktober dezember janner jaenner okt dez mrz janvier fevrier
    mars avril juin juillet aout septembre octobre novembre decembre enero febrero marzo abril mayo junio julio agosto
    septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    januari februari maart mei augustus janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia augusti`,
  ],
  [2, 'de del of'],
]);

const isYear = (year: number): boolean => year > 1889 && year < 2036;

/** A date after a word of birth. Called at each group of digits. */
export function findDate(piece: Piece, chain: Chain, group: number): void {
  const length = chain.length(group);
  if (length !== 4 && length > 2) return;
  if (length <= 2) {
    const year = chain.length(group + 2);
    if (chain.length(group + 1) > 2 || (year !== 4 && year !== 2)) return;
  }
  if (chain.count > group + 2 && chain.separator(group + 1) !== BROKEN && findNumeric(piece, chain, group))
    return;
  if (length === 4 && isYear(numberAt(chain.digits, chain.first(group), 4))) findWritten(piece, chain, group);
}

function findNumeric(piece: Piece, chain: Chain, group: number): boolean {
  const separator = chain.separator(group + 1);
  if (separator !== DOT && separator !== DASH && separator !== SLASH) return false;
  if (chain.separator(group + 2) !== separator || chain.separator(group) === separator) return false;
  if (chain.length(group + 1) > 2 || chain.length(group + 2) > 4 || chain.separator(group + 3) === separator)
    return false;
  const one = numberAt(chain.digits, chain.first(group), chain.length(group));
  const two = numberAt(chain.digits, chain.first(group + 1), chain.length(group + 1));
  const three = numberAt(chain.digits, chain.first(group + 2), chain.length(group + 2));
  const yearFirst = chain.length(group) === 4;
  const year = yearFirst ? one : three;
  if (yearFirst ? chain.length(group + 2) > 2 : chain.length(group + 2) === 3) return false;
  if ((yearFirst || three > 99) && !isYear(year)) return false;
  const dates = yearFirst ? isDay(year, two, three) : isDay(year, two, one) || isDay(year, one, two);
  const start = chain.start(group);
  const tied = kindAt(piece.bytes, start - 1) | kindAt(piece.bytes, chain.end(group + 2));
  if (!dates || (tied & WORD) !== 0) return false;
  if ((piece.about(start) & ABOUT.birth) === 0) return false;
  piece.report(
    'person.birth_date',
    'likely',
    start,
    chain.end(group + 2),
    'personal.birth_date',
    'date after a word of birth',
  );
  return true;
}

/** `12 March 1985`, `12. März 1985`, `12 de marzo de 1985`, `March 12, 1985`: the year is found, the rest stands before it. */
function findWritten(piece: Piece, chain: Chain, group: number): void {
  const { bytes } = piece;
  const year = chain.start(group);
  if (
    bytes[year - 1] !== 32 ||
    (kindAt(bytes, year - 2) & DIGIT) !== 0 ||
    (kindAt(bytes, year + 4) & WORD) !== 0
  )
    return;
  if ((piece.about(year) & ABOUT.birth) === 0) return;
  let at = tokenBefore(bytes, year);
  let month = wordAt(bytes, at);
  if (month === 2) {
    at = tokenBefore(bytes, at);
    month = wordAt(bytes, at);
  }
  let start = 0;
  if (month === 1) {
    start = tokenBefore(bytes, at);
    if (wordAt(bytes, start) === 2) start = tokenBefore(bytes, start);
    if (!isDayNumber(bytes, start)) start = at;
  } else if (isDayNumber(bytes, at)) {
    start = tokenBefore(bytes, at);
    if (wordAt(bytes, start) !== 1) return;
  } else return;
  piece.report(
    'person.birth_date',
    'likely',
    start,
    year + 4,
    'personal.birth_date',
    'date after a word of birth',
  );
}

/** The first index of the word or number before `at`, past spaces, a comma and a full stop; `at` when there is none. */
function tokenBefore(bytes: Uint8Array, at: number): number {
  let end = at;
  while (at - end < 3 && (bytes[end - 1] === 32 || bytes[end - 1] === 44 || bytes[end - 1] === 46)) end--;
  let start = end;
  while (end - start < 12 && (kindAt(bytes, start - 1) & (LETTER | DIGIT)) !== 0) start--;
  return start === end ? at : start;
}

function wordAt(bytes: Uint8Array, start: number): number {
  let hash = NO_WORD;
  let at = start;
  while (at - start < 12 && (kindAt(bytes, at) & LETTER) !== 0) hash = hashStep(hash, bytes[at++] ?? 0);
  return at === start ? 0 : MONTHS.get(hash);
}

/** One or two digits, also with `st`, `nd`, `rd`, `th`, `er`. */
function isDayNumber(bytes: Uint8Array, start: number): boolean {
  let at = start;
  let day = 0;
  while (at - start < 3 && (kindAt(bytes, at) & DIGIT) !== 0) day = day * 10 + (bytes[at++] ?? 0) - 48;
  return at > start && at - start < 3 && day > 0 && day < 32;
}
