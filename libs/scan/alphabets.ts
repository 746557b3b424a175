const DIGIT = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();

/** What a form may be made of. `base32` is RFC 4648's, `base58` Bitcoin's; padding (`=`) is written as a literal. */
export const ALPHABETS = {
  digit: DIGIT,
  hex: `${DIGIT}abcdef`,
  HEX: `${DIGIT}ABCDEF`,
  hex_any: `${DIGIT}abcdefABCDEF`,
  lower: LOWER,
  upper: UPPER,
  alpha: UPPER + LOWER,
  alnum_lower: DIGIT + LOWER,
  alnum_upper: DIGIT + UPPER,
  base32: `${UPPER}234567`,
  base58: '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz',
  base62: DIGIT + UPPER + LOWER,
  base64: `${UPPER + LOWER + DIGIT}+/`,
  base64url: `${UPPER + LOWER + DIGIT}-_`,
  word: `${DIGIT + UPPER + LOWER}_`,
  unreserved: `${DIGIT + UPPER + LOWER}-._~`,
} as const;

export type Alphabet = keyof typeof ALPHABETS;
export const ALPHABET_NAMES = Object.keys(ALPHABETS) as Alphabet[];

/** Bit of each alphabet in `members`. */
export const bitOf = (alphabet: Alphabet): number => 1 << ALPHABET_NAMES.indexOf(alphabet);

/** For each ASCII character the alphabets that it is in. */
export const members = new Uint16Array(128);
for (const name of ALPHABET_NAMES) {
  for (const character of ALPHABETS[name]) {
    const code = character.charCodeAt(0);
    members[code] = (members[code] ?? 0) | bitOf(name);
  }
}

export const BACKSLASH = 92;

export const IN_RUN = 1;
export const IS_DIGIT = 2;
export const IS_LOWER = 4;
export const IS_UPPER = 8;
/** `[A-Za-z0-9_]`: what may stand on neither side of a secret. */
export const IN_WORD = 16;
/** `[A-Za-z0-9+/=_-]` */
export const IN_WIDE = 32;
export const IS_HEX = 64;
/** White space in ASCII: a secret never goes over it. */
export const IS_SPACE = 128;

export const IS_DASH = 256;
/** White space, quotes, brackets, commas: what a value is set apart by. */
export const SETS_APART = 512;

/** For each UTF-16 unit what it is; what is not ASCII is none of it. So large that no look-up needs a check before it. */
export const kinds = new Uint16Array(0x10000);
const mark = (characters: string, bit: number): void => {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    kinds[code] = (kinds[code] ?? 0) | bit;
  }
};
mark(`${ALPHABETS.word}-`, IN_RUN);
mark(DIGIT, IS_DIGIT);
mark(LOWER, IS_LOWER);
mark(UPPER, IS_UPPER);
mark(ALPHABETS.word, IN_WORD);
mark(`${ALPHABETS.base64url}+/=`, IN_WIDE);
mark(ALPHABETS.hex_any, IS_HEX);
mark(' \t\r\n\v\f', IS_SPACE);
mark('-', IS_DASH);
mark(` \t\r\n\v\f"'\`<>(),;[]{}`, SETS_APART);

/** What stands at `at`; nothing of it past the end. */
export const kindAt = (text: string, at: number): number => kinds[text.charCodeAt(at)] ?? 0;

/** Characters that follow a backslash in strings of programs, where what comes next begins something new. */
const ESCAPED = new Set([...'nrtbfv'].map((one) => one.charCodeAt(0)));

/** Whether a secret can begin at `at`: nothing of a word stands before it, unless that ends an escape (`\n`). */
export function beginsAt(text: string, at: number): boolean {
  if (at === 0 || (kindAt(text, at - 1) & IN_WORD) === 0 || (kindAt(text, at) & IN_WORD) === 0) return true;
  return at >= 2 && text.charCodeAt(at - 2) === BACKSLASH && ESCAPED.has(text.charCodeAt(at - 1));
}
