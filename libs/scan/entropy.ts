import { Keywords } from './keywords.ts';

const counts = new Uint16Array(128);
/** n log2 n, for what one character occurs in a text. */
const weighed = Float64Array.from({ length: 1024 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)));

/** Bits per character of `text[from, to)` by Shannon; characters that are not ASCII count as one. */
export function entropy(text: string, from: number, to: number): number {
  const end = Math.min(to, from + 1023);
  const length = end - from;
  if (length <= 0) return 0;
  let sum = 0;
  for (let at = from; at < end; at++) {
    const code = Math.min(text.charCodeAt(at), 127);
    const count = (counts[code] ?? 0) + 1;
    counts[code] = count;
    sum += (weighed[count] ?? 0) - (weighed[count - 1] ?? 0);
  }
  for (let at = from; at < end; at++) counts[Math.min(text.charCodeAt(at), 127)] = 0;
  return Math.log2(length) - sum / length;
}

const placeholders = new Keywords<null>();
for (const word of [
  ...[
    'example',
    'placeholder',
    'change_me',
    'changeme',
    'replace',
    'your',
    'dummy',
    'redacted',
    'sample',
    'xxxx',
  ],
  ...['***', '...', '00000000', '12345678', 'abcdefgh', 'todo', 'insert'],
])
  placeholders.add(word, null, word);

/** Whether a value says of itself that it stands for another. */
export function isPlaceholder(value: string): boolean {
  let is = false;
  placeholders.find(value, 0, value.length, () => {
    is = true;
  });
  return is;
}

const OTHER = 0;
const DIGIT = 1;
const LOWER = 2;
const UPPER = 3;

/** What a character is, as pieces of names are parted. */
function sort(code: number): number {
  if (code >= 97 && code <= 122) return LOWER;
  if (code >= 65 && code <= 90) return UPPER;
  return code >= 48 && code <= 57 ? DIGIT : OTHER;
}

/** Bits of a, e, i, o, u, y, counted from a. */
const VOWELS = 0b1000100000100000100010001;

/**
 * Whether a value is made of words, as names in programs are: each piece between other characters and changes of case is
 * letters, with a vowel where there are more than three, or a number of up to four digits; words are half of it.
 */
export function isWordy(value: string): boolean {
  let letters = 0;
  for (let at = 0; at < value.length; ) {
    const first = sort(value.charCodeAt(at));
    let end = at + 1;
    let kind = first;
    let hasVowel = false;
    for (; end <= value.length; end++) {
      if (first >= LOWER && ((VOWELS >> ((value.charCodeAt(end - 1) | 32) - 97)) & 1) === 1) hasVowel = true;
      const next = end < value.length ? sort(value.charCodeAt(end)) : OTHER;
      // A capital and small letters are one piece, and so are capitals.
      if (next !== kind && !(kind === UPPER && next === LOWER && end === at + 1)) break;
      kind = next;
    }
    const length = end - at;
    if (first === DIGIT && length > 4) return false;
    if (first >= LOWER) {
      if (length > 3 && !hasVowel) return false;
      if (length >= 3) letters += length;
    }
    at = end;
  }
  return letters * 2 >= value.length;
}
