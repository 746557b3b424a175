import { ALNUM, kindAt, LETTER, LINE, LOWER, lineEnds, SPACE, UPPER } from './characters.ts';
import {
  COPULA,
  GREETING,
  INTRODUCTION,
  NAME,
  NAME_WORDS,
  NOBODY,
  PARTICLE,
  SIGN_OFF,
  TITLE,
} from './name-words.ts';
import type { Piece } from './piece.ts';
import { hashStep, NO_WORD } from './words.ts';

const LONGEST_NAME = 60;
const LONGEST_PART = 24;
const MOST_PARTS = 4;

/** What the last call of `readName` read. */
const name = { end: 0, parts: 0, first: 0 };

/**
 * Reads a name from a capital letter on: up to four parts, with initials, hyphens, apostrophes, and small words
 * between them. Whether there is one.
 */
export function readName(bytes: Uint8Array, start: number): boolean {
  name.end = 0;
  name.parts = 0;
  let at = start;
  while (name.parts < MOST_PARTS && (kindAt(bytes, at) & UPPER) !== 0) {
    const from = at;
    let hash = NO_WORD;
    while (isPart(bytes, at)) {
      if (at - from > LONGEST_PART || at - start > LONGEST_NAME) return false;
      hash = hashStep(hash, bytes[at++] ?? 0);
    }
    if (name.parts === 0) name.first = NAME_WORDS.get(hash);
    else if ((NAME_WORDS.get(hash) & (SIGN_OFF | NOBODY)) !== 0) break;
    name.parts++;
    // An initial keeps its dot.
    if (at - from === 1 && bytes[at] === 46) at++;
    else if (at - from === 1 && name.parts === 1 && (kindAt(bytes, at) & SPACE) === 0) return false;
    name.end = at;
    if (bytes[at] !== 32) break;
    at = afterParticles(bytes, at + 1);
  }
  return name.end !== 0 && (kindAt(bytes, name.end) & ALNUM) === 0 && bytes[name.end] !== 95;
}

function isPart(bytes: Uint8Array, at: number): boolean {
  if ((kindAt(bytes, at) & LETTER) !== 0) return true;
  const code = bytes[at];
  if (code !== 39 && code !== 45) return false;
  return (kindAt(bytes, at + 1) & LETTER) !== 0 && (code === 45 || (kindAt(bytes, at + 1) & UPPER) !== 0);
}

/** Past up to two small words (`van der`). */
function afterParticles(bytes: Uint8Array, at: number): number {
  let next = at;
  for (let words = 0; words < 2 && (kindAt(bytes, next) & LOWER) !== 0; words++) {
    let hash = NO_WORD;
    const from = next;
    while (next - from < 6 && (kindAt(bytes, next) & LETTER) !== 0) hash = hashStep(hash, bytes[next++] ?? 0);
    if ((NAME_WORDS.get(hash) & PARTICLE) === 0 || bytes[next] !== 32) return at;
    next++;
  }
  return next;
}

/** Where the word that ends before `end` begins, and its bits. */
const word = { start: 0, mask: 0 };

function readWordBefore(bytes: Uint8Array, end: number): void {
  let start = end;
  while (end - start < 16 && (kindAt(bytes, start - 1) & LETTER) !== 0) start--;
  word.start = start;
  word.mask = 0;
  if (start === end || (kindAt(bytes, start - 1) & ALNUM) !== 0) return;
  let hash = NO_WORD;
  for (let at = start; at < end; at++) hash = hashStep(hash, bytes[at] ?? 0);
  word.mask = NAME_WORDS.get(hash);
}

/** Words before a name are hints: capitals alone (`SQL`, `HEAD`) are then no name. */
const report = (piece: Piece, start: number, why: string): void => {
  if ((kindAt(piece.bytes, start + 1) & UPPER) !== 0) return;
  piece.report('person.name', 'likely', start, name.end, 'personal.name', why);
};

