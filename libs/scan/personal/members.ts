import type { Emit } from '../types.ts';
import { isCard } from './card.ts';
import { ALNUM, DIGIT, fold, kindAt, LETTER, LINE, MARGIN, SPACE, UPPER, WORD } from './characters.ts';
import { isDay, numberAt } from './checksums.ts';
import { isIban } from './iban.ts';
import { KEY, keyOf } from './keys.ts';
import { looksLikeName, nameEnd } from './names.ts';
import { isInternational, isNational } from './phone.ts';
import type { Piece } from './piece.ts';

const LONGEST_KEY = 40;
/** Longer quoted values are no one's name or street. */
const LONGEST_QUOTED = 100;
const LONGEST_QUERY = 200;

const isKeyCode = (bytes: Uint8Array, at: number): boolean =>
  (kindAt(bytes, at) & WORD) !== 0 || bytes[at] === 45;

/** Called at ':' or '=' in a text: `"first_name": "…"`, `Customer: …`, `From: …`. Names, addresses, dates of birth. */
export function findMember(piece: Piece, operator: number): void {
  const { bytes } = piece;
  let end = operator;
  if (bytes[end - 1] === 32) end--;
  const quote = bytes[end - 1] === 34 || bytes[end - 1] === 39 ? bytes[end - 1] : 0;
  if (quote !== 0) end--;
  if ((kindAt(bytes, end - 1) & LETTER) === 0) return;
  let at = operator + 1;
  while (at - operator < 3 && bytes[at] === 32) at++;
  const valueQuote = bytes[at] === 34 || bytes[at] === 39 ? bytes[at] : 0;
  if (valueQuote !== 0) at++;
  const kind = kindAt(bytes, at);
  if ((kind & (LETTER | DIGIT)) === 0 || (valueQuote === 0 && (kind & UPPER) === 0)) return;
  let start = end;
  while (end - start < LONGEST_KEY && isKeyCode(bytes, start - 1)) start--;
  // `Full name: …`, one space in a label that begins a line.
  if (quote === 0 && bytes[start - 1] === 32 && (kindAt(bytes, start - 2) & LETTER) !== 0) {
    let first = start - 1;
    while (end - first < LONGEST_KEY && isKeyCode(bytes, first - 1)) first--;
    if ((kindAt(bytes, first - 1) & LINE) !== 0 || bytes[first - 1] === 0) start = first;
  }
  const key = keyOf(bytes, start, end);
  if ((key & (KEY.name | KEY.person | KEY.line | KEY.address | KEY.birth)) === 0) return;
  if (valueQuote !== 0) findQuoted(piece, key, at, valueQuote ?? 0);
  else findLabelled(piece, key, at, start);
}

function findQuoted(piece: Piece, key: number, start: number, quote: number): void {
  const { bytes } = piece;
  let end = start;
  while (bytes[end] !== quote) {
    if (
      end - start > LONGEST_QUOTED ||
      (kindAt(bytes, end) & LINE) !== 0 ||
      bytes[end] === 0 ||
      bytes[end] === 92
    )
      return;
    end++;
  }
  // "first_name" = "t"."column" is SQL.
  if (bytes[end + 1] === 46) return;
  const named = looksLikeName(bytes, start, end);
  if ((key & KEY.name) !== 0 && (key & KEY.weak) === 0) {
    if (!isWords(bytes, start, end)) return;
    piece.report('person.name', 'likely', start, end, 'personal.name', 'name of its member');
  } else if ((key & (KEY.person | KEY.line)) !== 0 && named) {
    piece.report('person.name', 'likely', start, end, 'personal.name', 'name of its member');
  } else if ((key & KEY.name) !== 0 && named) {
    piece.report('person.name', 'possible', start, end, 'personal.name', 'name of its member');
  } else if ((key & KEY.address) !== 0 && (key & KEY.weak) === 0 && isStreet(bytes, start, end)) {
    piece.report('person.address', 'likely', start, end, 'personal.address', 'name of its member');
  }
}

