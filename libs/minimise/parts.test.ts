import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from '@drawbridge/jsonedit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMap, EnvelopeError, minimiseDocument, Observations } from './index.ts';
import { openParts, type PartRule } from './parts.ts';
import { codec, keyed, mapOf, rulesOf } from './testing/keyed.ts';
import type { Treatment } from './types.ts';

const limits = { maxBytes: 1_000_000, maxRatio: 200 };
const TYPE = 'multipart/form-data; boundary=b7';
const rules: PartRule[] = [
  { name: 'file', content: 'lines', when: { purpose: ['batch'] } },
  { name: 'meta', content: 'json' },
  { name: 'note', content: 'text' },
];
const map = mapOf(
  [
    { path: '$.purpose', class: 'technical' },
    { path: '$.file.filename', class: 'file name' },
    { path: '$.file.media', class: 'media' },
    { path: '$.meta.json.email', class: 'email' },
    { path: '$.note.text', class: 'email' },
    { path: '$.note.filename', class: 'technical' },
    { path: 'user', class: 'email' },
  ],
  { records: 'file.lines[*]', subjects: [{ path: 'user', kind: 'user', rank: 0 }] },
);

function treat(
  bytes: Uint8Array,
  classes: Record<string, Treatment>,
  type = TYPE,
): { bytes: Buffer; seen: Observations } {
  const opened = openParts(bytes, type, rules, codec, limits);
  const document = parse(opened.text);
  opened.verify?.(document);
  const seen = new Observations(keyed, new Set());
  const compiled = compileMap(map, rulesOf(classes, { unmapped: { do: 'pass' } }), {
    sightingKind: 'parameter',
  });
  return { bytes: Buffer.from(opened.seal(minimiseDocument(document, compiled, seen, null))), seen };
}

const part = (head: string, content: string) => `--b7\r\n${head}\r\n\r\n${content}\r\n`;
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
const upload = (name: string, content: string, field = 'file') =>
  part(
    `Content-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: text/plain`,
    content,
  );
const whole = (...parts: string[]) => Buffer.from(`${parts.join('')}--b7--\r\n`);
const lines = '{"user":"anna"}\n\n{"user": "ben", "x":1}\n';

/** As a server takes it apart. */
async function served(
  bytes: Uint8Array,
  type = TYPE,
): Promise<[string, string | { name: string; text: string }][]> {
  const form = await new Response(bytes.slice(), { headers: { 'content-type': type } }).formData();
  return Promise.all(
    [...form].map(
      async ([name, value]): Promise<[string, string | { name: string; text: string }]> => [
        name,
        typeof value === 'string' ? value : { name: value.name, text: await value.text() },
      ],
    ),
  );
}