/** Called at the first letter, a capital, of a word: is it a name by what stands before it? */
export function findName(piece: Piece, start: number): void {
  const { bytes } = piece;
  const before = bytes[start - 1] ?? 0;
  if (before === 10 || before === 13) findSigned(piece, start);
  if (before !== 32) return;
  let end = start - 1;
  const mark = bytes[end - 1] ?? 0;
  if (mark === 46 || mark === 44) end--;
  else if ((kindAt(bytes, end - 1) & LETTER) === 0) return;
  readWordBefore(bytes, end);
  const { mask, start: wordStart } = word;
  if (mask === 0) return;
  if (mark === 44) {
    if ((mask & SIGN_OFF) !== 0) reportAlone(piece, start);
    return;
  }
  // `MS SQL Server` is no lady.
  if (
    (mask & TITLE) !== 0 &&
    (kindAt(bytes, wordStart) & UPPER) !== 0 &&
    (kindAt(bytes, wordStart + 1) & LOWER) !== 0
  ) {
    if (readName(bytes, start) && (name.first & (TITLE | NOBODY)) === 0)
      report(piece, start, 'title before it');
    return;
  }
  if (mark === 46) return;
  if ((mask & GREETING) !== 0) {
    if (!readName(bytes, start) || (name.first & (TITLE | NOBODY | GREETING)) !== 0) return;
    const after = bytes[name.end];
    const stops = after === 44 || after === 33 || after === 58 || after === 46;
    if (lineEnds(bytes, name.end) || (stops && (kindAt(bytes, name.end + 1) & ALNUM) === 0)) {
      report(piece, start, 'greeting before it');
    }
    return;
  }
  if ((mask & INTRODUCTION) !== 0) introduce(piece, start);
  else if ((mask & COPULA) !== 0 && bytes[wordStart - 1] === 32 && (kindAt(bytes, wordStart) & LOWER) !== 0) {
    readWordBefore(bytes, wordStart - 1);
    if ((word.mask & NAME) !== 0) introduce(piece, start);
  }
}

function introduce(piece: Piece, start: number): void {
  if (readName(piece.bytes, start) && (name.first & NOBODY) === 0) report(piece, start, 'introduced by name');
}

/** A line of its own after a line that ends as letters end. */
function findSigned(piece: Piece, start: number): void {
  const { bytes } = piece;
  let end = start - 1;
  while (start - end < 5 && (kindAt(bytes, end - 1) & (LINE | SPACE)) !== 0) end--;
  if (bytes[end - 1] === 44 || bytes[end - 1] === 33 || bytes[end - 1] === 46) end--;
  if ((kindAt(bytes, end - 1) & LETTER) === 0) return;
  readWordBefore(bytes, end);
  if ((word.mask & SIGN_OFF) !== 0) reportAlone(piece, start);
}

function reportAlone(piece: Piece, start: number): void {
  const { bytes } = piece;
  if (!readName(bytes, start) || (name.first & (NOBODY | GREETING | SIGN_OFF)) !== 0) return;
  if (name.parts < 4 && lineEnds(bytes, name.end)) report(piece, start, 'sign-off before it');
}

/** `Anna Beispiel <anna@example.org>`: called with the index of the '<'. */
export function findNameBefore(piece: Piece, angle: number): void {
  const { bytes } = piece;
  let end = angle;
  if (bytes[end - 1] === 32) end--;
  if (bytes[end - 1] === 34) end--;
  let start = end;
  while (end - start < LONGEST_NAME) {
    const kind = kindAt(bytes, start - 1);
    const code = bytes[start - 1];
    if ((kind & LETTER) === 0 && code !== 32 && code !== 46 && code !== 45 && code !== 39) break;
    start--;
  }
  while (start < end && (kindAt(bytes, start) & UPPER) === 0) start++;
  if (readName(bytes, start) && name.end === end && (name.first & NOBODY) === 0) {
    report(piece, start, 'before an e-mail address');
  }
}

/** Whether a whole text, given by its folded codes, is written like the name of a person: capitals, two parts or more. */
export function looksLikeName(bytes: Uint8Array, start: number, end: number): boolean {
  return readName(bytes, start) && name.end === end && name.parts > 1;
}

/** The end of the name that begins at a capital letter; 0 when there is none. */
export function nameEnd(bytes: Uint8Array, start: number): number {
  return readName(bytes, start) && (name.first & (NOBODY | TITLE)) === 0 ? name.end : 0;
}
