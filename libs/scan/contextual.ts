import {
  BACKSLASH,
  byteKinds,
  ENDS_VALUE,
  IN_NAME,
  IN_TOKEN,
  IN_WIDE,
  IS_DIGIT,
  IS_LOWER,
  IS_SPACE,
  IS_UPPER,
  kindIn,
  PARTS_TOKEN,
} from './alphabets.ts';
import { entropy, isPlaceholder, isWordy } from './entropy.ts';
import type { Lookback } from './keywords.ts';
import { KEYWORD } from './merge.ts';
import type { Place } from './place.ts';
import type { Hint } from './rules.ts';
import type { Run } from './runs.ts';
import type { Confidence } from './types.ts';

/** A keyword stands at most so far before its value. */
const MAX_BEFORE = 64;
/** Values that are longer are no secrets that people write beside a keyword. */
const MAX_VALUE = 512;
const WHY = 'keyword before value';

export type Kind = 'password' | 'token' | 'key' | 'bare';
const CLASS: Readonly<Record<Kind, string>> = {
  password: 'secret.password',
  token: 'secret.token',
  key: 'secret.api_key',
  bare: 'secret.api_key',
};

/** Names that end so are of secrets, written small and without what parts their words. */
const ENDINGS: readonly [string, Kind][] = [
  ['password', 'password'],
  ['passwd', 'password'],
  ['passphrase', 'password'],
  ['passwort', 'password'],
  ['kennwort', 'password'],
  ['pwd', 'password'],
  ['pass', 'password'],
  ['token', 'token'],
  ['authorization', 'token'],
  ['bearer', 'token'],
  ['sessionid', 'token'],
  ['jwt', 'token'],
  ['secret', 'key'],
  ['apikey', 'key'],
  ['secretkey', 'key'],
  ['accesskey', 'key'],
  ['privatekey', 'key'],
  ['signingkey', 'key'],
  ['encryptionkey', 'key'],
  ['authkey', 'key'],
  ['masterkey', 'key'],
  ['accountkey', 'key'],
  ['credential', 'key'],
  ['credentials', 'key'],
  ['key', 'bare'],
];
/** Endings by their last three characters: the quick no for nearly every name. */
const SLOTS = 1024;
const isEnd = new Uint8Array(SLOTS);
const bySlot = new Map<number, [Uint8Array, Kind][]>();
const slot = (a: number, b: number, c: number): number =>
  ((a & 31) * 37 + (b & 31) * 7 + (c & 31) * 61) & (SLOTS - 1);
for (const [ending, kind] of ENDINGS) {
  const codes = Uint8Array.from(ending, (one) => one.charCodeAt(0));
  const [a = 0, b = 0, c = 0] = codes.subarray(-3);
  const at = slot(a, b, c);
  isEnd[at] = 1;
  const same: [Uint8Array, Kind][] = [...(bySlot.get(at) ?? []), [codes, kind]];
  bySlot.set(
    at,
    same.sort(([x], [y]) => y.length - x.length),
  );
}

/** Words that tell of a secret anywhere before a long random value. */
export const HINTS: readonly (readonly [string, Kind])[] = [
  ['password', 'password'],
  ['passphrase', 'password'],
  ['passwd', 'password'],
  ['token', 'token'],
  ['bearer', 'token'],
  ['authorization', 'token'],
  ['secret', 'key'],
  ['api_key', 'key'],
  ['apikey', 'key'],
  ['api-key', 'key'],
  ['api key', 'key'],
  ['access_key', 'key'],
  ['accesskey', 'key'],
  ['access key', 'key'],
  ['private_key', 'key'],
  ['credential', 'key'],
];

/**
 * A long random run after a word that tells of a secret, in one line with at most two other words between:
 * `Authorization: Bearer …`, `--api-key …`, `the token is …`. `start`: where the base64 that it stands in begins.
 */
