import { IN_WIDE, IS_DIGIT, IS_LOWER, IS_SPACE, IS_UPPER, kindAt, kinds } from './alphabets.ts';
import { entropy, isPlaceholder, isWordy } from './entropy.ts';
import { Keywords } from './keywords.ts';
import { KEYWORD } from './merge.ts';
import type { Place } from './place.ts';
import type { Run } from './runs.ts';
import type { Confidence } from './types.ts';

/** A keyword stands at most so far before its value. */
const MAX_BEFORE = 64;
/** Values that are longer are no secrets that people write beside a keyword. */
const MAX_VALUE = 512;
const WHY = 'keyword before value';

type Kind = 'password' | 'token' | 'key' | 'bare';
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
const bySlot = new Map<number, [string, Kind][]>();
const slot = (a: number, b: number, c: number): number =>
  ((a & 31) * 37 + (b & 31) * 7 + (c & 31) * 61) & (SLOTS - 1);
for (const ending of ENDINGS) {
  const [a = 0, b = 0, c = 0] = [...ending[0].slice(-3)].map((one) => one.charCodeAt(0));
  const at = slot(a, b, c);
  isEnd[at] = 1;
  bySlot.set(
    at,
    [...(bySlot.get(at) ?? []), ending].sort(([x], [y]) => y.length - x.length),
  );
}

/** Words that tell of a secret anywhere before a long random value. */
const words = new Keywords<Kind>();
for (const [word, kind] of [
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
] as const)
  words.add(word, kind, word);

/**
 * A long random run after a word that tells of a secret, in one line with at most two other words between:
 * `Authorization: Bearer …`, `--api-key …`, `the token is …`.
 */
export function contextualRun(place: Place, run: Run, lead: number): void {
  const { text } = place;
  if (run.isCut || (run.kinds & IS_DIGIT) === 0 || (run.kinds & (IS_LOWER | IS_UPPER)) === 0) return;
  const start = valueStart(text, run.start);
  const from = Math.max(0, Math.min(lead, start) - MAX_BEFORE);
  let kind: Kind | null = null;
  let after = 0;
  place.work.spend(MAX_BEFORE);
  words.find(text, from, start, (found, end) => {
    // `tokenizer` is another word.
    if ((kindAt(text, end) & IS_LOWER) !== 0) return;
    kind = found;
    after = end;
  });
  if (kind === null || !isNear(text, after, start)) return;
  let end = run.end;
  while (end < text.length && end - start <= MAX_VALUE && (kindAt(text, end) & IN_WIDE) !== 0) end++;
  place.work.spend(end - start);
  judgeValue(place, kind === 'password' ? 'key' : kind, CLASS[kind], start, end);
}

/** The beginning of base64 that a run stands in. */
function valueStart(text: string, at: number): number {
  let start = at;
  const floor = Math.max(0, at - MAX_BEFORE);
  while (start > floor && (kindAt(text, start - 1) & IN_WIDE) !== 0 && text.charCodeAt(start - 1) !== EQUALS)
    start--;
  return start;
}

function isNear(text: string, from: number, to: number): boolean {
  let count = 0;
  let inWord = true;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 46 && (kindAt(text, at + 1) & IS_SPACE) !== 0)) return false;
    const isLetter = ((kinds[code] ?? 0) & (IS_LOWER | IS_UPPER)) !== 0;
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
  const { text } = place;
  const until = Math.min(place.to, text.length);
  let at = text.indexOf(operator, Math.max(0, place.from - MAX_GAP));
  while (at !== -1 && at < until) {
    place.work.spend(1);
    const end = nameEnd(text, at);
    if (end >= 3) {
      const key = slot(text.charCodeAt(end - 3), text.charCodeAt(end - 2), text.charCodeAt(end - 1));
      if (isEnd[key] === 1) pair(place, key, end, at);
    }
    at = text.indexOf(operator, at + 1);
  }
}

/** Between a name and its operator there may be a quote, a bracket, a space. */
function nameEnd(text: string, operator: number): number {
  let end = operator;
  for (let skipped = 0; skipped < 4 && end > 0; skipped++, end--) {
    const code = text.charCodeAt(end - 1);
    if (code !== 32 && code !== 34 && code !== 39 && code !== 93 && code !== BACKSLASH && code !== COLON)
      break;
  }
  return end;
}

