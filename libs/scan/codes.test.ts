import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesOf, eachOther } from './codes.ts';
import { compileScanner, type DetectorRule } from './index.ts';
import { Keywords, Lookback } from './keywords.ts';
import { exampleOf, seeded } from './testing/index.ts';

const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff })), {
  maxLength: 300,
});
const texts = units.map((list) => String.fromCharCode(...list));

describe('codes', () => {
  it('are the text, with one byte for what is not ASCII, however it is kept', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const codes = codesOf(text);
        const expected = Array.from({ length: text.length }, (_, at) => Math.min(text.charCodeAt(at), 0x80));
        expect([...codes.bytes.subarray(0, text.length)]).toEqual(expected);
        expect(codes.bytes.subarray(text.length, text.length + 16).every((one) => one === 0)).toBe(true);
        codes.giveBack();
      }),
    );
  });

  it('of a text that begins another scan are its own', () => {
    const outer = codesOf('outer');
    const inner = codesOf('inner text');
    expect(Buffer.from(outer.bytes).toString('latin1', 0, 5)).toBe('outer');
    inner.giveBack();
    outer.giveBack();
  });

  it('name each character that is not ASCII, also beyond what is copied at once', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 16_380, max: 16_390 }), (text, before) => {
        const whole = `${'a'.repeat(before)}${text}`;
        const seen: [number, number][] = [];
        eachOther(whole, (at, code) => seen.push([at, code]));
        const expected = Array.from({ length: whole.length }, (_, at): [number, number] => [
          at,
          whole.charCodeAt(at),
        ]).filter(([, code]) => code > 0x7f);
        expect(seen).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe('words before values', () => {
  it('are those that stand in the stretch, wherever one asks on the way', () => {
    const keywords = new Keywords<string>();
    for (const word of ['key', 'api_key', 'token', 'keyword']) keywords.add(word, word, word);
    const pieces = fc.constantFrom('key', 'KEY', 'api_key', 'Token', 'keyword', 'ke', ' ', 'x', 'é', '_');
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 60 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 8 }),
        (list, asked) => {
          const text = list.join('');
          const codes = codesOf(text);
          const lookback = new Lookback(keywords);
          for (const to of asked.map((one) => Math.min(one, text.length)).sort((a, b) => a - b)) {
            const from = Math.max(0, to - 64);
            lookback.read(codes.bytes, from, to);
            const seen: string[] = [];
            lookback.each(from, to, (word, end) => seen.push(`${word}:${end}`));
            const expected = ['key', 'api_key', 'token', 'keyword'].flatMap((word) =>
              [...text.matchAll(new RegExp(`(?=${word})`, 'gi'))]
                .filter(({ index }) => index >= from && index + word.length <= to)
                .map(({ index }) => `${word}:${index + word.length}`),
            );
            expect(seen.sort()).toEqual(expected.sort());
          }
          codes.giveBack();
        },
      ),
    );
  });
});

const rules: DetectorRule[] = [
  { id: 'made.short', class: 'secret.api_key', forms: ['mk-{base62:20}'] },
  { id: 'made.long', class: 'secret.api_key', forms: ['mk-{base64url:40-60}.'] },
  { id: 'made.named', class: 'secret.api_key', forms: ['mk-named-{base62:20}Z{base62:4}'] },
];

describe('forms that begin alike', () => {
  const scanner = compileScanner({ rules, contextual: false, personal: 'structured' });
  const random = seeded(5);

  it.each(rules.map(({ id, forms: [form = ''] }) => [id, form]))(
    'are found behind many beginnings that go on otherwise: %s',
    (id, form) => {
      for (const before of ['mk-', 'mk-named-', 'mk-a1-', `mk-${'b'.repeat(70)}-`]) {
        for (let count = 1; count < 40; count += 13) {
          const value = exampleOf(form, random);
          const text = `${before.repeat(count)}${value} mk-`;
          const finds = scanner.scan(text).filter(({ detector }) => detector === id);
          // Where the beginnings are of the form's alphabet, the find may begin with them.
          const ends = finds.map(({ start, end }) => text.slice(start, end).endsWith(value));
          expect(ends, text).toEqual([true]);
        }
      }
    },
  );

  it.each([['é'], ['ß — '], ['中文'], ['🙂 '], ['\u00ad'], ['ａ ']])(
    'are found behind %j, and addresses too',
    (before) => {
      const value = exampleOf('mk-{base62:20}', random);
      const text = `${before} ${value} from 203.0.113.77 at ab:cd:ef:01:23:45 to anna@example.org`;
      expect(scanner.scan(text).map(({ start, end }) => text.slice(start, end))).toEqual([
        value,
        '203.0.113.77',
        'ab:cd:ef:01:23:45',
        'anna@example.org',
      ]);
    },
  );
});