export function contextualRun(
  place: Place,
  run: Run,
  lead: number,
  start: number,
  hints: Lookback<Hint>,
): void {
  const { bytes } = place;
  if (run.isCut || (run.kinds & IS_DIGIT) === 0 || (run.kinds & (IS_LOWER | IS_UPPER)) === 0) return;
  const from = Math.max(0, Math.min(lead, start) - MAX_BEFORE);
  let kind: Kind | null = null;
  let after = 0;
  hints.each(from, start, (found, end) => {
    // `tokenizer` is another word.
    if (typeof found !== 'string' || (kindIn(bytes, end) & IS_LOWER) !== 0) return;
    kind = found;
    after = end;
  });
  if (kind === null || !isNear(bytes, after, start)) return;
  const limit = Math.min(place.text.length, start + MAX_VALUE + 1);
  let end = run.end;
  while (end < limit && (kindIn(bytes, end) & IN_WIDE) !== 0) end++;
  place.work.spend(end - start);
  judgeValue(place, kind === 'password' ? 'key' : kind, CLASS[kind], start, end);
}

/** The beginning of base64 that a run stands in. */
export function valueStart(bytes: Uint8Array, at: number): number {
  let start = at;
  const floor = Math.max(0, at - MAX_BEFORE);
  while (start > floor && (kindIn(bytes, start - 1) & IN_WIDE) !== 0 && bytes[start - 1] !== EQUALS) start--;
  return start;
}

function isNear(bytes: Uint8Array, from: number, to: number): boolean {
  let count = 0;
  let inWord = true;
  for (let at = from; at < to; at++) {
    const code = bytes[at] ?? 0;
    if (code === 10 || (code === 46 && (kindIn(bytes, at + 1) & IS_SPACE) !== 0)) return false;
    const isLetter = ((byteKinds[code] ?? 0) & (IS_LOWER | IS_UPPER)) !== 0;
    if (isLetter && !inWord) count++;
    inWord = isLetter || code === 95 || code === 45;
  }
  return count <= 2;
}

const EQUALS = 61;
const COLON = 58;

/** `name = value`, `"name": "value"`, `name=value&…`: looked for by its operator. */
export function contextualPairs(place: Place): void {
  pairsOf(place, '=');
  pairsOf(place, ':');
}

function pairsOf(place: Place, operator: string): void {
  const { text, bytes } = place;
  const until = Math.min(place.to, text.length);
  let at = text.indexOf(operator, Math.max(0, place.from - MAX_GAP));
  let count = 0;
  while (at !== -1 && at < until) {
    count++;
    const end = nameEnd(bytes, at);
    if (end >= 3) {
      const key = slot(bytes[end - 3] ?? 0, bytes[end - 2] ?? 0, bytes[end - 1] ?? 0);
      if (isEnd[key] === 1) pair(place, key, end, at);
    }
    at = text.indexOf(operator, at + 1);
  }
  place.work.spend(count);
}

/** What may stand between a name and its operator: a quote, a bracket, a space. */
const isBetween = new Uint8Array(256);
for (const one of ` "']:\\`) isBetween[one.charCodeAt(0)] = 1;

function nameEnd(bytes: Uint8Array, operator: number): number {
  let end = operator;
  const least = Math.max(0, operator - 4);
  while (end > least && isBetween[bytes[end - 1] ?? 0] === 1) end--;
  return end;
}

/** From an operator to its value: a second operator, spaces, `Bearer`, a quote. */
const MAX_GAP = 20;
const SCHEMES = ['bearer', 'basic', 'token', 'apikey'].map((one) =>
  Uint8Array.from(one, (letter) => letter.charCodeAt(0)),
);

/** Where the value behind an operator begins, and the quote before it; 0 for none. */
const gap = { end: 0, quote: 0, isEscaped: false };

function readGap(bytes: Uint8Array, from: number): void {
  let at = from;
  while (at - from < 2 && (bytes[at] === EQUALS || bytes[at] === COLON || bytes[at] === 62)) at++;
  at = blanksEnd(bytes, at, 8);
  for (const scheme of SCHEMES) {
    if (((bytes[at] ?? 0) | 32) !== scheme[0] || !isWordAt(bytes, at, scheme)) continue;
    const end = at + scheme.length;
    const next = blanksEnd(bytes, end, 4);
    if (next > end) at = next;
    break;
  }
  gap.isEscaped = bytes[at] === BACKSLASH && isQuote(bytes[at + 1]);
  if (gap.isEscaped) at++;
  gap.quote = isQuote(bytes[at]) ? (bytes[at] ?? 0) : 0;
  gap.end = gap.quote === 0 ? at : at + 1;
}

