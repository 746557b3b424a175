import { BLANK, BROKEN, type Chain, DASH, DOT } from './chain.ts';
import { ALNUM, DIGIT, kindAt, LETTER, UPPER, WORD } from './characters.ts';
import { numberAt } from './checksums.ts';
import { ABOUT } from './context.ts';
import { findIban } from './iban.ts';
import {
  isAhv,
  isBelgian,
  isBsn,
  isCodiceFiscale,
  isDniLetter,
  isNino,
  isNir,
  isPersonnummer,
  isPesel,
  isSsn,
  isSteuerId,
} from './national-ids.ts';
import type { Piece } from './piece.ts';

const CLASS = 'person.national_id';

/** Ids of digits alone. */
export function findId(piece: Piece, chain: Chain, group: number): void {
  switch (chain.length(group)) {
    case 1:
      findNirInGroups(piece, chain, group);
      return;
    case 2:
      findBelgianInGroups(piece, chain, group);
      findSteuerIdInGroups(piece, chain, group);
      return;
    case 3:
      findSsnInGroups(piece, chain, group);
      findAhvInGroups(piece, chain, group);
      return;
    case 6:
    case 8:
      findPersonnummer(piece, chain, group);
      return;
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
    case 15:
      if (chain.opens(piece.bytes, group) && chain.closes(piece.bytes, group)) findPlain(piece, chain, group);
  }
}

function findPlain(piece: Piece, chain: Chain, group: number): void {
  const { digits } = chain;
  const at = chain.first(group);
  const start = chain.start(group);
  const end = chain.end(group);
  const told = (kind: number): boolean => (piece.about(start) & kind) !== 0;
  switch (chain.length(group)) {
    case 9:
      if (isBsn(digits, at) && told(ABOUT.bsn)) {
        piece.report(CLASS, 'certain', start, end, 'personal.nl_bsn', 'elfproef and keyword');
      } else if (isSsn(digits, at) && told(ABOUT.ssn)) {
        piece.report(CLASS, 'likely', start, end, 'personal.us_ssn', 'ranges and keyword');
      }
      return;
    case 10:
    case 12: {
      const long = chain.length(group) === 12;
      if (!isPersonnummer(digits, long ? at + 2 : at) || !told(ABOUT.swedish)) return;
      if (long && !isCentury(numberAt(digits, at, 2))) return;
      piece.report(CLASS, 'certain', start, end, 'personal.se_personnummer', 'Luhn, date and keyword');
      return;
    }
    case 11: {
      const steuer = isSteuerId(digits, at);
      const pesel = isPesel(digits, at);
      const belgian = isBelgian(digits, at);
      if (!steuer && !pesel && !belgian) return;
      const about = piece.about(start);
      if (steuer && (about & ABOUT.steuerId) !== 0) {
        piece.report(CLASS, 'certain', start, end, 'personal.de_steuer_id', 'checksum, digits and keyword');
      } else if (pesel && (about & ABOUT.pesel) !== 0) {
        piece.report(CLASS, 'certain', start, end, 'personal.pl_pesel', 'checksum, date and keyword');
      } else if (belgian && (about & ABOUT.belgian) !== 0) {
        piece.report(CLASS, 'certain', start, end, 'personal.be_national', 'mod 97, date and keyword');
      } else if (steuer) {
        piece.report(CLASS, 'likely', start, end, 'personal.de_steuer_id', 'checksum and digits');
      } else if (belgian)
        piece.report(CLASS, 'possible', start, end, 'personal.be_national', 'mod 97 and date');
      else piece.report(CLASS, 'possible', start, end, 'personal.pl_pesel', 'checksum and date');
      return;
    }
    case 13:
      if (!isAhv(digits, at)) return;
      piece.report(
        CLASS,
        told(ABOUT.ahv) ? 'certain' : 'likely',
        start,
        end,
        'personal.ch_ahv',
        '756 and EAN-13',
      );
      return;
    case 15:
      if (!isNir(digits, at)) return;
      piece.report(
        CLASS,
        told(ABOUT.nir) ? 'certain' : 'likely',
        start,
        end,
        'personal.fr_nir',
        'mod 97 and parts',
      );
  }
}

const isCentury = (century: number): boolean => century === 18 || century === 19 || century === 20;

/** Whether no further group is tied to those from `group` to `last`. */
function alone(piece: Piece, chain: Chain, group: number, last: number): boolean {
  return chain.opens(piece.bytes, group) && chain.closes(piece.bytes, last);
}

const SSN = [3, 2, 4] as const;
function findSsnInGroups(piece: Piece, chain: Chain, group: number): void {
  if (chain.length(group + 1) !== 2) return;
  const separator = chain.shape(group, SSN);
  if (separator !== DASH && separator !== BLANK) return;
  if (!isSsn(chain.digits, chain.first(group)) || !alone(piece, chain, group, group + 2)) return;
  const start = chain.start(group);
  const told = (piece.about(start) & ABOUT.ssn) !== 0;
  if (!told && separator === BLANK) return;
  const why = told ? 'groups, ranges and keyword' : 'groups and ranges';
  piece.report(CLASS, told ? 'certain' : 'likely', start, chain.end(group + 2), 'personal.us_ssn', why);
}

