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
export const members = new Uint16Array(256);
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

/** What a value without quotes ends at. */
export const ENDS_VALUE = 1024;

/** What keys and tokens are written with: `[A-Za-z0-9_+/=.~:-]`. */
export const IN_TOKEN = 2048;
/** What passwords without a symbol are written with: `[A-Za-z0-9_.-]`. */
export const IN_NAME = 4096;
/** `.`, `/` and `:` */
export const PARTS_TOKEN = 8192;

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
mark(` \t\r\n\v\f"'\`,;)}]<>|&\\`, ENDS_VALUE);
mark(` \t\r\n\v\f"'\`<>(),;[]{}`, SETS_APART);
mark(`${ALPHABETS.word}+/=.~:-`, IN_TOKEN);
mark(`${ALPHABETS.word}.-`, IN_NAME);
mark('./:', PARTS_TOKEN);

/** The same by byte, as `Codes` has them. */
export const byteKinds = kinds.slice(0, 256);

/** What stands at `at`; nothing of it past the end. */
export const kindAt = (text: string, at: number): number => kinds[text.charCodeAt(at)] ?? 0;

/** The same of a text's `Codes`. */
export const kindIn = (bytes: Uint8Array, at: number): number => byteKinds[bytes[at] ?? 0] ?? 0;

/** Characters that follow a backslash in strings of programs, where what comes next begins something new. */
const escaped = new Uint8Array(256);
for (const one of 'nrtbfv') escaped[one.charCodeAt(0)] = 1;

/** Whether a secret can begin at `at`: nothing of a word stands before it, unless that ends an escape (`\n`). */
export function beginsAt(bytes: Uint8Array, at: number): boolean {
  if (at === 0 || (kindIn(bytes, at - 1) & IN_WORD) === 0 || (kindIn(bytes, at) & IN_WORD) === 0) return true;
  return at >= 2 && bytes[at - 2] === BACKSLASH && escaped[bytes[at - 1] ?? 0] === 1;
}