const isQuote = (code: number | undefined): boolean => code === 34 || code === 39 || code === 96;

function blanksEnd(bytes: Uint8Array, from: number, most: number): number {
  let at = from;
  while (at - from < most && (bytes[at] === 32 || bytes[at] === 9)) at++;
  return at;
}

function isWordAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let index = 1; index < word.length; index++)
    if (((bytes[at + index] ?? 0) | 32) !== word[index]) return false;
  return true;
}

function pair(place: Place, key: number, end: number, operator: number): void {
  const { bytes } = place;
  const kind = kindOf(bytes, key, end);
  place.work.spend(4);
  if (kind === null) return;
  readGap(bytes, operator + 1);
  const { end: start, quote, isEscaped } = gap;
  if (start - operator > MAX_GAP || start < place.from || start >= place.to) return;
  const stop = valueEnd(place, start, quote, isEscaped);
  const isClosed = isEscaped ? bytes[stop] === BACKSLASH && bytes[stop + 1] === quote : bytes[stop] === quote;
  const isQuoted = quote !== 0 && isClosed;
  if (kind === 'password') judgePassword(place, start, stop, isQuoted, bytes[operator] ?? 0);
  else judgeValue(place, kind, CLASS[kind], start, stop);
}

/** What a name that ends at `end` is of. */
function kindOf(bytes: Uint8Array, key: number, end: number): Kind | null {
  for (const [ending, kind] of bySlot.get(key) ?? []) {
    const start = endingStart(bytes, end, ending);
    // Long endings may stand in one piece with what is before them (`dbpassword`); short ones are words of their own.
    if (start !== -1 && (ending.length >= 6 || isWordStart(bytes, start))) return kind;
  }
  return null;
}

/** Where an ending begins that stands before `end`, in any case, its words parted by one `-`, `_`, `.` or space or not. */
function endingStart(bytes: Uint8Array, end: number, ending: Uint8Array): number {
  let at = end;
  for (let index = ending.length - 1; index >= 0; index--) {
    let code = bytes[--at] ?? 0;
    if (index < ending.length - 1 && (code === 45 || code === 95 || code === 46 || code === 32))
      code = bytes[--at] ?? 0;
    if ((code | 32) !== ending[index] || code < 65) return -1;
  }
  return at;
}

/** Nothing of the same word stands before: no letter, or a small one before a capital. */
function isWordStart(bytes: Uint8Array, at: number): boolean {
  const before = at === 0 ? 0 : kindIn(bytes, at - 1);
  if ((before & (IS_LOWER | IS_UPPER)) === 0) return true;
  return (before & IS_LOWER) !== 0 && (kindIn(bytes, at) & IS_UPPER) !== 0;
}

/** Where a value ends, at most one character beyond the longest that is taken. */
function valueEnd(place: Place, start: number, quote: number, isEscaped: boolean): number {
  const { text, bytes } = place;
  const limit = Math.min(text.length, start + MAX_VALUE + 1);
  let end = start;
  if (quote === 0) {
    while (end < limit && (kindIn(bytes, end) & ENDS_VALUE) === 0 && bytes[end] !== EQUALS) end++;
    // Padding may end a value; what goes on behind an `=` is a name and its value.
    while (end < limit && bytes[end] === EQUALS) end++;
    place.read(start, end);
    while (end > start && endsSentence[bytes[end - 1] ?? 0] === 1) end--;
    return end;
  }
  while (end < limit && (bytes[end] ?? 0) > 32 && bytes[end] !== quote) end++;
  place.read(start, end);
  return isEscaped && bytes[end - 1] === BACKSLASH ? end - 1 : end;
}

const endsSentence = new Uint8Array(256);
for (const one of '.:!?') endsSentence[one.charCodeAt(0)] = 1;

