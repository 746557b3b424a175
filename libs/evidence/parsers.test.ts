import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Csv } from './csv.ts';
import { JsonStream } from './json-stream.ts';
import type { Json } from './line-reader.ts';
import { Lines } from './lines.ts';

function inPieces(text: string, sizes: readonly number[], write: (piece: Buffer) => void): void {
  const bytes = Buffer.from(text);
  let at = 0;
  for (const size of sizes) {
    write(bytes.subarray(at, at + size));
    at += size;
  }
  write(bytes.subarray(at));
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 80 });

test('lines are those of the text, however it is cut, and too long ones are counted', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'ü', '\t', '\0'), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(line), sizes, fc.constantFrom('\n', '\r\n'), (texts, cuts, end) => {
      const read: (string | null)[] = [];
      const lines = new Lines(
        {
          line: (bytes, from, to, number) => {
            expect(number).toBe(read.push(bytes.toString('utf8', from, to)));
          },
          tooLong: (number) => {
            expect(number).toBe(read.push(null));
          },
        },
        10,
      );
      inPieces(texts.map((text) => text + end).join(''), cuts, (piece) => lines.write(piece));
      lines.end();
      expect(read).toEqual(texts.map((text) => (Buffer.byteLength(text + end) - 1 > 10 ? null : text)));
    }),
  );
});

test('a table that is written is read again, however it is cut', () => {
  const value = fc.string({ unit: fc.constantFrom('a', 'ü', '"', ',', '\n', '\r\n', ' '), maxLength: 8 });
  const quoted = (text: string) => (/["\n\r,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  fc.assert(
    fc.property(
      fc.array(fc.array(value, { minLength: 2, maxLength: 5 })),
      sizes,
      fc.constantFrom('\n', '\r\n', '\r'),
      (records, cuts, end) => {
        const read: (readonly string[])[] = [];
        const csv = new Csv({ record: (values) => read.push(values) }, () => ',');
        inPieces(records.map((record) => record.map(quoted).join(',')).join(end), cuts, (piece) =>
          csv.write(piece),
        );
        csv.end();
        expect(read).toEqual(records);
      },
    ),
  );
});

test('records of a JSON document are what JSON.parse gives, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue()),
      fc.jsonValue(),
      sizes,
      fc.constantFrom(0, 2),
      (records, beside, cuts, indent) => {
        const read: Json[] = [];
        const stream = new JsonStream({ path: ['a', 'b'], keep: true, each: (record) => read.push(record) });
        const text = JSON.stringify(
          { x: beside, a: { y: [beside], b: records, z: 'b' }, b: [beside] },
          null,
          indent,
        );
        inPieces(text, cuts, (piece) => stream.write(piece));
        stream.end();
        expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(records)));
        expect(stream.found).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test('what is broken off, or no JSON, is refused', () => {
  const text = '{"a":[{"b":"c\\"d\\u00e9","e":[1.5e3,true,null]}]}';
  const read = (document: string) => {
    const stream = new JsonStream({ path: ['a'], keep: true, each: () => undefined });
    stream.write(Buffer.from(document));
    stream.end();
  };
  read(text);
  for (let length = 0; length < text.length; length += 1) {
    expect(() => read(text.slice(0, length))).toThrowError(expect.objectContaining({ code: 'truncated' }));
  }
  for (const document of [
    '{"a":[1,]}',
    '{"a":[01x]}',
    '{a:1}',
    '{"a" 1}',
    '{"a":["\\x"]}',
    '{"a":[]} x',
    '[}',
  ]) {
    expect(() => read(document), document).toThrow(/JSON/);
  }
});