function findLabelled(piece: Piece, key: number, start: number, label: number): void {
  const { bytes } = piece;
  const end = nameEnd(bytes, start);
  if (end === 0) return;
  const begins = (kindAt(bytes, label - 1) & LINE) !== 0 || bytes[label - 1] === 0;
  const two = looksLikeName(bytes, start, end);
  const closed =
    (kindAt(bytes, end) & LINE) !== 0 || bytes[end] === 0 || bytes[end] === 44 || bytes[end] === 59;
  if ((key & KEY.name) !== 0 && (key & KEY.weak) === 0 && closed) {
    piece.report('person.name', 'likely', start, end, 'personal.name', 'label before it');
  } else if (two && begins && (closed || (bytes[end] === 32 && bytes[end + 1] === 60))) {
    if ((key & (KEY.person | KEY.line | KEY.name)) === 0) return;
    const sure = (key & KEY.name) !== 0 ? 'possible' : 'likely';
    piece.report('person.name', sure, start, end, 'personal.name', 'label before it');
  }
}

/** Letters, and what stands between them in names. */
function isWords(bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start || end - start > 60) return false;
  for (let at = start; at < end; at++) {
    const code = bytes[at];
    if ((kindAt(bytes, at) & LETTER) === 0 && code !== 32 && code !== 45 && code !== 39 && code !== 46)
      return false;
  }
  return true;
}

/** Letters with a space among them, and a digit: not a link, not a single word. */
function isStreet(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  for (let at = start; at < end; at++) {
    if (bytes[at] === 64) return false;
    seen |= kindAt(bytes, at);
  }
  return (seen & SPACE) !== 0 && (seen & LETTER) !== 0 && (seen & DIGIT) !== 0;
}

/** Called at '?' or '&': `?email=…`. Finds the value by its parameter's name. */
export function findQueryValue(piece: Piece, mark: number): void {
  const { bytes } = piece;
  if ((kindAt(bytes, mark - 1) & ALNUM) === 0 && bytes[mark - 1] !== 47 && bytes[mark - 1] !== 59) return;
  let start = mark + 1;
  if (bytes[start] === 97 && bytes[start + 1] === 109 && bytes[start + 2] === 112 && bytes[start + 3] === 59)
    start += 4;
  let end = start;
  while (end - start < LONGEST_KEY && isKeyCode(bytes, end)) end++;
  if (end === start || bytes[end] !== 61) return;
  const key = keyOf(bytes, start, end);
  if (key === 0) return;
  const value = end + 1;
  let stop = value;
  while (stop - value < LONGEST_QUERY && isQueryCode(bytes, stop)) stop++;
  if (stop - value < 2) return;
  const cls = classOf(key);
  const sure = cls === 'web.url' || (key & (KEY.weak | KEY.person)) !== 0 ? 'possible' : 'likely';
  piece.report(cls, sure, value, stop, 'personal.query', "name of a URL's query value");
}

function isQueryCode(bytes: Uint8Array, at: number): boolean {
  const code = bytes[at] ?? 0;
  if ((kindAt(bytes, at) & (SPACE | LINE)) !== 0) return false;
  return (
    code > 32 &&
    code !== 38 &&
    code !== 63 &&
    code !== 34 &&
    code !== 39 &&
    code !== 60 &&
    code !== 62 &&
    code !== 35 &&
    code !== 41 &&
    code !== 92
  );
}

function classOf(key: number): string {
  if ((key & KEY.email) !== 0) return 'person.email';
  if ((key & KEY.phone) !== 0) return 'person.phone';
  if ((key & (KEY.name | KEY.person)) !== 0) return 'person.name';
  if ((key & KEY.address) !== 0) return 'person.address';
  if ((key & KEY.birth) !== 0) return 'person.birth_date';
  if ((key & KEY.id) !== 0) return 'person.national_id';
  if ((key & KEY.card) !== 0) return 'payment.card';
  if ((key & KEY.iban) !== 0) return 'payment.iban';
  if ((key & KEY.ip) !== 0) return 'network.ip';
  if ((key & KEY.mac) !== 0) return 'network.mac';
  if ((key & KEY.org) !== 0) return 'org.name';
  return 'web.url';
}

