import { describe, expect, it } from 'vitest';
import { compileScanner, phraseWords } from './index.ts';
import { exampleOf, seeded } from './testing/index.ts';

/** What the README says of characters and encodings, row by row. People and numbers are made up. */

const name = phraseWords('Ada Müster');
const scanner = compileScanner({
  rules: [{ id: 'made.key', class: 'secret.api_key', forms: ['mk_live_{base62:24}'] }],
  personal: 'all',
  phrases: {
    begins: (word) => (word === name[0] ? [2] : null),
    lookup: (words) => (words === name.join(' ') ? { id: 'p1', class: 'person.name' } : null),
  },
});
const key = exampleOf('mk_live_{base62:24}', seeded(3));
const card = '4111 1111 1111 1111';
const found = (text: string): [string, string][] =>
  scanner.scan(text).map(({ detector, start, end }) => [detector, text.slice(start, end)]);
const fullWidth = (text: string): string =>
  text.replaceAll(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0));
const digitsFrom = (zero: number, text: string): string =>
  text.replaceAll(/\d/g, (one) => String.fromCodePoint(zero + Number(one)));

describe('full-width characters', () => {
  it('are read as ASCII, and the find is what stands there', () => {
    expect(found(`用 ${fullWidth(key)} 、`)).toEqual([['made.key', fullWidth(key)]]);
    expect(found(`mail ${fullWidth('anna@example.org')}`)).toEqual([
      ['personal.email', fullWidth('anna@example.org')],
    ]);
    expect(found('password\u3000=\u3000k3llerTreppe9')).toEqual([['secret.keyword', 'k3llerTreppe9']]);
  });
});

describe('digits of other scripts', () => {
  it.each([
    ['Arabic', 0x660],
    ['Persian', 0x6f0],
    ['Devanagari', 0x966],
    ['Bengali', 0x9e6],
    ['Thai', 0xe50],
    ['full-width', 0xff10],
    ['mathematical bold', 0x1d7ce],
    ['mathematical monospace', 0x1d7f6],
  ])('%s ones are read as ASCII digits', (_, zero) => {
    const written = digitsFrom(zero, card);
    expect(found(`card ${written}`)).toEqual([['personal.card', written]]);
    expect(found(`IBAN ${digitsFrom(zero, 'DE89 3704 0044 0532 0130 00')}`).map(([by]) => by)).toEqual([
      'personal.iban',
    ]);
  });
});

describe('characters without width', () => {
  it.each([
    ['zero-width space', '\u200b'],
    ['zero-width joiner', '\u200d'],
    ['byte order mark', '\ufeff'],
    ['soft hyphen', '\u00ad'],
    ['right-to-left mark', '\u200f'],
    ['right-to-left override', '\u202e'],
    ['isolate', '\u2067'],
  ])('%s: skipped, up to four in a row, and a part of the find', (_, mark) => {
    for (const count of [1, 4]) {
      const inside = key.slice(0, 12) + mark.repeat(count) + key.slice(12);
      expect(found(`x ${inside} y`)).toEqual([['made.key', inside]]);
      const number = card.slice(0, 6) + mark.repeat(count) + card.slice(6);
      expect(found(`card ${number}`)).toEqual([['personal.card', number]]);
    }
    expect(found(`x ${key.slice(0, 12)}${mark.repeat(5)}${key.slice(12)} y`)).toEqual([]);
  });
});

describe('right-to-left text', () => {
  it('is read in the order in which it is stored', () => {
    expect(found(`כתוב אל anna@example.org בבקשה`)).toEqual([['personal.email', 'anna@example.org']]);
    expect(found(`مفتاح ${key} هنا`)).toEqual([['made.key', key]]);
    expect(found(`\u202b${key}\u202c`).map(([by]) => by)).toEqual(['made.key']);
    expect(found([...key].reverse().join(''))).toEqual([]);
  });
});

describe('combining marks', () => {
  it('are part of no secret, and are taken off for phrases', () => {
    expect(found(`x ${key.slice(0, 12)}\u0301${key.slice(12)} y`)).toEqual([]);
    expect(found(`x ${key} y`)).toHaveLength(1);
    for (const written of ['Ada Müster', 'Ada Mu\u0308ster', 'ADA MUSTER'])
      expect(found(`with ${written} and`)).toEqual([['phrase', written]]);
  });
});

describe('letters that look alike', () => {
  it('are other letters', () => {
    expect(found(key.replace('mk_live', 'mk_l\u0456ve'))).toEqual([]);
    expect(found('with \u0410da Müster')).toEqual([]);
  });
});

describe('escapes', () => {
  it('are read as their character, once', () => {
    const percent = [...key].map((one) => `%${one.charCodeAt(0).toString(16)}`).join('');
    expect(found(`?q=${percent}&x=1`)).toEqual([['made.key', percent]]);
    const unicode = [...key].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join('');
    expect(found(`"${unicode}"`)).toEqual([['made.key', unicode]]);
    expect(found('to=anna%40example.org')).toEqual([['personal.email', 'anna%40example.org']]);
    expect(found(percent.replaceAll('%', '%25'))).toEqual([]);
    expect(found(unicode.replaceAll('\\', '\\\\'))).toEqual([]);
  });

  it('of base64 are decoded once, and the find is all of it', () => {
    const once = Buffer.from(`the key is ${key}, keep it`).toString('base64');
    expect(found(`data: ${once}\n`)).toEqual([['made.key', once]]);
    const twice = Buffer.from(once).toString('base64');
    expect(found(`data: ${twice}\n`)).toEqual([]);
    // Of personal data it is not opened.
    expect(found(Buffer.from('please write to anna@example.org today').toString('base64'))).toEqual([]);
  });
});

describe('halves of surrogate pairs', () => {
  it('are other characters, and never a part of a find', () => {
    for (const half of ['\ud83d', '\ude00', '\ude00\ud83d']) {
      expect(found(`${half}${key}${half}`)).toEqual([['made.key', key]]);
      expect(found(key.slice(0, 12) + half + key.slice(12))).toEqual([]);
      expect(found(`${half} anna@example.org ${half}`)).toEqual([['personal.email', 'anna@example.org']]);
    }
  });

  it('may be parted by the end of a chunk', () => {
    const written = digitsFrom(0x1d7ce, card);
    const text = `😀 card ${written} 😀`;
    for (let at = 0; at <= text.length; at++) {
      const stream = scanner.stream();
      const parts = [stream.push(text.slice(0, at)), stream.push(text.slice(at)), stream.end()];
      expect(parts.map((part) => part.text).join('')).toBe(text);
      expect(parts.flatMap(({ findings }) => findings)).toEqual(scanner.scan(text));
    }
  });
});
