import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collecting, tiny } from './testing/tiny.ts';
import { scanPieces, scanText } from './text.ts';

const value = tiny();
const filler = fc.array(
  fc.constantFrom('a', ' ', '\n', '\r\n', 'ä', 'ß', '字', '😀', 'e\u0301', '"', '\u00a0', '\u2028'),
  { maxLength: 40 },
);
/** Text with some values in it, and the same as bytes. */
const document = fc
  .array(filler, { minLength: 1, maxLength: 5 })
  .map((parts) => parts.map((part) => part.join('')));

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Lines and columns, counted in another way. */
function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

test.each(['utf8', 'utf16le', 'latin1'] as const)(
  'offsets are in bytes whatever stands before: %s',
  async (encoding) => {
    const mark = encoding === 'utf16le' ? Buffer.from([0xff, 0xfe]) : Buffer.alloc(0);
    await fc.assert(
      fc.asyncProperty(
        document,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
        async (parts, sizes) => {
          // A lone byte above 0x7f is no UTF-8: then each byte is a character.
          const text =
            encoding === 'latin1'
              ? `ÿ ${parts.join(` ${value} `).replaceAll(/[^\0-\u00ff]/gu, 'x')}`
              : parts.join(` ${value} `);
          const bytes = Buffer.concat([mark, Buffer.from(text, encoding)]);
          const whole = collecting();
          scanText('f', bytes, whole.context);
          const wanted = [...text.matchAll(new RegExp(value, 'g'))].map(({ index }) => ({
            start: {
              offset: mark.length + Buffer.byteLength(text.slice(0, index), encoding),
              ...placeOf(text, index),
            },
            end: {
              offset: mark.length + Buffer.byteLength(text.slice(0, index + value.length), encoding),
              ...placeOf(text, index + value.length),
            },
          }));
          expect(whole.found.map(({ start, end }) => ({ start, end }))).toEqual(wanted);
          const pieces = collecting();
          const first = bytes.subarray(0, Math.max(3, sizes[0] ?? 3));
          await scanPieces('f', after(first, cut(bytes.subarray(first.length), sizes)), pieces.context);
          const inBytes = (found: typeof whole.found) =>
            found.map(({ start, end }) => [start.offset, end.offset]);
          if (encoding !== 'latin1') expect(pieces.found).toEqual(whole.found);
          else expect(inBytes(pieces.found)).toEqual(inBytes(whole.found));
        },
      ),
      { numRuns: 150 },
    );
  },
);

async function* after(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

test('a byte order mark is counted in offsets, not in columns', () => {
  const { context, found } = collecting();
  scanText('f', Buffer.from(`\ufeff${value}`), context);
  expect(found.map(({ start }) => start)).toEqual([{ offset: 3, line: 1, column: 1 }]);
});

test('binary data is left out, and said', () => {
  const { context, found, skipped } = collecting();
  scanText('f', Buffer.from(`${value}\0`), context);
  expect([found, skipped]).toEqual([[], [{ path: 'f', reason: 'binary', trouble: false }]]);
});

test('a value is found where only its name beside it tells', () => {
  const { context, found } = collecting();
  const { scanner } = context;
  const silent = { ...context, scanner: { ...scanner, scan: () => [] } };
  const har = `{"log":{"entries":[{"request":{"headers":[{"name":"tiny","value":"${value}"}]}}]}}`;
  scanText('a.har', Buffer.from(har), silent);
  const csv = `name,url,tiny,password\r\n"a ""b"", c",https://x.example/,${value},short\n`;
  scanText('logins.csv', Buffer.from(csv), silent);
  const shown = (text: string, { start, end }: (typeof found)[number]) =>
    text.slice(start.offset, end.offset);
  expect(found.map((one) => [one.detector, shown(one.path === 'a.har' ? har : csv, one)])).toEqual([
    ['tiny', value],
    ['tiny', value],
    ['export.password', 'short'],
  ]);
});

test('what marks are made of is the value itself, also where it stands packed or with escapes', () => {
  const { context } = collecting();
  const values: string[] = [];
  const marking = {
    ...context,
    marksOf: (text: string) => {
      values.push(text);
      return { sha256: text, proof: null };
    },
  };
  const packed = Buffer.from(`x ${value}`).toString('base64');
  scanText('a.har', Buffer.from(`{"content":{"encoding":"base64","text":"${packed}"}}`), marking);
  scanText('b.har', Buffer.from(`{"name":"tiny","value":"\\u0020${value}"}`), marking);
  scanText('c.env', Buffer.from(`A=${value}`), marking);
  expect(new Set(values)).toEqual(new Set([value]));
  expect(values.length).toBeGreaterThanOrEqual(3);
});
