import metadata from 'libphonenumber-js/min/metadata';
import { describe, expect, it } from 'vitest';
import { isCard } from './card.ts';
import { ean, isDay, luhn, mod11and10 } from './checksums.ts';
import { isIban } from './iban.ts';
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
import { isInternational, isNational } from './phone.ts';

/** Numbers are the examples that the standards and their keepers print; nobody holds them. */
const digits = (text: string): Uint8Array => Uint8Array.from(text.replace(/\D/g, ''), Number);
const codes = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(' ', ''), (char) => char.charCodeAt(0));

/** Every number that differs in one digit. */
function* changed(text: string): Generator<string> {
  for (let index = 0; index < text.length; index++) {
    for (let digit = 0; digit < 10; digit++) {
      if (/\d/.test(text.charAt(index)) && text.charAt(index) !== String(digit)) {
        yield text.slice(0, index) + digit + text.slice(index + 1);
      }
    }
  }
}

describe('checksums', () => {
  it('are those of the standards', () => {
    expect(luhn(digits('79927398713'), 0, 11)).toBe(true);
    expect(luhn(digits('79927398710'), 0, 11)).toBe(false);
    expect(ean(digits('4006381333931'), 0, 13)).toBe(true);
    expect(mod11and10(digits('86095742719'), 0, 11)).toBe(true);
    expect([isDay(2024, 2, 29), isDay(2023, 2, 29), isDay(2023, 4, 31), isDay(2023, 13, 1)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('a card', () => {
  it.each([
    '4111111111111111',
    '378282246310005',
    '5555555555554444',
    '2223003122003222',
    '6011111111111117',
    '30569309025904',
    '3530111333300000',
  ])('%s is one, and none with one digit changed', (text) => {
    expect(isCard(digits(text), 0, text.length)).toBe(true);
    for (const other of changed(text)) expect(isCard(digits(other), 0, text.length), other).toBe(false);
  });
  it('is of an issuer, and of its length', () => {
    expect(isCard(digits('79927398713000'), 0, 13)).toBe(false);
    expect(isCard(digits('9999999999999995'), 0, 16)).toBe(false);
    expect(isCard(digits('4000000000000000'), 0, 16)).toBe(false);
  });
});

describe('an IBAN', () => {
  it.each([
    'GB82 WEST 1234 5698 7654 32',
    'DE89 3704 0044 0532 0130 00',
    'FR14 2004 1010 0505 0001 3M02 606',
    'NL91 ABNA 0417 1643 00',
    'NO93 8601 1117 947',
    'MT84 MALT 0110 0001 2345 MTLC AST0 01S',
    'CH93 0076 2011 6238 5295 7',
    'PL61 1090 1014 0000 0712 1981 2874',
  ])('%s is one, and none with one digit changed', (text) => {
    const plain = text.replaceAll(' ', '');
    expect(isIban(codes(plain))).toBe(true);
    for (const other of changed(plain)) expect(isIban(codes(other)), other).toBe(false);
  });
  it('has the length of its country', () => {
    expect(isIban(codes('GB82WEST1234569876543'))).toBe(false);
    expect(isIban(codes('ZZ82WEST12345698765432'))).toBe(false);
  });
});

describe('national ids', () => {
  it.each([
    ['de', isSteuerId, '86095742719'],
    ['de', isSteuerId, '65929970489'],
    ['fr', isNir, '255081416802538'],
    ['nl', isBsn, '111222333'],
    ['pl', isPesel, '44051401359'],
    ['be', isBelgian, '85073003328'],
    ['se', isPersonnummer, '8112289874'],
    ['ch', isAhv, '7569217076985'],
  ] as const)('%s: a number with its checksum, and none with one digit changed', (_, is, text) => {
    expect(is(digits(text), 0)).toBe(true);
    for (const other of changed(text)) expect(is(digits(other), 0), other).toBe(false);
  });
  it('keep the rules beside their checksums', () => {
    expect(isSteuerId(digits('12345678903'), 0)).toBe(false);
    expect(isPesel(digits('44131401353'), 0)).toBe(false);
    expect(isBelgian(digits('17073003384'), 0)).toBe(true);
    expect(isAhv(digits('4006381333931'), 0)).toBe(false);
    expect(isNir(digits('255131416802538'), 0)).toBe(false);
  });
  it('of Corsica have a letter in their department', () => {
    const front = '2840520123456'.replace(/^(.{6})0/, '$10');
    const key = 97 - ((Number(front) - 1_000_000) % 97);
    expect(isNir(digits(`${front}${key}`), 0, 'A')).toBe(true);
    expect(isNir(digits(`${front}${key}`), 0, 'B')).toBe(false);
  });
  it('of the US follow its rules, and known samples are none', () => {
    expect(isSsn(digits('536-22-1234'), 0)).toBe(true);
    for (const text of [
      '000-12-3456',
      '666-12-3456',
      '900-12-3456',
      '536-00-1234',
      '536-22-0000',
      '078-05-1120',
    ]) {
      expect(isSsn(digits(text), 0), text).toBe(false);
    }
  });
  it('of the UK have letters that are given out', () => {
    const is = (text: string) => isNino(text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2));
    expect(['ABC', 'CED', 'WXA'].map(is)).toEqual([true, true, true]);
    expect(['QQC', 'BGA', 'ZZA', 'DAA', 'AOA', 'ABE', 'abc'].map(is)).toEqual(Array(7).fill(false));
  });
  it('of Spain end in the letter of their number', () => {
    expect(isDniLetter(12_345_678, 'Z'.charCodeAt(0))).toBe(true);
    expect(isDniLetter(1_234_567, 'L'.charCodeAt(0))).toBe(true);
    expect(isDniLetter(12_345_679, 'Z'.charCodeAt(0))).toBe(false);
  });
  it('of Italy end in their check letter, also where letters stand for digits', () => {
    expect(isCodiceFiscale(codes('RSSMRA85T10A562S'), 0)).toBe(true);
    expect(isCodiceFiscale(codes('rssmra85t10a562s'), 0)).toBe(true);
    expect(isCodiceFiscale(codes('RSSMRA85T10A562T'), 0)).toBe(false);
    expect(isCodiceFiscale(codes('RSSMRA85T10A562'), 0)).toBe(false);
    const omocode = 'RSSMRA85T10A56N';
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((last) =>
      isCodiceFiscale(codes(omocode + last), 0),
    );
    expect(letters).toHaveLength(1);
  });
});

describe('telephone numbers', () => {
  it('are those that the numbering plans know', () => {
    const is = (text: string) => isInternational(digits(text), 0, digits(text).length);
    expect(
      ['+49 30 901820', '+1 212 555 0123', '+44 20 7946 0123', '+390612345678', '+49 (0)30 901820'].map(is),
    ).toEqual(Array(5).fill(true));
    expect(['+49 1', '+999 123 456 78', '+1 112 555 0123', '+44 0000 000000'].map(is)).toEqual(
      Array(4).fill(false),
    );
  });
  it('are tried as dialled inside some countries', () => {
    const is = (text: string) => isNational(digits(text), 0, digits(text).length);
    expect(['030 901820', '(212) 555-0123', '01 99 00 12 34', '912 345 678'].map(is)).toEqual(
      Array(4).fill(true),
    );
    expect(['0000 000000', '123', '1234567890123456'].map(is)).toEqual(Array(3).fill(false));
  });
  it('have a plan for every calling code of the metadata', () => {
    const codesWithout = Object.entries(metadata.country_calling_codes).filter(([code]) => {
      for (const country of metadata.country_calling_codes[code as never] as string[]) {
        const plan: unknown[] = metadata.countries[country as never] ?? [];
        if (typeof plan[2] === 'string' && Array.isArray(plan[3])) return false;
      }
      return true;
    });
    expect(codesWithout).toEqual([]);
  });
});