describe('a form of parts', () => {
  it('is one text of JSON, in which media is only pointed to', () => {
    const body = whole(
      field('purpose', 'batch'),
      upload('a.jsonl', lines),
      upload('b.png', '\u0001', 'image'),
    );
    expect(JSON.parse(openParts(body, TYPE, rules, codec, limits).text)).toEqual({
      purpose: 'batch',
      file: { filename: 'a.jsonl', lines: [{ user: 'anna' }, { user: 'ben', x: 1 }] },
      image: { filename: 'b.png', media: '#2' },
    });
  });

  it('has its file looked into only where another part says what it is', () => {
    const body = whole(field('purpose', 'vision'), upload('a.jsonl', lines));
    const { bytes, seen } = treat(body, { email: { do: 'drop' }, media: { do: 'pass' } });
    expect(bytes.equals(body)).toBe(true);
    expect(seen.tally()).toContainEqual(['media', 'pass', 1]);
  });

  it('changes what the contract says, and no other byte', async () => {
    const body = whole(upload('anna.jsonl', lines), field('purpose', 'batch'), field('other', 'ü'));
    const { bytes, seen } = treat(body, { email: { do: 'drop' } });
    expect(bytes.toString()).toBe(
      body.toString().replace('{"user":"anna"}', '{}').replace('"user": "ben", ', ''),
    );
    expect(seen.observed().filter(({ item }) => item.subject !== null)).toHaveLength(2);
    expect(await served(bytes)).toEqual([
      ['file', { name: 'anna.jsonl', text: '{}\n\n{"x":1}\n' }],
      ['purpose', 'batch'],
      ['other', 'ü'],
    ]);
  });

  it.each<[Treatment, string, string]>([
    [{ do: 'pass' }, 'anna berger.jsonl', 'anna berger.jsonl'],
    [{ do: 'drop' }, 'anna berger.jsonl', 'file.jsonl'],
    [{ do: 'pseudonymise' }, 'anna.JSONL', `${keyed.pseudonym('anna.JSONL')}.jsonl`],
    [{ do: 'generalise', to: 'family' }, 'anna.mp3', 'other.mp3'],
    // What is no ending of a file is a name.
    [{ do: 'drop' }, 'anna.berger', 'file'],
    [{ do: 'drop' }, '', ''],
  ])('%j makes the file name %j to %j, and it is a file still', async (treatment, name, expected) => {
    const { bytes } = treat(whole(upload(name, 'x')), { 'file name': treatment });
    expect(bytes.toString()).toContain(
      `; filename="${expected}"\r\nContent-Type: text/plain\r\n\r\nx\r\n--b7--`,
    );
    if (name !== '') expect(await served(bytes)).toEqual([['file', { name: expected, text: 'x' }]]);
  });

  it('loses a part whose content goes, and says lengths anew', () => {
    const long = part(
      'Content-Disposition: form-data; name="note"; filename="n.txt"\r\nContent-Length: 4',
      'anna',
    );
    const { bytes } = treat(whole(upload('a', 'x'), long), {
      media: { do: 'drop' },
      email: { do: 'pseudonymise' },
    });
    const pseudonym = keyed.pseudonym('anna');
    expect(bytes.toString()).toBe(
      whole(long.replace(': 4', `: ${pseudonym.length}`).replace('anna', pseudonym)).toString(),
    );
    expect(treat(whole(upload('a', 'x')), { media: { do: 'pseudonymise' } }).bytes.toString()).toBe(
      '--b7--\r\n',
    );
  });

  it('is opened through gzip, around it and within a file', () => {
    const body = gzipSync(whole(field('purpose', 'batch'), upload('a', lines)));
    const { bytes } = treat(body, { email: { do: 'drop' } });
    expect(gunzipSync(bytes).toString()).toContain('{}\n\n{"x":1}\n');
    const [head, tail] = [
      `${field('purpose', 'batch')}--b7\r\nContent-Disposition: form-data; name="file"; filename="a.gz"\r\n\r\n`,
      '\r\n--b7--',
    ];
    const inner = treat(Buffer.concat([Buffer.from(head), gzipSync(lines), Buffer.from(tail)]), {
      email: { do: 'drop' },
    });
    const sealed = inner.bytes.subarray(head.length, inner.bytes.length - tail.length);
    expect(gunzipSync(sealed).toString()).toBe('{}\n\n{"x":1}\n');
  });

  const disposition = (more: string) => part(`Content-Disposition: form-data; name="file"${more}`, 'x');
  it.each<[string, Buffer, string?]>([
    ['a name twice', whole(disposition('; name="purpose"'))],
    ['a file name twice', whole(disposition('; filename="a"; filename="b"'))],
    ['filename* beside filename', whole(disposition('; filename="a"; filename*=UTF-8\'\'b'))],
    ['filename* alone', whole(disposition("; filename*=UTF-8''b"))],
    ['an escape in quotes', whole(disposition('; filename="a\\"; name=\\"b"'))],
    ['quotes that do not end', whole(disposition('; filename="a'))],
    ['a parameter without a value', whole(disposition('; filename'))],
    ['no name', whole(part('Content-Disposition: form-data', 'x'))],
    ['_charset_', whole(field('_charset_', 'utf-7'))],
    ['no Content-Disposition', whole(part('Content-Type: text/plain', 'x'))],
    [
      'two Content-Dispositions',
      whole(
        part('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"', 'x'),
      ),
    ],
    ['another disposition', whole(part('Content-Disposition: attachment; name="a"', 'x'))],
    ['a folded header', whole(disposition(';\r\n filename="a"'))],
    ['a header that ends with LF alone', whole(disposition('\nX: y'))],
    ['an unknown header', whole(disposition('\r\nX-Person: anna'))],
    ['a transfer encoding', whole(disposition('\r\nContent-Transfer-Encoding: base64'))],
    ['another character set', whole(disposition('\r\nContent-Type: text/plain; charset=utf-7'))],
    ['parts in a part', whole(disposition('\r\nContent-Type: multipart/mixed; boundary=c'))],
    ['a length that is not true', whole(disposition('\r\nContent-Length: 7'))],
    [
      'headers without end',
      Buffer.from(`--b7\r\nContent-Disposition: form-data; name="${'a'.repeat(5000)}"\r\n\r\n\r\n--b7--`),
    ],
    ['no last boundary', Buffer.from(field('a', 'x'))],
    ['a last boundary that is cut', Buffer.from(`${field('a', 'x')}--b7-`)],
    [
      'the boundary within a part',
      whole(field('a', '1\n--b7\r\nContent-Disposition: form-data; name="b"\r\n\r\n2')),
    ],
    ['the boundary within a line', whole(field('a', '1 --b7 2'))],
    ['a boundary that goes on', whole(field('a', '1\r\n--b7x\r\n2'))],
    ['white space behind a boundary', Buffer.from(`${field('a', 'x').replace('--b7', '--b7 ')}--b7--`)],
    ['something in front', Buffer.concat([Buffer.from('x\r\n'), whole(field('a', 'x'))])],
    ['something behind', Buffer.concat([whole(field('a', 'x')), Buffer.from('--b7\r\n')])],
    ['a part with no headers', whole('--b7\r\n\r\nx\r\n')],
    [
      'a name that is not UTF-8',
      Buffer.concat([
        Buffer.from('--b7\r\nContent-Disposition: form-data; name="'),
        Uint8Array.of(0xff),
        Buffer.from('"\r\n\r\nx\r\n--b7--'),
      ]),
    ],
    [
      'a value that is not UTF-8',
      Buffer.concat([
        Buffer.from('--b7\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
        Uint8Array.of(0xff),
        Buffer.from('\r\n--b7--'),
      ]),
    ],
    [
      'a JSON part that ends early',
      whole(part('Content-Disposition: form-data; name="meta"', '{"a":1},"purpose":{"b":2}')),
    ],
    [
      'a JSON part that closes the text',
      whole(part('Content-Disposition: form-data; name="meta"', '1},"x":{"json":2'), field('a', 'b')),
    ],
    ['lines that close their list', whole(field('purpose', 'batch'), upload('a', '1],"media":[2'))],
    [
      'what a file is, said twice',
      whole(field('purpose', 'vision'), field('purpose', 'batch'), upload('a', 'x')),
    ],
    ['what a file is, said by a file', whole(upload('p', 'batch', 'purpose'), upload('a', 'x'))],
    ['no boundary told', whole(field('a', 'x')), 'multipart/form-data'],
    ['two boundaries told', whole(field('a', 'x')), `${TYPE}; boundary=c`],
    ['another type', whole(field('a', 'x')), 'multipart/mixed; boundary=b7'],
    ['JSON', Buffer.from('{"purpose":"batch"}')],
    ['nothing but the end', Buffer.from('--b7--x')],
    ['1001 parts', whole(...Array.from({ length: 1001 }, () => field('a', 'x')))],
  ])('is refused with %s', (_what, body, type = TYPE) => {
    expect(() => treat(body, {}, type)).toThrow(/JSON|form of parts|form with a part|offset|UTF-8/);
    const caught = (): unknown => {
      try {
        return treat(body, {}, type);
      } catch (error) {
        return error;
      }
    };
    expect((caught() as EnvelopeError).message).not.toMatch(/anna|purpose/);
  });

  it('of one name is not let through by halves', () => {
    const body = whole(field('file', 'x'), upload('a', 'x'));
    expect(() => treat(body, { media: { do: 'drop' } })).not.toThrow();
    const compiled = openParts(body, TYPE, rules, codec, limits);
    expect(() => compiled.seal('{"file":"x"}')).toThrow(EnvelopeError);
  });

  it('unchanged is the same bytes, and what is left reads the same to a server, whatever the treatment', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const name = fc.constantFrom('purpose', 'file', 'note', 'meta', 'image[]', 'a b', 'ü');
    const entry = fc.tuple(name, fc.option(text), text);
    const treatment = fc.constantFrom<Treatment>({ do: 'pass' }, { do: 'drop' }, { do: 'pseudonymise' });
    const all = fc.record({
      email: treatment,
      media: treatment,
      'file name': treatment,
      technical: treatment,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 6 }), all, async (entries, classes) => {
        const form = new FormData();
        for (const [key, file, value] of entries) {
          if (key === 'meta') form.append(key, JSON.stringify({ email: value, n: 1 }));
          else if (file === null || key === 'purpose') form.append(key, value);
          else form.append(key, new File([value], file.replaceAll('\\', '')));
        }
        const sent = new Response(form);
        const type = sent.headers.get('content-type') ?? '';
        const body = Buffer.from(await sent.arrayBuffer());
        let opened: ReturnType<typeof openParts>;
        try {
          opened = openParts(body, type, rules, codec, limits);
          opened.verify?.(parse(opened.text));
        } catch (error) {
          // Only what a form of this kind may be refused for: a purpose twice, control characters.
          expect(error).toBeInstanceOf(EnvelopeError);
          return;
        }
        expect(Buffer.from(opened.seal(opened.text)).equals(body)).toBe(true);
        let left: Buffer;
        try {
          left = treat(body, classes, type).bytes;
        } catch (error) {
          expect(error).toBeInstanceOf(EnvelopeError);
          return;
        }
        const after = left.toString().startsWith(`--${type.split('boundary=')[1]}--`)
          ? []
          : await served(left, type);
        const before = entries.length === 0 ? [] : await served(body, type);
        const names = new Set(before.map(([key]) => key));
        for (const [key, value] of after) {
          expect(names).toContain(key);
          if (key === 'meta' && classes.email.do === 'drop') expect(value).toBe('{"n":1}');
          if (key === 'a b' || key === 'ü' || key === 'image[]') {
            expect(before).toContainEqual([key, value]);
          }
        }
        const untreated = (rows: typeof before) =>
          rows.filter(([key]) => ['a b', 'ü', 'image[]'].includes(key));
        expect(untreated(after)).toEqual(untreated(before));
      }),
      { numRuns: 150 },
    );
  });
});