const AHV = [3, 4, 4, 2] as const;
function findAhvInGroups(piece: Piece, chain: Chain, group: number): void {
  if (chain.length(group + 1) !== 4 || chain.shape(group, AHV) === BROKEN) return;
  if (!isAhv(chain.digits, chain.first(group)) || !alone(piece, chain, group, group + 3)) return;
  piece.report(
    CLASS,
    'certain',
    chain.start(group),
    chain.end(group + 3),
    'personal.ch_ahv',
    '756, EAN-13 and groups',
  );
}

const NIR = [1, 2, 2, 2, 3, 3, 2] as const;
function findNirInGroups(piece: Piece, chain: Chain, group: number): void {
  if (chain.length(group + 1) !== 2 || chain.shape(group, NIR) === BROKEN) return;
  if (!isNir(chain.digits, chain.first(group)) || !alone(piece, chain, group, group + 6)) return;
  piece.report(
    CLASS,
    'certain',
    chain.start(group),
    chain.end(group + 6),
    'personal.fr_nir',
    'mod 97, parts and groups',
  );
}

/** 85.07.30-033.28 */
function findBelgianInGroups(piece: Piece, chain: Chain, group: number): void {
  if (chain.length(group + 1) !== 2 || chain.length(group + 2) !== 2) return;
  if (chain.length(group + 3) !== 3 || chain.length(group + 4) !== 2) return;
  if (!isBelgian(chain.digits, chain.first(group)) || !alone(piece, chain, group, group + 4)) return;
  const start = chain.start(group);
  piece.report(
    CLASS,
    'certain',
    start,
    chain.end(group + 4),
    'personal.be_national',
    'mod 97, date and groups',
  );
}

const STEUER = [2, 3, 3, 3] as const;
function findSteuerIdInGroups(piece: Piece, chain: Chain, group: number): void {
  if (chain.length(group + 1) !== 3 || chain.shape(group, STEUER) === BROKEN) return;
  if (!isSteuerId(chain.digits, chain.first(group)) || !alone(piece, chain, group, group + 3)) return;
  const start = chain.start(group);
  const sure = (piece.about(start) & ABOUT.steuerId) !== 0 ? 'certain' : 'likely';
  piece.report(
    CLASS,
    sure,
    start,
    chain.end(group + 3),
    'personal.de_steuer_id',
    'checksum, digits and groups',
  );
}

/** 811228-9874, 19811228-9874, and with + for those over a hundred. */
function findPersonnummer(piece: Piece, chain: Chain, group: number): void {
  const { bytes } = piece;
  const long = chain.length(group) === 8;
  const at = chain.first(group);
  let end = 0;
  if (chain.length(group + 1) === 4 && chain.separator(group + 1) === DASH) {
    if (!isPersonnummer(chain.digits, long ? at + 2 : at) || !alone(piece, chain, group, group + 1)) return;
    end = chain.end(group + 1);
  } else if (bytes[chain.end(group)] === 43) {
    const after = chain.end(group) + 1;
    for (let index = 0; index < 10; index++) {
      const from = index < 6 ? chain.end(group) - 6 + index : after + index - 6;
      if ((kindAt(bytes, from) & DIGIT) === 0) return;
      scratch[index] = (bytes[from] ?? 0) - 48;
    }
    if ((kindAt(bytes, after + 4) & WORD) !== 0 || !isPersonnummer(scratch, 0) || !chain.opens(bytes, group))
      return;
    end = after + 4;
  } else return;
  if (long && !isCentury(numberAt(chain.digits, at, 2))) return;
  const start = chain.start(group);
  const told = (piece.about(start) & ABOUT.swedish) !== 0;
  const why = told ? 'Luhn, date and keyword' : 'Luhn and date';
  piece.report(CLASS, told ? 'certain' : 'possible', start, end, 'personal.se_personnummer', why);
}

const scratch = new Uint8Array(16);

/** Ids and accounts whose digits have letters around them. */
export function findLettered(piece: Piece, chain: Chain, group: number): void {
  const { bytes } = piece;
  const start = chain.start(group);
  const length = chain.length(group);
  const before = bytes[start - 1] ?? 0;
  if ((kindAt(bytes, start - 1) & LETTER) !== 0) {
    if ((kindAt(bytes, start - 2) & LETTER) !== 0 && length > 1) {
      findIban(piece, start);
      if (length === 2) findCodiceFiscale(piece, start);
    }
    if (length === 7) findNie(piece, start - 1, start, chain.end(group));
  } else if (before === DASH && length === 7) findNie(piece, start - 2, start, chain.end(group));
  if (length === 2 || length === 6) findNino(piece, chain, group);
  if (length === 8) findDni(piece, start, chain.end(group), numberAt(chain.digits, chain.first(group), 8));
  if (
    length === 2 &&
    chain.length(group + 1) === 3 &&
    chain.length(group + 2) === 3 &&
    chain.separator(group + 1) === DOT
  ) {
    findDni(piece, start, chain.end(group + 2), numberAt(chain.digits, chain.first(group), 8));
  }
  if (length === 6) findCorsican(piece, chain, group);
}

