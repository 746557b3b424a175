import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Matcher } from './matcher.ts';
import { searchFor } from './search.ts';

/** A search that finds nothing proves something only if it would have found it. All values are made up. */
const email = 'nadja.hidden+one@example.com';
const search = searchFor([{ name: 'e-mail', value: email }]);
const found = (bytes: Buffer | string) => search('here', bytes).map((finding) => finding.how);

describe('finds a value', () => {
  const noise = 'x/+y~';
  const namedHeader = Buffer.concat([
    Buffer.from('1f8b0808000000000003', 'hex'),
    Buffer.from('events.json\0'),
  ]);
  test.each<[string, Buffer | string]>([
    ['plain', `a ${email} b`],
    ['at the very beginning', email],
    ['at the very end', `…${email}`],
    ['in lower and upper case', email.toUpperCase()],
    ['in UTF-16', Buffer.from(`a${email}b`, 'utf16le')],
    ['in hex', Buffer.from(`..${email}`).toString('hex')],
    ['in hex in capitals', Buffer.from(email).toString('hex').toUpperCase()],
    ['in a bytea of a database dump', `{"bytes":"\\\\x${Buffer.from(`{"e":"${email}"}`).toString('hex')}"}`],
    ['percent-encoded', `?q=${encodeURIComponent(email)}&r`],
    ['percent-encoded in full', [...Buffer.from(email)].map((byte) => `%${byte.toString(16)}`).join('')],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(email))],
    ['percent-encoded only here and there', email.replace('d', '%64').replace('@', '%40')],
    ['in gzip', gzipSync(JSON.stringify({ email }))],
    [
      'in gzip within other bytes',
      Buffer.concat([Buffer.from('head'), gzipSync(email), Buffer.from('tail')]),
    ],
    ['in a gzip file with a name', Buffer.concat([namedHeader, gzipSync(email).subarray(10)])],
    ['in gzip whose end is missing', gzipSync(`${email}${'abc '.repeat(20)}`).subarray(0, -9)],
    ['in gzip in base64', `"${gzipSync(email).toString('base64')}"`],
    ['in gzip in hex', `\\x${gzipSync(email).toString('hex')}`],
    ['in base64 in gzip', gzipSync(Buffer.from(`${noise}${email}`).toString('base64'))],
    ['in gzip in gzip', gzipSync(gzipSync(email))],
    [
      'behind bytes that look like gzip',
      Buffer.concat([Buffer.from([0x1f, 0x8b, 0x08, 0xff]), Buffer.from(email)]),
    ],
  ])('%s', (_how, bytes) => {
    expect(found(bytes)).not.toEqual([]);
  });

  it.each([0, 1, 2, 3, 4, 5])('in base64, %i bytes into a longer text', (before) => {
    const text = Buffer.concat([
      Buffer.alloc(before, '~'),
      Buffer.from(email),
      Buffer.alloc(7 - before, '~'),
    ]);
    expect(found(text.toString('base64'))).toContain('plain, base64');
    expect(found(text.toString('base64url'))).not.toEqual([]);
    expect(found(`data=${encodeURIComponent(text.toString('base64'))}`)).not.toEqual([]);
  });

  it('with letters beyond ASCII, quotes and blanks, in every way that JSON and forms write them', () => {
    const name = 'Zoë "Z" Håkansson';
    const named = searchFor([{ name: 'name', value: name }]);
    const ascii = JSON.stringify(name).replace(
      /[^ -~]/g,
      (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
    );
    const form = new URLSearchParams({ name }).toString();
    for (const text of [JSON.stringify({ name }), ascii, encodeURIComponent(name), form]) {
      expect(named('here', text), text).not.toEqual([]);
    }
    expect(named('here', Buffer.from(name, 'latin1'))).not.toEqual([]);
  });

  it('that is raw bytes, such as a key', () => {
    const key = Buffer.from('00ff10ee20dd30cc40bb50aa', 'hex');
    const keys = searchFor([{ name: 'key', value: key }]);
    for (const text of [key, key.toString('hex'), key.toString('base64'), key.toString('base64url')]) {
      expect(keys('here', text)).not.toEqual([]);
    }
  });

  it('anywhere in any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (before, after) => {
        const bytes = Buffer.concat([before, Buffer.from(email), after]);
        expect(found(bytes)).toContain('plain');
        expect(found(gzipSync(bytes)).some((how) => how.startsWith('gzip > plain'))).toBe(true);
        expect(found(bytes.toString('base64')).length).toBeGreaterThan(0);
        expect(found(bytes.toString('hex')).length).toBeGreaterThan(0);
      }),
    );
  });
});

it('says what was found, how, where and at which byte', () => {
  const both = searchFor([
    { name: 'first', value: 'first-value' },
    { name: 'second', value: 'second-value' },
  ]);
  expect(both('a file', 'x second-value')).toEqual([
    { needle: 'second', how: 'plain', where: 'a file', at: 2 },
  ]);
});

it('finds nothing where nothing is', () => {
  const others = [
    'nadja.hidden@example.com',
    email.slice(0, -1),
    Buffer.from('nobody@example.com').toString('base64'),
    gzipSync('nobody@example.com'),
    Buffer.alloc(100_000, 'n'),
  ];
  for (const other of others) expect(found(other)).toEqual([]);
});

it('takes no value that would be found by chance', () => {
  expect(() => new Matcher([{ bytes: Buffer.from('short'), of: 1 }])).toThrow(RangeError);
});

it('does not pass over a stream that is too large to be looked into', () => {
  expect(() => found(gzipSync(Buffer.alloc(65 * 1024 * 1024)))).toThrow(RangeError);
});
