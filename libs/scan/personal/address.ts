import { ALNUM, DIGIT, kindAt, LETTER, LOWER, UPPER, WORD } from './characters.ts';
import { ABOUT } from './context.ts';
import type { Piece } from './piece.ts';
import { hashStep, NO_WORD, WordTable } from './words.ts';

/** Longer addresses are cut, longer streets are none. */
const LONGEST_PLACE = 120;
const MOST_WORDS = 6;

/** `12 High Street`: stands after the name. */
const ENGLISH = 1;
/** The same, and a word of other uses too. */
const ENGLISH_WEAK = 2;
/** `12 rue de la Paix`: stands between number and name. */
const FRENCH = 4;
/** `Calle Mayor 5`: stands before name and number. */
const BEFORE = 8;
/** `Berliner Straße 12`: stands between name and number. */
const GERMAN = 16;
/** Small words inside a street's or a place's name. */
const SMALL = 32;
const UNIT = 64;

const STREETS = new WordTable([
  [
    ENGLISH,
    'street avenue road lane drive boulevard rd ave ln blvd crescent terrace highway hwy parkway pkwy mews',
  ],
  [
    ENGLISH_WEAK,
    'st dr court ct way place pl square sq close circle cir trail row gardens grove hill walk green park',
  ],
  [FRENCH, 'rue avenue av boulevard bd place chemin allee impasse quai route cours square passage faubourg'],
  [
    BEFORE,
    `calle avenida avda paseo plaza carrer camino ronda via viale piazza corso vicolo largo rua travessa praca alameda ulica
    ul aleja aleje plac osiedle os`,
  ],
  [GERMAN, 'strase strasse str allee platz weg gasse ring damm ufer chaussee straat laan plein gatan vagen'],
  [
    SMALL,
    'de la las los le les du des d l del della dei delle degli di da do dos das den der van von of the af och en y a et am an',
  ],
  [UNIT, 'apt apartment suite ste unit flat floor appartement etage piso planta interno lok m'],
]);

/** Endings of a word that is a street in itself; folded, the longest first. */
const ENDINGS = [
  'strase',
  'strasse',
  'straat',
  'gracht',
  'gatan',
  'vagen',
  'allee',
  'gasse',
  'laan',
  'plein',
  'kade',
  'ufer',
  'damm',
  'str',
].map((ending) => Array.from(ending, (char) => char.charCodeAt(0)));
/** The same, but of common words too: only with a place behind. */
const WEAK_ENDINGS = ['weg', 'platz', 'ring', 'berg', 'hof', 'park'].map((ending) =>
  Array.from(ending, (char) => char.charCodeAt(0)),
);

const endsIn = (bytes: Uint8Array, end: number, ending: readonly number[]): boolean => {
  for (let index = 1; index <= ending.length; index++) {
    if (((bytes[end - index] ?? 0) | 32) !== ending[ending.length - index]) return false;
  }
  return true;
};

/** The word at an index: its end, and its bits. */
const word = { end: 0, mask: 0 };

function readWord(bytes: Uint8Array, start: number): boolean {
  let at = start;
  let hash = NO_WORD;
  while (at - start < 28 && (kindAt(bytes, at) & LETTER) !== 0) hash = hashStep(hash, bytes[at++] ?? 0);
  word.mask = at === start ? 0 : STREETS.get(hash);
  while (
    at - start < 40 &&
    at > start &&
    ((kindAt(bytes, at) & ALNUM) !== 0 || bytes[at] === 45 || bytes[at] === 39)
  )
    at++;
  word.end = at;
  return at > start;
}

/** Where a house number that begins at an index ends (`12`, `12a`, `12-14`, `12/3`); 0 when there is none. */
function numberEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at - start < 6 && (kindAt(bytes, at) & DIGIT) !== 0) at++;
  if (at === start || at - start > 5) return 0;
  if ((bytes[at] === 45 || bytes[at] === 47) && (kindAt(bytes, at + 1) & DIGIT) !== 0) {
    const second = at + 1;
    at = second;
    while (at - second < 5 && (kindAt(bytes, at) & DIGIT) !== 0) at++;
  }
  if ((kindAt(bytes, at) & LETTER) !== 0) at++;
  if ((kindAt(bytes, at) & WORD) !== 0) return 0;
  // A decimal, a percentage, a time: no house.
  const after = bytes[at] ?? 0;
  return ((after === 46 || after === 44 || after === 58) && (kindAt(bytes, at + 1) & DIGIT) !== 0) ||
    after === 37
    ? 0
    : at;
}

function report(piece: Piece, start: number, street: number, strong: boolean): void {
  const { bytes } = piece;
  if (street - start > LONGEST_PLACE) return;
  const place = placeEnd(bytes, street, start + LONGEST_PLACE);
  if (place > 0) {
    piece.report(
      'person.address',
      'certain',
      start,
      place,
      'personal.address',
      'street, number and postcode',
    );
  } else {
    const told = (piece.about(start) & ABOUT.address) !== 0;
    const why = told ? 'street, number and keyword' : 'street and number';
    piece.report(
      'person.address',
      told || strong ? 'likely' : 'possible',
      start,
      street,
      'personal.address',
      why,
    );
  }
}