/** The letter after `end`, with a '-' between or not, where no word goes on behind it; 0 for none. */
function letterAfter(bytes: Uint8Array, end: number): number {
  const at = bytes[end] === DASH ? end + 1 : end;
  return (kindAt(bytes, at) & LETTER) !== 0 && (kindAt(bytes, at + 1) & WORD) === 0 ? at : 0;
}

function findDni(piece: Piece, start: number, end: number, number: number): void {
  const { bytes } = piece;
  const letter = letterAfter(bytes, end);
  if (letter === 0 || !isDniLetter(number, bytes[letter] ?? 0) || (kindAt(bytes, start - 1) & WORD) !== 0)
    return;
  if ((bytes[start - 1] === DASH || bytes[start - 1] === DOT) && (kindAt(bytes, start - 2) & WORD) !== 0)
    return;
  reportSpanish(piece, start, letter);
}

function findNie(piece: Piece, start: number, digit: number, end: number): void {
  const { bytes } = piece;
  const first = (bytes[start] ?? 0) & 0xdf;
  if (first < 88 || first > 90 || (kindAt(bytes, start - 1) & WORD) !== 0) return;
  const letter = letterAfter(bytes, end);
  if (letter === 0) return;
  let number = first - 88;
  for (let at = digit; at < end; at++) number = number * 10 + (bytes[at] ?? 0) - 48;
  if (isDniLetter(number, bytes[letter] ?? 0)) reportSpanish(piece, start, letter);
}

function reportSpanish(piece: Piece, start: number, letter: number): void {
  const told = (piece.about(start) & ABOUT.spanish) !== 0;
  const upper = (kindAt(piece.bytes, letter) & UPPER) !== 0;
  if (!told && !upper) return;
  const why = told ? 'letter of the number, and keyword' : 'letter of the number';
  piece.report(CLASS, told ? 'certain' : 'likely', start, letter + 1, 'personal.es_dni', why);
}

/** AB123456C, AB 12 34 56 C */
function findNino(piece: Piece, chain: Chain, group: number): void {
  const { bytes } = piece;
  const spaced = chain.length(group) === 2;
  if (spaced && (chain.length(group + 1) !== 2 || chain.length(group + 2) !== 2)) return;
  const last = spaced ? group + 2 : group;
  if (spaced && (chain.separator(group + 1) !== BLANK || chain.separator(group + 2) !== BLANK)) return;
  const digit = chain.start(group);
  const start = bytes[digit - 1] === BLANK ? digit - 3 : digit - 2;
  const letter = bytes[chain.end(last)] === BLANK ? chain.end(last) + 1 : chain.end(last);
  if ((kindAt(bytes, start - 1) & WORD) !== 0 || (kindAt(bytes, letter + 1) & WORD) !== 0) return;
  if (!isNino(bytes[start] ?? 0, bytes[start + 1] ?? 0, bytes[letter] ?? 0)) return;
  const told = (piece.about(start) & ABOUT.nino) !== 0;
  const why = told ? 'letters and keyword' : spaced ? 'letters and groups' : 'letters';
  piece.report(
    CLASS,
    told ? 'certain' : spaced ? 'likely' : 'possible',
    start,
    letter + 1,
    'personal.uk_nino',
    why,
  );
}

/** RSSMRA85T10A562S: called at its year. */
function findCodiceFiscale(piece: Piece, year: number): void {
  const { bytes } = piece;
  const start = year - 6;
  if ((kindAt(bytes, start - 1) & WORD) !== 0 || (kindAt(bytes, start + 16) & WORD) !== 0) return;
  if (!isCodiceFiscale(bytes, start)) return;
  piece.report(CLASS, 'certain', start, start + 16, 'personal.it_codice_fiscale', 'check letter and form');
}

/** A NIR from Corsica, whose department is 2A or 2B: 1 + 2 + 2 + "2", then the letter and eight digits more. */
function findCorsican(piece: Piece, chain: Chain, group: number): void {
  const { bytes } = piece;
  const end = chain.end(group);
  const letter = (bytes[end] ?? 0) & 0xdf;
  if (bytes[end - 1] !== 50 || (letter !== 65 && letter !== 66)) return;
  const start = chain.start(group);
  for (let index = 0; index < 15; index++) {
    const code = index === 6 ? 48 : (bytes[start + index] ?? 0);
    if (code < 48 || code > 57) return;
    scratch[index] = code - 48;
  }
  if ((kindAt(bytes, start + 15) & ALNUM) !== 0 || (kindAt(bytes, start - 1) & WORD) !== 0) return;
  if (!isNir(scratch, 0, letter === 65 ? 'A' : 'B')) return;
  piece.report(CLASS, 'certain', start, start + 15, 'personal.fr_nir', 'mod 97 and parts');
}