const LONGEST_NAME = 96;
const nameBytes = new Uint8Array(LONGEST_NAME + 2 * MARGIN);
/** Values this long are looked at; longer ones are texts, and scanned as such. */
const LONGEST_VALUE = 254;
const valueBytes = new Uint8Array(LONGEST_VALUE + 2 * MARGIN);
const digits = new Uint8Array(LONGEST_VALUE);

/** One value under a member's name. What its own form tells is found by the scan of the text; this is what the name adds. */
export function findByName(name: string, value: string, out: Emit): void {
  if (name === '' || name.length > LONGEST_NAME || value.length > LONGEST_VALUE || value.length < 2) return;
  const key = keyOf(nameBytes, MARGIN, fold(name, nameBytes));
  if (key === 0) return;
  const start = MARGIN + value.length - value.trimStart().length;
  const end = fold(value, valueBytes) - (value.length - value.trimEnd().length);
  const detector = `personal.member`;
  const cls = classOf(key & ~(KEY.line | KEY.tracking));
  const sure = confidenceOf(cls, key, start, end);
  if (sure !== null) out(cls, sure, start - MARGIN, end - MARGIN, detector, 'name of its member');
}

function confidenceOf(
  cls: string,
  key: number,
  start: number,
  end: number,
): 'certain' | 'likely' | 'possible' | null {
  const bytes = valueBytes;
  let count = 0;
  let seen = 0;
  for (let at = start; at < end; at++) {
    const kind = kindAt(bytes, at);
    seen |= kind;
    if ((kind & DIGIT) !== 0) digits[count++] = (bytes[at] ?? 0) - 48;
  }
  switch (cls) {
    case 'person.name':
      if ((key & (KEY.weak | KEY.person)) !== 0)
        return looksLikeName(bytes, start, end) ? ((key & KEY.weak) !== 0 ? 'possible' : 'likely') : null;
      return (seen & LETTER) !== 0 ? 'likely' : null;
    case 'person.email':
      return bytes.subarray(start, end).includes(64) ? 'likely' : null;
    case 'person.phone':
      if (count < 6 || count > 16) return null;
      return isInternational(digits, 0, count) || isNational(digits, 0, count) ? 'certain' : 'likely';
    case 'person.address':
      if ((key & KEY.weak) !== 0) return count > 2 && end - start < 12 ? 'possible' : null;
      return (seen & LETTER) !== 0 && end - start > 4 ? 'likely' : null;
    case 'person.birth_date':
      return birthDate(count) ? 'certain' : count > 1 ? 'likely' : null;
    case 'person.national_id':
      return count > 4 || (count > 1 && (seen & LETTER) !== 0) ? 'likely' : null;
    case 'payment.card':
      return isCard(digits, 0, count)
        ? 'certain'
        : count > 11 && count < 20 && (seen & LETTER) === 0
          ? 'likely'
          : null;
    case 'payment.iban':
      if (isIban(bytes.slice(start, end).filter((code) => code !== 32))) return 'certain';
      return count > 6 ? 'likely' : null;
    case 'network.ip':
      return end - start < 46 &&
        count > 0 &&
        (bytes.subarray(start, end).includes(46) || bytes.subarray(start, end).includes(58))
        ? 'likely'
        : null;
    case 'network.mac':
      return end - start > 11 && end - start < 24 && count > 0 ? 'likely' : null;
    case 'org.name':
      return (seen & LETTER) !== 0 ? 'likely' : null;
    default:
      return null;
  }
}

/** Eight digits that are a date in any order. */
function birthDate(count: number): boolean {
  if (count < 8) return false;
  const front = numberAt(digits, 0, 4);
  const back = numberAt(digits, 4, 4);
  if (front > 1889 && front < 2036) return isDay(front, numberAt(digits, 4, 2), numberAt(digits, 6, 2));
  const one = numberAt(digits, 0, 2);
  const two = numberAt(digits, 2, 2);
  return back > 1889 && back < 2036 && (isDay(back, one, two) || isDay(back, two, one));
}