/** Called after one to five digits that a space and a letter follow: `12 High Street`, `12 rue de la Paix`. */
export function findNumberFirst(piece: Piece, start: number, end: number): void {
  const { bytes } = piece;
  if (
    end - start > 5 ||
    (kindAt(bytes, start - 1) & WORD) !== 0 ||
    bytes[start - 1] === 46 ||
    bytes[start - 1] === 44
  )
    return;
  let at = end + 1;
  if (bytes[end] === 44 && bytes[at] === 32) at++;
  if (!readWord(bytes, at)) return;
  if ((kindAt(bytes, at) & LOWER) !== 0 && (word.mask & FRENCH) === 0) {
    // 12 bis, rue …
    if (word.end - at > 4 || bytes[word.end] !== 32) return;
    at = word.end + 1;
    if (!readWord(bytes, at)) return;
  }
  if ((word.mask & FRENCH) !== 0 && findFrench(piece, start, word.end)) return;
  if (bytes[end] === 44) return;
  for (let words = 0; words < 5 && (kindAt(bytes, at) & (UPPER | DIGIT)) !== 0; words++) {
    if (!readWord(bytes, at)) return;
    if (words > 0 && (word.mask & (ENGLISH | ENGLISH_WEAK)) !== 0) {
      const street =
        bytes[word.end] === 46 && (bytes[word.end + 1] === 44 || word.end - at < 5) ? word.end + 1 : word.end;
      const strong =
        (word.mask & ENGLISH) !== 0 && (bytes[street] === 44 || (kindAt(bytes, street) & UPPER) !== 0);
      report(piece, start, street, strong);
      return;
    }
    at = bytes[word.end] === 46 ? word.end + 1 : word.end;
    if (bytes[at] !== 32) return;
    at++;
  }
}

function findFrench(piece: Piece, start: number, kind: number): boolean {
  const end = streetName(piece.bytes, kind);
  if (end === 0) return false;
  report(piece, start, end, true);
  return true;
}

/** Where a street's name after its kind ends: small words and capitals; 0 when it has no capital. */
function streetName(bytes: Uint8Array, kind: number): number {
  let at = bytes[kind] === 46 ? kind + 1 : kind;
  let end = 0;
  for (let words = 0; words < MOST_WORDS && (bytes[at] === 32 || bytes[at] === 39); words++) {
    at++;
    if (!readWord(bytes, at)) break;
    const capital = (kindAt(bytes, at) & UPPER) !== 0;
    if (!capital && (word.mask & SMALL) === 0 && bytes[at + 1] !== 39) break;
    at = word.end;
    if (capital || bytes[at - 1] === 39) end = at;
  }
  return end;
}

/** Called at each word with a capital: `Hauptstraße 12`, `Berliner Str. 12`, `Calle Mayor, 5`, `Via Roma 10`. */
export function findStreet(piece: Piece, start: number, end: number, hash: number): void {
  const { bytes } = piece;
  const mask = STREETS.get(hash);
  if ((mask & BEFORE) !== 0) {
    findKindFirst(piece, start, end);
    return;
  }
  const dotted = bytes[end] === 46;
  const gap = dotted ? end + 1 : end;
  if (bytes[gap] !== 32 || (kindAt(bytes, gap + 1) & DIGIT) === 0) {
    // ul. Marszałkowska 10: the kind has no capital.
    return;
  }
  const number = numberEnd(bytes, gap + 1);
  if (number === 0) return;
  if ((mask & GERMAN) !== 0) {
    if (bytes[start - 1] !== 32) return;
    let first = start - 1;
    while (start - first < 28 && ((kindAt(bytes, first - 1) & LETTER) !== 0 || bytes[first - 1] === 45))
      first--;
    if ((kindAt(bytes, first) & UPPER) !== 0 && first < start - 1) report(piece, first, number, true);
    return;
  }
  if (end - start < 5) return;
  // Karl-Marx-Allee 3: the name begins before its hyphens.
  let first = start;
  while (start - first < 40 && bytes[first - 1] === 45 && (kindAt(bytes, first - 2) & LETTER) !== 0) {
    first -= 2;
    while (start - first < 40 && (kindAt(bytes, first - 1) & LETTER) !== 0) first--;
  }
  if (ENDINGS.some((ending) => endsIn(bytes, end, ending))) report(piece, first, number, true);
  else if (WEAK_ENDINGS.some((ending) => endsIn(bytes, end, ending))) report(piece, first, number, false);
  else findAfterSmallKind(piece, start, number);
}

/** `ul. Marszałkowska 10`, `rua Augusta 5`: kinds without a capital before a name. */
function findAfterSmallKind(piece: Piece, start: number, number: number): void {
  const { bytes } = piece;
  if (bytes[start - 1] !== 32) return;
  const end = bytes[start - 2] === 46 ? start - 2 : start - 1;
  let first = end;
  while (end - first < 10 && (kindAt(bytes, first - 1) & LETTER) !== 0) first--;
  if (
    (kindAt(bytes, first) & LOWER) === 0 ||
    !readWord(bytes, first) ||
    (word.mask & (BEFORE | FRENCH)) === 0
  )
    return;
  if ((kindAt(bytes, first - 1) & WORD) === 0) report(piece, first, number, true);
}

