import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from '@drawbridge/jsonedit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMap, EnvelopeError, minimiseDocument, Observations } from './index.ts';
import { openItems } from './items.ts';
import { codec, keyed, mapOf, rulesOf } from './testing/keyed.ts';

const limits = { maxBytes: 1_000_000, maxRatio: 200 };
const open = (bytes: Uint8Array) => openItems(bytes, codec, limits);
const bytesOf = (...parts: (string | Uint8Array)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

const file = Uint8Array.of(0, 0x0a, 0xff, 0x0a, 0x7b);
const envelope = bytesOf(
  '{"event_id":"e1", "trace":{"public_key":"virtual"}}\n',
  '{"type":"event"}\n{"user":{"email":"ada@example.com"}, "level" : "error"}\n',
  `{"type":"attachment","length":${file.length},"filename":"a.bin"}\n`,
  file,
  '\n{"type":"session","length":12}\n{"did":"ada"}'.replace('12', '13'),
);

const map = mapOf(
  [
    { path: 'header', class: 'technical' },
    { path: 'event.user.email', class: 'email' },
    { path: 'event.level', class: 'technical' },
    { path: 'session.did', class: 'id' },
    { path: 'attachment', class: 'file' },
    { path: '$.header', class: 'technical' },
  ],
  { records: 'items[*]' },
);

function minimised(bytes: Uint8Array, rules: Parameters<typeof rulesOf>[0]): Uint8Array {
  const opened = open(bytes);
  const compiled = compileMap(map, rulesOf(rules), {
    sightingKind: 'property',
    keyPaths: ['$.header.trace.public_key'],
  });
  const key = { found: 'virtual', credential: 'real' };
  const seen = new Observations(keyed, new Set());
  return opened.seal(minimiseDocument(parse(opened.text), compiled, seen, key));
}

describe('an envelope of items', () => {
  it('is one text of JSON, in which files are only pointed to', () => {
    expect(JSON.parse(open(envelope).text)).toEqual({
      header: { event_id: 'e1', trace: { public_key: 'virtual' } },
      items: [
        { header: { type: 'event' }, event: { user: { email: 'ada@example.com' }, level: 'error' } },
        { header: { type: 'attachment', length: 5, filename: 'a.bin' }, attachment: '#1' },
        { header: { type: 'session', length: 13 }, session: { did: 'ada' } },
      ],
    });
  });

  it('goes back as the very bytes that came, plain and in gzip', () => {
    for (const bytes of [envelope, gzipSync(envelope), bytesOf(envelope, '\n\n')]) {
      const opened = open(bytes);
      expect(opened.seal(opened.text)).toBe(bytes);
    }
  });

  it('changes what a contract changes, lengths with it, and no other byte', () => {
    const sealed = minimised(envelope, { id: { do: 'pseudonymise' } });
    const session = `{"did":"${keyed.pseudonym('ada')}"}`;
    const expected = text(envelope)
      .replace('virtual', 'real')
      .replace('"length":13', `"length":${session.length}`)
      .replace('{"did":"ada"}', session);
    expect(text(sealed)).toBe(expected);
    expect(text(gunzipSync(minimised(gzipSync(envelope), { id: { do: 'pseudonymise' } })))).toBe(expected);
  });

  it.each(['drop', 'pseudonymise'] as const)('lets a file go whole where it may not pass (%s)', (doing) => {
    const sealed = text(minimised(envelope, { file: { do: doing }, email: { do: 'drop' } }));
    expect(sealed).not.toContain('a.bin');
    expect(sealed).not.toContain('ada@');
    expect(sealed).toContain('{"type":"event"}\n{"user":{}, "level" : "error"}\n{"type":"session"');
  });

  it('takes no payload for a pointer to another', () => {
    const bytes = bytesOf('{}\n{"type":"attachment","length":6}\nsecret\n{"type":"event"}\n"#0"');
    expect(JSON.parse(open(bytes).text).items).toMatchObject([{ attachment: '#0' }, { event: '#1' }]);
    expect(text(minimised(bytes, { file: { do: 'drop' } }))).not.toContain('secret');
  });

  it.each([
    ['', ''],
    ['[]\n', 'its first line'],
    ['{},"items":[]\n', ''],
    ['{}\n{"type":"event"},"x":{}\n{}', ''],
    ['{}\n{"type":"header"}\n{}', 'no type'],
    ['{}\n{"length":2}\n{}', 'no type'],
    ['{}\n{"type":"event","type":"session"}\n{}', 'twice'],
    ['{}\n{"type":"event","length":3}\n{}', 'length'],
    ['{}\n{"type":"event","length":1}\n{}', 'length'],
    ['{}\n{"type":"event","length":-1}\n{}', 'length'],
    ['{}\n{"type":"event","length":"2"}\n{}', 'length'],
  ])('refuses %j', (bytes, why) => {
    expect(() => open(bytesOf(bytes))).toThrow(why);
  });

  it('refuses gzip beyond the limits', () => {
    expect(() => open(gzipSync(Buffer.alloc(2_000_000, 0x20)))).toThrow();
  });

  it('with one byte changed: refuses, or opens to JSON and back to the same bytes', () => {
    fc.assert(
      fc.property(fc.nat(envelope.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(envelope);
        damaged[at] = byte;
        try {
          const opened = open(damaged);
          JSON.parse(opened.text);
          expect(opened.seal(opened.text)).toBe(damaged);
        } catch (error) {
          expect((error as Error).name).toMatch(/^(EnvelopeError|JsonEditError)$/);
          expect(error instanceof SyntaxError).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has an error that says so', () => {
    expect(() => open(bytesOf('[]\n'))).toThrow(EnvelopeError);
  });
});