const BACKSLASH = 92;
/** From an operator to its value: a second operator, spaces, a quote, `Bearer`. */
const MAX_GAP = 20;
const GAP = /[=:>]{0,2}[ \t]{0,8}(?:(?:bearer|basic|token|apikey)[ \t]{1,4})?(\\?["'`])?/iy;
const UNQUOTED_END = /[\s"'`,;)}\]<>|&\\]/;

function pair(place: Place, key: number, end: number, operator: number): void {
  const { text } = place;
  const kind = kindOf(text, key, end);
  place.work.spend(4);
  if (kind === null) return;
  GAP.lastIndex = operator + 1;
  const gap = GAP.exec(text);
  const start = GAP.lastIndex;
  if (gap === null || start - operator > MAX_GAP || start < place.from || start >= place.to) return;
  const quote = gap[1];
  const stop = valueEnd(text, start, quote);
  place.work.spend(stop - start);
  const isQuoted = quote !== undefined && text.startsWith(quote, stop);
  if (kind === 'password') judgePassword(place, start, stop, isQuoted, text.charAt(operator));
  else judgeValue(place, kind, CLASS[kind], start, stop);
}

/** What a name that ends at `end` is of. */
function kindOf(text: string, key: number, end: number): Kind | null {
  for (const [ending, kind] of bySlot.get(key) ?? []) {
    const start = endingStart(text, end, ending);
    // Long endings may stand in one piece with what is before them (`dbpassword`); short ones are words of their own.
    if (start !== -1 && (ending.length >= 6 || isWordStart(text, start))) return kind;
  }
  return null;
}

/** Where an ending begins that stands before `end`, in any case, its words parted by one `-`, `_`, `.` or space or not. */
function endingStart(text: string, end: number, ending: string): number {
  let at = end;
  for (let index = ending.length - 1; index >= 0; index--) {
    let code = text.charCodeAt(--at);
    if (index < ending.length - 1 && (code === 45 || code === 95 || code === 46 || code === 32))
      code = text.charCodeAt(--at);
    if ((code | 32) !== ending.charCodeAt(index) || code < 65) return -1;
  }
  return at;
}

/** Nothing of the same word stands before: no letter, or a small one before a capital. */
function isWordStart(text: string, at: number): boolean {
  const before = at === 0 ? 0 : kindAt(text, at - 1);
  if ((before & (IS_LOWER | IS_UPPER)) === 0) return true;
  return (before & IS_LOWER) !== 0 && (kindAt(text, at) & IS_UPPER) !== 0;
}

function valueEnd(text: string, start: number, quote: string | undefined): number {
  const limit = Math.min(text.length, start + MAX_VALUE);
  const own = quote?.at(-1);
  let end = start;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (code <= 32) break;
    const character = text.charAt(end);
    if (own === undefined ? UNQUOTED_END.test(character) : character === own) break;
  }
  if (own !== undefined) return quote?.length === 2 && text.charCodeAt(end - 1) === BACKSLASH ? end - 1 : end;
  while (end > start && /[.:!?]/.test(text.charAt(end - 1))) end--;
  return end;
}

/** Beginnings of what stands for a value: variables, templates, calls, paths. */
const STANDS_FOR =
  /^[$<{%[(&*#@|]|^\.{0,2}\/|\$\{|\{\{|\(|^(?:process|os|env|self|this|config|settings|req|args)\./;

function judgePassword(place: Place, start: number, end: number, isQuoted: boolean, operator: string): void {
  const { text } = place;
  const length = end - start;
  if (length < 6 || length > 128) return;
  const value = text.slice(start, end);
  const hasDigit = /\d/.test(value);
  const hasSymbol = /[^A-Za-z0-9_.-]/.test(value);
  if ((!hasDigit && !hasSymbol) || STANDS_FOR.test(value) || isPlaceholder(value)) return;
  if (/^(.)\1*$/.test(value) || /^(?:https?:|sha|md5)/.test(value)) return;
  const next = text.charAt(end);
  // `password = user2Name;` is a name in a program; `PASSWORD=summer2031` and `password: "summer2031"` are none.
  const isSet = isQuoted || (/^\s?$/.test(next) && (operator === '=' || hasDigit));
  if (!isSet || (!isQuoted && !hasDigit)) return;
  const bits = entropy(text, start, end);
  if (bits < 2) return;
  const isStrong = length >= 8 && bits >= 2.7 && hasDigit && (/[A-Za-z]/.test(value) || hasSymbol);
  place.add(CLASS.password, isStrong ? 'likely' : 'possible', start, end, KEYWORD, WHY);
}

const TOKEN = /^[\w+/=.~:-]+$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** Long values of a key or token: random, with a digit and a letter, and not made of words. */
function judgeValue(
  place: Place,
  kind: Exclude<Kind, 'password'>,
  cls: string,
  start: number,
  end: number,
): void {
  const { text } = place;
  const length = end - start;
  const isBare = kind === 'bare';
  if (length < (isBare ? 20 : 12) || length > MAX_VALUE) return;
  const bits = entropy(text, start, end);
  if (bits < (isBare ? 3.4 : 2.9)) return;
  const value = text.slice(start, end);
  if (!TOKEN.test(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return;
  if (STANDS_FOR.test(value) || isPlaceholder(value) || /:\/\/|^sha\d+[-:]|\.\w{2,4}$/.test(value)) return;
  if ((isBare && UUID.test(value)) || isWordy(value)) return;
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
    const quote = match[1] === '' ? undefined : match[1];
    const end = valueEnd(text, start, quote);
    place.work.spend(end - start);
    judgePassword(place, start, end, quote !== undefined || /\d/.test(text.slice(start, end)), ':');
  }
}