function findKindFirst(piece: Piece, start: number, kind: number): void {
  const { bytes } = piece;
  const street = streetName(bytes, kind);
  if (street === 0) return;
  let at = street;
  if (bytes[at] === 44) at++;
  if (bytes[at] !== 32) return;
  at++;
  // nº 5, n. 5
  if (((bytes[at] ?? 0) | 32) === 110 && !(kindAt(bytes, at + 1) & LOWER && bytes[at + 1] !== 111)) {
    while (at - street < 6 && (kindAt(bytes, at) & DIGIT) === 0 && bytes[at] !== 10 && bytes[at] !== 0) at++;
  }
  const number = numberEnd(bytes, at);
  if (number > 0) report(piece, start, number, false);
}

/** Where postcode and city after a street end, before `most`; 0 when no postcode follows. */
function placeEnd(bytes: Uint8Array, street: number, most: number): number {
  let at = street;
  for (let part = 0; part < 4; part++) {
    const from = at;
    while (at - from < 4 && (bytes[at] === 44 || bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13))
      at++;
    if (at === from || at > most) return 0;
    const code = postcodeEnd(bytes, at);
    if (code > 0) {
      const city = code > 0 && bytes[code] === 32 ? cityEnd(bytes, code + 1) : 0;
      return Math.min(Math.max(code, city), most);
    }
    // A city, a state, or a flat before the code.
    const next = unitEnd(bytes, at) || cityEnd(bytes, at);
    if (next === 0) return 0;
    at = next;
  }
  return 0;
}

function unitEnd(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== 35) {
    if (!readWord(bytes, start) || (word.mask & UNIT) === 0) return 0;
  } else word.end = start + 1;
  let at = bytes[word.end] === 46 ? word.end + 1 : word.end;
  if (bytes[at] === 32) at++;
  const from = at;
  while (at - from < 6 && (kindAt(bytes, at) & ALNUM) !== 0) at++;
  return at > from ? at : 0;
}

function cityEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  let end = 0;
  for (let words = 0; words < 4; words++) {
    const capital = (kindAt(bytes, at) & UPPER) !== 0;
    if (!readWord(bytes, at) || (!capital && (word.mask & SMALL) === 0)) break;
    // A capital with a digit is a postcode of the UK.
    if (capital && postcodeEnd(bytes, at) > 0) break;
    at = word.end;
    if (capital) end = at;
    if (bytes[at] !== 32) break;
    at++;
  }
  return end;
}

const digitsAt = (bytes: Uint8Array, start: number): number => {
  let at = start;
  while (at - start < 6 && (kindAt(bytes, at) & DIGIT) !== 0) at++;
  return at - start;
};

/** 10115, D-10115, 1012 AB, 00-950, 111 22, 1000-001, SW1A 1AA, 62701-1234, K1A 0B1 */
function postcodeEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  if ((kindAt(bytes, at) & UPPER) !== 0) {
    const british = britishEnd(bytes, at);
    if (british > 0) return british;
    at += bytes[at + 1] === 45 ? 2 : bytes[at + 2] === 45 ? 3 : 0;
    if (at === start) return 0;
  }
  const count = digitsAt(bytes, at);
  let end = at + count;
  const after = bytes[end] ?? 0;
  if (count === 5) {
    if (after === 45 && digitsAt(bytes, end + 1) === 4) end += 5;
  } else if (count === 4) {
    const letters =
      (kindAt(bytes, end + 1) & kindAt(bytes, end + 2) & UPPER) !== 0 &&
      (kindAt(bytes, end + 3) & WORD) === 0;
    if (after === 32 && letters) end += 3;
    else if (after === 45 && digitsAt(bytes, end + 1) === 3) end += 4;
    else if (after !== 32 || (kindAt(bytes, end + 1) & UPPER) === 0) return 0;
  } else if (count === 2 && after === 45 && digitsAt(bytes, end + 1) === 3) end += 4;
  else if (count === 3 && after === 32 && digitsAt(bytes, end + 1) === 2) end += 3;
  else return 0;
  return (kindAt(bytes, end) & WORD) === 0 ? end : 0;
}

/** Outward code of one or two letters and one or two more, a space, a digit and two letters; Canada's are alike. */
function britishEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at - start < 2 && (kindAt(bytes, at) & UPPER) !== 0) at++;
  if ((kindAt(bytes, at) & DIGIT) === 0) return 0;
  at++;
  if ((kindAt(bytes, at) & (DIGIT | UPPER)) !== 0) at++;
  if (bytes[at] === 32) at++;
  if ((kindAt(bytes, at) & DIGIT) === 0 || (kindAt(bytes, at + 1) & UPPER) === 0) return 0;
  const end = at + 3;
  return (kindAt(bytes, at + 2) & (UPPER | DIGIT)) !== 0 && (kindAt(bytes, end) & WORD) === 0 ? end : 0;
}
