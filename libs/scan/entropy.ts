import { Keywords } from './keywords.ts';

const counts = new Uint16Array(128);
/** n log2 n, for what one character occurs in a text. */
const weighed = Float64Array.from({ length: 1024 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)));

/** Bits per character of a text's `[from, to)` by Shannon; characters that are not ASCII count as one. */
export function entropy(bytes: Uint8Array, from: number, to: number): number {
  const end = Math.min(to, from + 1023);
  const length = end - from;
  if (length <= 0) return 0;
  let sum = 0;
  for (let at = from; at < end; at++) {
    const code = Math.min(bytes[at] ?? 0, 127);
    const count = (counts[code] ?? 0) + 1;
    counts[code] = count;
    sum += (weighed[count] ?? 0) - (weighed[count - 1] ?? 0);
  }
  for (let at = from; at < end; at++) counts[Math.min(bytes[at] ?? 0, 127)] = 0;
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
export function isPlaceholder(bytes: Uint8Array, from: number, to: number): boolean {
  return placeholders.isIn(bytes, from, to);
}

const OTHER = 0;
const DIGIT = 1;
const LOWER = 2;
const UPPER = 3;

/** What a character is, as pieces of names are parted. */
const sorts = new Uint8Array(256);
sorts.fill(LOWER, 97, 123);
sorts.fill(UPPER, 65, 91);
sorts.fill(DIGIT, 48, 58);

/** Bits of a, e, i, o, u, y, counted from a. */
const VOWELS = 0b1000100000100000100010001;

/**
 * Whether a value is made of words, as names in programs are: each piece between other characters and changes of case is
 * letters, with a vowel where there are more than three, or a number of up to four digits; words are half of it.
 */
export function isWordy(bytes: Uint8Array, from: number, to: number): boolean {
  let letters = 0;
  for (let at = from; at < to; ) {
    const first = sorts[bytes[at] ?? 0] ?? OTHER;
    let end = at + 1;
    let kind = first;
    let hasVowel = false;
    for (; end <= to; end++) {
      if (first >= LOWER && ((VOWELS >> (((bytes[end - 1] ?? 0) | 32) - 97)) & 1) === 1) hasVowel = true;
      const next = end < to ? (sorts[bytes[end] ?? 0] ?? OTHER) : OTHER;
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
  return letters * 2 >= to - from;
}
