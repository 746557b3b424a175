import metadata from 'libphonenumber-js/min/metadata';
import { IN_WORD, IS_DIGIT, IS_UPPER, kinds } from './alphabets.ts';
import type { Place } from './place.ts';
import type { KnownPhrases } from './types.ts';

/** A phrase has at most so many words. */
export const MAX_WORDS = 8;
/** A phrase, as it stands in a text, is at most so long. */
export const MAX_PHRASE = 160;
/** Between two words of a phrase there are at most so many other characters. */
const MAX_BETWEEN = 3;

const WORD = /[\p{L}\p{N}\p{M}]/u;
const WORDS = /[\p{L}\p{N}\p{M}]+/gu;

/**
 * A word as it is compared: compatibility forms made plain, accents and other marks off, in small letters, `ß` as `ss`.
 * What looks alike in another script stays another word.
 */
const plain = (word: string): string =>
  word
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toUpperCase()
    .toLowerCase();

/** The words of a phrase, as they are hashed: joined by single spaces for `lookup`, the first alone for `begins`. */
export function phraseWords(phrase: string): string[] {
  return [...phrase.matchAll(WORDS)].map(([word]) => plain(word)).filter((word) => word !== '');
}

/** Shorter numbers are in too many texts by chance. */
const SHORTEST_NUMBER = 8;
const LONGEST_NUMBER = 17;
/** Before the digits of a number: no word has it. */
const NUMBER = '#';

const callingCodes = new Set(Object.keys(metadata.country_calling_codes));

/**
 * A telephone number as it is hashed, each form as one word: its digits with the calling code, where it is written with
 * `+` or `00`, and those within the country. `[]`: it has fewer than 8 digits, or more than 15.
 */
export function phoneWords(number: string): string[] {
  const written = number.normalize('NFKC').replace('(0)', '').trim();
  const digits = written.replace(/\D/g, '');
  const isWhole = written.startsWith('+') || digits.startsWith('00');
  const bare = digits.replace(/^0+/, '');
  const code = isWhole ? [1, 2, 3].map((end) => bare.slice(0, end)).find((one) => callingCodes.has(one)) : '';
  const forms = [bare, bare.slice(code?.length ?? 0)];
  if (bare.length > 15) return [];
  return [...new Set(forms)].filter((one) => one.length >= SHORTEST_NUMBER).map((one) => NUMBER + one);
}

interface Word {
  start: number;
  end: number;
  text: string;
}

const SLOTS = 8192;
/** Words that are this long are not remembered. */
const LONGEST_KEPT = 24;

/** Registered phrases, and what was said of the latest words: most words of a text were asked for before. */
export class Phrases {
  readonly #known: KnownPhrases;
  readonly #words: string[] = new Array<string>(SLOTS).fill('');
  readonly #counts: (readonly number[] | null)[] = new Array<null>(SLOTS).fill(null);

  constructor(known: KnownPhrases) {
    this.#known = known;
  }

  /** How many words phrases have that begin with the word at `[start, end)` of ASCII letters and digits. */
  beginsAt(text: string, start: number, end: number): readonly number[] | null {
    if (end - start > LONGEST_KEPT) return this.#known.begins(text.slice(start, end).toLowerCase());
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (text.charCodeAt(at) | 0x20)) | 0;
    const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1);
    const kept = this.#words[slot] ?? '';
    if (isKept(kept, text, start, end)) return this.#counts[slot] ?? null;
    const word = text.slice(start, end).toLowerCase();
    const counts = this.#known.begins(word);
    this.#words[slot] = word;
    this.#counts[slot] = counts;
    return counts;
  }

  begins(word: string): readonly number[] | null {
    return this.#known.begins(word);
  }

  lookup(words: string): { id: string; class: string } | null {
    return this.#known.lookup(words);
  }
}

/** Digits with the bit of small letters set are themselves. */
function isKept(kept: string, text: string, start: number, end: number): boolean {
  if (kept.length !== end - start) return false;
  for (let at = 0; at < kept.length; at++)
    if (kept.charCodeAt(at) !== (text.charCodeAt(start + at) | 0x20)) return false;
  return true;
}

/** People, organisations, terms and labels that somebody registered, word for word. */
export function knownPhrases(place: Place, phrases: Phrases): void {
  const { text, to } = place;
  let start = wordStart(text, place.from);
  while (start < to && start < text.length) {
    place.work.spend(4);
    let end = start;
    let isAscii = true;
    for (; end < text.length && end - start <= MAX_PHRASE && isWordAt(text, end); end++)
      if (text.charCodeAt(end) >= 128) isAscii = false;
    const isNumber = isAscii && isDigitAt(text, start);
    const counts = isAscii
      ? phrases.beginsAt(text, start, end)
      : phrases.begins(plain(text.slice(start, end)));
    if (counts !== null) begun(place, phrases, wordOf(text, start, end), counts);
    if (isNumber) number(place, phrases, start, end);
    // Of what is written without spaces, the next stretch.
    start = end;
    while (start < text.length && !isWordAt(text, start)) start++;
  }
}

