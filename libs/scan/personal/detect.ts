import { findNumberFirst, findStreet } from './address.ts';
import type { Chain } from './chain.ts';
import { ALNUM, DIGIT, HEX, kindAt, LETTER, MARGIN, WORD } from './characters.ts';
import { findEmail, findSpelled, findSpoken } from './email.ts';
import { findMember, findQueryValue } from './members.ts';
import { findName, findNameBefore } from './names.ts';
import { findAtColon, findMacAtDash } from './network.ts';
import { findInNumbers } from './numbers.ts';
import type { Piece } from './piece.ts';
import { hashStep, NO_WORD } from './words.ts';

/** What a character may begin. */
const NUMBER = 1;
const AT = 2;
const COLON = 3;
const HYPHEN = 4;
const BRACKET = 5;
const QUERY = 6;
const STOP = 7;
const CAPITAL = 8;
const EQUALS = 9;
/** The zero after the last character; a zero inside a text is passed over. */
const END = 10;

const STRUCTURED = new Uint8Array(256);
for (const [event, chars] of [
  [NUMBER, '0123456789'],
  [AT, '@'],
  [COLON, ':'],
  [HYPHEN, '-'],
  [BRACKET, '[({'],
  [QUERY, '?&'],
  [STOP, '.'],
] as const) {
  for (const char of chars) STRUCTURED[char.charCodeAt(0)] = event;
}
const ALL = STRUCTURED.slice();
for (let code = 0; code < 256; code++) {
  // 0x81: a capital outside ASCII.
  if ((code > 64 && code < 91) || code === 0x81) ALL[code] = CAPITAL;
}
ALL[61] = EQUALS;
STRUCTURED[0] = END;
ALL[0] = END;

/** Whether one of two characters may begin something, by both their codes: most stretches of a text are skipped by twos. */
function pairs(events: Uint8Array): Uint8Array {
  const table = new Uint8Array(65_536);
  for (let pair = 0; pair < 65_536; pair++) {
    table[pair] = events[pair & 255] !== 0 || events[pair >> 8] !== 0 ? 1 : 0;
  }
  return table;
}
const STRUCTURED_PAIRS = pairs(STRUCTURED);
const ALL_PAIRS = pairs(ALL);

/** Walks a loaded piece once, and hands each place where something may be to its detector. */
export function detect(piece: Piece, chain: Chain, all: boolean): void {
  const { bytes, twos, end } = piece;
  const events = all ? ALL : STRUCTURED;
  const couples = all ? ALL_PAIRS : STRUCTURED_PAIRS;
  let at = MARGIN;
  for (;;) {
    let event = events[bytes[at] ?? 0] ?? 0;
    if (event === 0) {
      let two = (at + 1) >> 1;
      while (couples[twos[two] ?? 0] === 0) two++;
      at = two << 1;
      event = events[bytes[at] ?? 0] ?? 0;
      if (event === 0) event = events[bytes[++at] ?? 0] ?? 0;
    }
    if (at >= end) return;
    switch (event) {
      case NUMBER:
        at = atNumber(piece, chain, at, all);
        continue;
      case AT:
        atSign(piece, at, all);
        break;
      case COLON:
        findAtColon(piece, at);
        if (all) findMember(piece, at);
        break;
      case HYPHEN:
        if ((bytes[at + 3] === 45 || bytes[at - 3] === 45) && (kindAt(bytes, at + 1) & HEX) !== 0)
          findMacAtDash(piece, at);
        break;
      case BRACKET:
        if (((bytes[at + 1] ?? 0) | 32) === 97) findSpelled(piece, at);
        break;
      case QUERY:
        if ((kindAt(bytes, at + 1) & LETTER) !== 0) findQueryValue(piece, at);
        break;
      case STOP:
        if ((kindAt(bytes, at + 1) & LETTER) !== 0 && (kindAt(bytes, at - 1) & ALNUM) !== 0)
          findSpoken(piece, at);
        break;
      case CAPITAL:
        at = atCapital(piece, at);
        continue;
      case EQUALS:
        findMember(piece, at);
        break;
    }
    at++;
  }
}

/** An e-mail address, and the name before it: `Anna Beispiel <anna@example.org>`. */
function atSign(piece: Piece, at: number, all: boolean): void {
  const start = findEmail(piece, at);
  if (all && start > 0 && piece.bytes[start - 1] === 60) findNameBefore(piece, start - 1);
}

/** Most numbers are short and alone: they are nothing's. */
function atNumber(piece: Piece, chain: Chain, start: number, all: boolean): number {
  const { bytes } = piece;
  let end = start + 1;
  while (end - start < 4 && (kindAt(bytes, end) & DIGIT) !== 0) end++;
  const after = bytes[end] ?? 0;
  if (all && after <= 44 && (after === 32 || after === 44)) {
    let whole = end;
    while (whole - start < 6 && (kindAt(bytes, whole) & DIGIT) !== 0) whole++;
    if ((kindAt(bytes, whole + 1) & LETTER) !== 0 || bytes[whole] === 44)
      findNumberFirst(piece, start, whole);
  }
  if (end - start < 4) {
    // One group whose digits two letters stand before may begin an account; one without them is nothing's.
    const isLettered = (kindAt(bytes, start - 1) & LETTER) !== 0 && (kindAt(bytes, start - 2) & LETTER) !== 0;
    if (!(isLettered && end - start > 1) && standsAlone(bytes, end)) return end;
    // Neither more digits behind a separator, nor letters around.
    const more =
      (kindAt(bytes, end + 1) & DIGIT) !== 0 || after === 41 || after === 40 || bytes[end + 1] === 40;
    if (!more && ((kindAt(bytes, end) | kindAt(bytes, start - 1)) & WORD) === 0) return end;
  }
  return findInNumbers(piece, chain, start, all);
}

/** What may part groups of digits, and what may follow it there. */
const PARTS = new Uint8Array(256);
for (const char of ' -./()') PARTS[char.charCodeAt(0)] = 1;
const FOLLOWS = new Uint8Array(256);
for (const char of ' -()0123456789') FOLLOWS[char.charCodeAt(0)] = 1;

/** Whether no other group of digits belongs to the one that ends here. */
const standsAlone = (bytes: Uint8Array, end: number): boolean =>
  PARTS[bytes[end] ?? 0] === 0 || FOLLOWS[bytes[end + 1] ?? 0] === 0;

/** A capital that begins a word may begin a name or a street; returns the index after the word. */
function atCapital(piece: Piece, start: number): number {
  const { bytes } = piece;
  let hash = NO_WORD;
  let at = start;
  while ((kindAt(bytes, at) & LETTER) !== 0) hash = hashStep(hash, bytes[at++] ?? 0);
  if ((kindAt(bytes, start - 1) & WORD) !== 0) return at;
  findName(piece, start);
  findStreet(piece, start, at, hash);
  return at;
}
