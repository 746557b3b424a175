import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvelopeError, openBody, openPrefix, openValue } from './index.ts';
import { codec } from './testing/keyed.ts';

const limits = { maxBytes: 1_000_000, maxRatio: 100 };
const bytes = (text: string) => new TextEncoder().encode(text);
const open = (body: Uint8Array, form: string | null = 'data') => openBody(body, form, codec, limits);
const textOf = (body: Uint8Array) => new TextDecoder().decode(body);
const json = '{"a":"+/ü &=%"}';
const base64 = Buffer.from(json).toString('base64');
const base64url = Buffer.from(json).toString('base64url');

/** How clients wrap, and what they would send for another text. */
const wrappings: [string, (text: string) => Uint8Array][] = [
  ['JSON', bytes],
  ['gzip of JSON', (text) => gzipSync(text)],
  ['form with JSON', (text) => bytes(`data=${encodeURIComponent(text)}`)],
  ['form with base64', (text) => bytes(`data=${encodeURIComponent(Buffer.from(text).toString('base64'))}`)],
  ['form with bare base64', (text) => bytes(`data=${Buffer.from(text).toString('base64')}`)],
  ['form with base64url', (text) => bytes(`data=${Buffer.from(text).toString('base64url')}`)],
  ['form among others', (text) => bytes(`verbose=1&data=${encodeURIComponent(text)}&ip=0`)],
  ['gzip of a form', (text) => gzipSync(`data=${encodeURIComponent(text)}`)],
  ['form with plus for space', (text) => bytes(`data=${encodeURIComponent(text).replaceAll('%20', '+')}`)],
  [
    'form with small hex',
    (text) => bytes(`data=${encodeURIComponent(text).replace(/%../g, (x) => x.toLowerCase())}`),
  ],
];

describe.each(wrappings)('%s', (_, wrap) => {
  it('opens to the text', () => {
    expect(open(wrap(json)).text).toBe(json);
  });

  it('gives the very bytes back when nothing changed', () => {
    const body = wrap(json);
    expect(open(body).seal(json)).toBe(body);
  });

  it('wraps a changed text as the client would have', () => {
    const other = '{"b":"+ other ü>>>??? ~!"}';
    const sealed = open(wrap('{"a":"+ ü>>>???~!"}')).seal(other);
    expect(Buffer.from(sealed).equals(wrap(other))).toBe(true);
  });
});

describe('opening', () => {
  it('goes by what is there: labels are not even asked for', () => {
    expect(open(bytes(` \n${json}`)).layers).toEqual([]);
    expect(open(bytes(`data=${base64}`)).layers).toEqual(['form', 'base64']);
    expect(open(gzipSync(`data=${base64url}`)).layers).toEqual(['gzip', 'form', 'base64']);
  });

  it('takes no form where none is expected', () => {
    expect(open(bytes(`data=${base64}`), null).text).toBe(`data=${base64}`);
  });

  it.each<[string, Uint8Array, string]>([
    ['bytes that are not UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d]), 'not_utf8'],
    ['a form without data', bytes('x=1'), 'no_data'],
    ['nothing known', bytes('hello'), 'no_data'],
    ['two data fields', bytes(`data=${base64}&data=${base64}`), 'repeated_data'],
    ['two data fields, one escaped', bytes(`data=${base64}&d%61ta=${base64}`), 'repeated_data'],
    ['a broken escape', bytes('data=%7B%2'), 'bad_escape'],
    ['escapes that are not UTF-8', bytes('data=%7B%FF%7D'), 'bad_escape'],
    ['neither JSON nor base64', bytes('data=*hello*'), 'bad_base64'],
    ['mixed alphabets', bytes('data=ab-/'), 'bad_base64'],
    ['too many parameters', bytes('x&'.repeat(2000)), 'too_large'],
  ])('refuses %s', (_, body, code) => {
    expect(() => open(body)).toThrow(EnvelopeError);
    expect(() => open(body)).toThrow(expect.objectContaining({ code }));
  });

  it('caps what it inflates, by size and by ratio', () => {
    const packed = (length: number) => gzipSync(JSON.stringify(['x'.repeat(length)]));
    expect(open(packed(60_000)).text).toHaveLength(60_004);
    expect(() => open(packed(70_000))).toThrow(/larger than|too large/i);
    const noise = Array.from({ length: 60_000 }, (_, index) => (index * 7919) % 65_537).join();
    const large = gzipSync(`[${noise},${noise},${noise},${noise}]`);
    expect(large.length * limits.maxRatio).toBeGreaterThan(limits.maxBytes);
    expect(() => open(large)).toThrow(/larger than|too large/i);
  });
});

describe('values', () => {
  it('round-trip for any text and style', () => {
    const value = fc.record({
      text: fc.json(),
      how: fc.constantFrom<(text: string) => string>(
        encodeURIComponent,
        (text) => encodeURIComponent(text).replaceAll('%20', '+'),
        (text) => Buffer.from(text).toString('base64'),
        (text) => encodeURIComponent(Buffer.from(text).toString('base64')),
        (text) => Buffer.from(text).toString('base64url'),
      ),
    });
    fc.assert(
      fc.property(value, fc.json(), ({ text, how }, other) => {
        const wrapped = `[${text}]`;
        const raw = how(wrapped);
        const opened = openValue(raw, codec);
        expect(opened.text).toBe(wrapped);
        expect(opened.seal(wrapped)).toBe(raw);
        expect(openValue(opened.seal(`{"x":${other}}`), codec).text).toBe(`{"x":${other}}`);
      }),
    );
  });
});

describe('reading ahead', () => {
  it('opens what is there of a cut body', () => {
    for (const wrap of ['x=1&data=', 'data=']) {
      for (const encoded of [encodeURIComponent(json), base64, encodeURIComponent(base64), base64url]) {
        const body = bytes(wrap + encoded);
        for (let cut = body.length - 20; cut <= body.length; cut++) {
          const text = openPrefix(body.subarray(0, cut), 'data', codec);
          if (text !== null) expect(json.startsWith(text)).toBe(true);
        }
        expect(openPrefix(body, 'data', codec)).toBe(json);
      }
    }
    expect(openPrefix(bytes(json).subarray(0, 9), 'data', codec)).toBe('{"a":"+/');
    expect(openPrefix(bytes('hello'), 'data', codec)).toBeNull();
    expect(textOf(bytes(json).subarray(0, 9))).not.toBe('{"a":"+/');
  });
});