/** The first character of a word at `from` or after it. */
function wordStart(text: string, from: number): number {
  let start = from;
  // What goes on from before is no word's beginning.
  while (start > 0 && start < text.length && isWordAt(text, start - 1) && isWordAt(text, start)) start++;
  while (start < text.length && !isWordAt(text, start)) start++;
  return start;
}

function begun(place: Place, phrases: Phrases, first: Word, counts: readonly number[]): void {
  const { text } = place;
  const most = Math.min(MAX_WORDS, Math.max(...counts));
  let [joined, last, count] = [first.text, first, 1];
  for (;;) {
    place.work.spend(joined.length + 16);
    const known = counts.includes(count) ? phrases.lookup(joined) : null;
    if (known !== null) keep(place, known, first.start, last.end);
    if (++count > most) return;
    const next = wordAt(text, last.end, last.end + MAX_BETWEEN);
    if (next === null || next.end - first.start > MAX_PHRASE) return;
    joined += ` ${next.text}`;
    last = next;
  }
}

function keep(place: Place, known: { id: string; class: string }, start: number, end: number): void {
  place.keep({
    class: known.class,
    confidence: 'certain',
    start,
    end,
    detector: 'phrase',
    why: 'a registered phrase',
    known: known.id,
  });
}

/** Groups of digits from here on, as telephone numbers are written: each that could be one is asked for. */
function number(place: Place, phrases: Phrases, start: number, end: number): void {
  const { text } = place;
  let digits = '';
  let [from, until] = [start, end];
  for (let group = 0; group < MOST_GROUPS; group++) {
    const written = text.slice(from, until);
    if (digits.length + written.length > LONGEST_NUMBER || NO_DIGIT.test(written)) return;
    // The nought that is left out after a calling code: +49 (0) 170 …
    const isLeftOut = written === '0' && digits !== '' && text[from - 1] === '(';
    if (!isLeftOut) digits += written;
    place.work.spend(2);
    if (digits.length >= SHORTEST_NUMBER) dialled(place, phrases, digits, start, until);
    from = until;
    while (from < text.length && from - until <= MAX_BETWEEN && !isWordAt(text, from)) from++;
    if (from >= text.length || !BETWEEN.test(text.slice(until, from))) return;
    until = from;
    while (until < text.length && until - from <= LONGEST_NUMBER && isWordAt(text, until)) until++;
  }
}
const MOST_GROUPS = 7;
const NO_DIGIT = /[^0-9]/;
const BETWEEN = /^[ ./()-]{1,3}$/;

function dialled(place: Place, phrases: Phrases, digits: string, start: number, end: number): void {
  const word = NUMBER + digits.replace(/^0+/, '');
  if (word.length <= SHORTEST_NUMBER || phrases.begins(word) === null) return;
  const known = phrases.lookup(word);
  if (known !== null) keep(place, known, start, end);
}

const isDigitAt = (text: string, at: number): boolean => ((kinds[text.charCodeAt(at)] ?? 0) & IS_DIGIT) !== 0;

const isWordAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  if (code < 128) return ((kinds[code] ?? 0) & IN_WORD) !== 0 && code !== UNDERSCORE;
  if (code < 0xd800 || code > 0xdfff) return WORD.test(String.fromCharCode(code));
  // Halves of pairs are what their pair is: names stand right beside pictures.
  const point = text.codePointAt(code < 0xdc00 ? at : at - 1) ?? 0;
  return point > 0xffff && WORD.test(String.fromCodePoint(point));
};
const UNDERSCORE = 95;

/** The first word that begins at `from` or after it, and at `until` at the latest. */
function wordAt(text: string, from: number, until: number): Word | null {
  const start = wordStart(text, from);
  if (start >= text.length || start > until) return null;
  let end = start;
  while (end < text.length && end - start <= MAX_PHRASE && isWordAt(text, end)) end++;
  return wordOf(text, start, end);
}

function wordOf(text: string, start: number, end: number): Word {
  let isPlain = true;
  for (let at = start; at < end && isPlain; at++) {
    const code = text.charCodeAt(at);
    isPlain = code < 128 && ((kinds[code] ?? 0) & IS_UPPER) === 0;
  }
  const word = text.slice(start, end);
  return { start, end, text: isPlain ? word : plain(word) };
}
