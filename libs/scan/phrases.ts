import { IN_WORD, IS_UPPER, kinds } from './alphabets.ts';
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

interface Word {
  start: number;
  end: number;
  text: string;
}

/** People, organisations, terms and labels that somebody registered, word for word. */
export function knownPhrases(place: Place, phrases: KnownPhrases): void {
  const { text } = place;
  for (
    let word = wordAt(text, place.from);
    word !== null && word.start < place.to;
    word = wordAt(text, word.end)
  ) {
    place.work.spend(4);
    const counts = phrases.begins(word.text);
    if (counts !== null) begun(place, phrases, word, counts);
  }
}

function begun(place: Place, phrases: KnownPhrases, first: Word, counts: readonly number[]): void {
  const { text } = place;
  const most = Math.min(MAX_WORDS, Math.max(...counts));
  let [joined, last, count] = [first.text, first, 1];
  for (;;) {
    place.work.spend(joined.length + 16);
    const known = counts.includes(count) ? phrases.lookup(joined) : null;
    if (known !== null)
      place.keep({
        class: known.class,
        confidence: 'certain',
        start: first.start,
        end: last.end,
        detector: 'phrase',
        why: 'a registered phrase',
        known: known.id,
      });
    if (++count > most) return;
    const next = wordAt(text, last.end, last.end + MAX_BETWEEN);
    if (next === null || next.end - first.start > MAX_PHRASE) return;
    joined += ` ${next.text}`;
    last = next;
  }
}

const isWordAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  if (code < 128) return ((kinds[code] ?? 0) & IN_WORD) !== 0 && code !== UNDERSCORE;
  // Halves of pairs count as letters: letters beyond the basic plane are rare, and so is anything that this joins.
  return (code >= 0xd800 && code <= 0xdfff) || WORD.test(String.fromCharCode(code));
};
const UNDERSCORE = 95;

/** The first word that begins at `from` or after it, and at `until` at the latest. */
function wordAt(text: string, from: number, until = text.length): Word | null {
  let start = from;
  // What goes on from before is no word's beginning.
  while (start > 0 && start < text.length && isWordAt(text, start - 1) && isWordAt(text, start)) start++;
  while (start < text.length && !isWordAt(text, start)) start++;
  if (start >= text.length || start > until) return null;
  let end = start;
  let isPlain = true;
  for (; end < text.length && end - start <= MAX_PHRASE && isWordAt(text, end); end++) {
    const code = text.charCodeAt(end);
    if (code >= 128 || ((kinds[code] ?? 0) & IS_UPPER) !== 0) isPlain = false;
  }
  const word = text.slice(start, end);
  return { start, end, text: isPlain ? word : plain(word) };
}