/** Beginnings of what stands for a value: variables, templates, calls, paths. */
const STANDS_FOR =
  /^[$<{%[(&*#@|]|^\.{0,2}\/|\$\{|\{\{|\(|^(?:process|os|env|self|this|config|settings|req|args)\./;

/** What a value is made of: bits of `kinds` that some of its characters have (low), and that all have (high). */
function madeOf(bytes: Uint8Array, start: number, end: number): number {
  let some = 0;
  let all = 0xffff;
  for (let at = start; at < end; at++) {
    const kind = kindIn(bytes, at);
    some |= kind;
    all &= kind;
  }
  return some | (all << 16);
}

function judgePassword(place: Place, start: number, end: number, isQuoted: boolean, operator: number): void {
  const { text, bytes } = place;
  const length = end - start;
  if (length < 6 || length > 128) return;
  const made = madeOf(bytes, start, end);
  const hasDigit = (made & IS_DIGIT) !== 0;
  const hasSymbol = ((made >>> 16) & IN_NAME) === 0;
  if (!isQuoted && !hasDigit) return;
  if (!hasDigit && !hasSymbol) return;
  // `password = user2Name;` is a name in a program; `PASSWORD=summer2031` and `password: "summer2031"` are none.
  const isSet = isQuoted || (/^\s?$/.test(text.charAt(end)) && (operator === EQUALS || hasDigit));
  if (!isSet) return;
  const bits = entropy(bytes, start, end);
  if (bits < 2 || isPlaceholder(bytes, start, end)) return;
  const value = text.slice(start, end);
  if (STANDS_FOR.test(value) || /^(?:https?:|sha|md5)/.test(value)) return;
  const isStrong =
    length >= 8 && bits >= 2.7 && hasDigit && ((made & (IS_LOWER | IS_UPPER)) !== 0 || hasSymbol);
  place.add(CLASS.password, isStrong ? 'likely' : 'possible', start, end, KEYWORD, WHY);
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** Long values of a key or token: random, with a digit and a letter, and not made of words. */
function judgeValue(
  place: Place,
  kind: Exclude<Kind, 'password'>,
  cls: string,
  start: number,
  end: number,
): void {
  const { text, bytes } = place;
  const length = end - start;
  const isBare = kind === 'bare';
  if (length < (isBare ? 20 : 12) || length > MAX_VALUE) return;
  const made = madeOf(bytes, start, end);
  if (((made >>> 16) & IN_TOKEN) === 0) return;
  if ((made & IS_DIGIT) === 0 || (made & (IS_LOWER | IS_UPPER)) === 0) return;
  if (isWordy(bytes, start, end) || isPlaceholder(bytes, start, end)) return;
  if (entropy(bytes, start, end) < (isBare ? 3.4 : 2.9)) return;
  if ((made & PARTS_TOKEN) !== 0) {
    const value = text.slice(start, end);
    if (STANDS_FOR.test(value) || /:\/\/|^sha\d+:|\.\w{2,4}$/.test(value)) return;
  }
  if (bytes[start] === 115 && /^sha\d+-/.test(text.slice(start, end))) return;
  if (isBare && length === 36 && UUID.test(text.slice(start, end))) return;
  const confidence: Confidence = isBare ? 'possible' : 'likely';
  place.add(cls, confidence, start, end, KEYWORD, WHY);
}

const IS = /word i(?:s|st)[ \t]{1,4}(["'`]?)/y;

/** `the password is …`, as people write it in prompts. Looked for by six characters, which engines find fastest. */
export function contextualSentence(place: Place): void {
  const { text } = place;
  const mark = 'word i';
  let at = text.indexOf(mark, Math.max(0, place.from - MAX_BEFORE));
  for (; at !== -1 && at < place.to; at = text.indexOf(mark, at + mark.length)) {
    place.work.spend(8);
    IS.lastIndex = at;
    const match = IS.exec(text);
    if (match === null || text.slice(Math.max(0, at - 4), at).toLowerCase() !== 'pass') continue;
    const start = IS.lastIndex;
    const quote = match[1]?.charCodeAt(0) || 0;
    const end = valueEnd(place, start, quote, false);
    judgePassword(place, start, end, quote !== 0 || /\d/.test(text.slice(start, end)), COLON);
  }
}
