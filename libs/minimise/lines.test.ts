import { gzipSync } from 'node:zlib';
import { parse } from '@drawbridge/jsonedit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMap, EnvelopeError, minimiseDocument, Observations } from './index.ts';
import { openLines } from './lines.ts';
import { codec, keyed, mapOf, rulesOf } from './testing/keyed.ts';
import type { Treatment } from './types.ts';

const limits = { maxBytes: 1_000_000, maxRatio: 200 };
const open = (text: string | Uint8Array) => openLines(Buffer.from(text), codec, limits);

function treated(text: string | Uint8Array, email: Treatment): { text: string; items: number } {
  const opened = open(text);
  const document = parse(opened.text);
  opened.verify?.(document);
  const map = mapOf(
    [
      { path: 'email', class: 'email' },
      { path: 'n', class: 'number' },
    ],
    { records: '$[*]', subjects: [{ path: 'email', kind: 'email', rank: 0 }] },
  );
  const compiled = compileMap(map, rulesOf({ email }), { sightingKind: 'property' });
  const seen = new Observations(keyed, new Set());
  const sealed = opened.seal(minimiseDocument(document, compiled, seen, null));
  return { text: Buffer.from(sealed).toString('utf8'), items: seen.observed().length };
}

describe('lines of JSON', () => {
  it('keep every line that is not changed, blank ones and line ends too', () => {
    const text = '\n{"n": 1, "email":"ada@example.com"}\r\n\r\n  {"n":2}\t\n{"email":"ben@example.com"}\n\n';
    const done = treated(text, { do: 'drop' });
    expect(done.text).toBe('\n{"n": 1}\r\n\r\n  {"n":2}\t\n{}\n\n');
    // Each line is a record of its own: two people, and one line about nobody.
    expect(done.items).toBe(3);
  });

  it('go back into the gzip that they came in', () => {
    const opened = open(gzipSync('{"n":1}\n{"n":2}'));
    expect(opened.layers).toEqual(['gzip', 'lines']);
    expect(Buffer.from(opened.seal('[{"n":1}]'))[0]).toBe(0x1f);
  });

  it.each([
    ['two documents in a line', '{"n":1},{"n":2}'],
    ['a document over two lines', '{"n":1,\n"m":2}'],
    ['a list over three lines', '[1\n2]\n3,4'],
    ['a list that ends early', '1],[2\n3'],
    ['a bracket too many', '1]\n[2'],
    ['a carriage return alone', '{"n":1}\r{"n":2}'],
    ['text', 'n=1'],
  ])('are refused when there is %s', (_what, text) => {
    expect(() => treated(text, { do: 'pass' })).toThrow(/JSON|document|offset/);
  });

  it('that are more than anyone sends are refused, empty ones too', () => {
    expect(() => open('\n'.repeat(600_000))).toThrow(/more than 500000 lines/);
  });

  it('that are not UTF-8 are refused', () => {
    expect(() => open(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(EnvelopeError);
  });

  it('written unchanged are the same bytes; a line that goes takes nothing of another with it', () => {
    const gap = fc.stringMatching(/^[ \t\r]{0,2}(\n[ \t]{0,2}\r?){1,3}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.jsonValue({ maxDepth: 2 }), gap), { maxLength: 8 }), (lines) => {
        const text = lines.map(([value, end]) => JSON.stringify(value) + end).join('');
        const opened = open(text);
        const document = parse(opened.text);
        opened.verify?.(document);
        expect(Buffer.from(opened.seal(opened.text)).toString()).toBe(text);
        const spaced = `${opened.text} `;
        expect(Buffer.from(opened.seal(spaced)).toString()).toBe(lines.length === 0 ? '' : text);
      }),
    );
    const rows = fc.array(fc.record({ n: fc.integer(), email: fc.emailAddress() }), { maxLength: 6 });
    fc.assert(
      fc.property(rows, (all) => {
        const done = treated(all.map((row) => JSON.stringify(row)).join('\n'), { do: 'drop' });
        const left = done.text.split('\n').filter((line) => line !== '');
        expect(left.map((line) => JSON.parse(line))).toEqual(all.map(({ n }) => ({ n })));
      }),
    );
  });
});
