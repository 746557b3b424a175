import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileScanner,
  type DetectorRule,
  type Finding,
  fingerprint,
  knownRun,
  phraseWords,
  type Scanner,
  STREAM_HOLD,
} from './index.ts';
import { exampleOf, seeded } from './testing/index.ts';

const rules: DetectorRule[] = [
  { id: 'made.api_key', class: 'secret.api_key', forms: ['mk_live_{base62:24}', 'mk-{base64url:20-60}'] },
  { id: 'made.hook', class: 'secret.token', forms: ['hooks.made.example/T{alnum_upper:8-12}/{base62:24}'] },
  { id: 'made.plain', class: 'secret.api_key', forms: ['{hex:32}', '{base64:40}'], keywords: ['madeup'] },
  { id: 'made.long', class: 'secret.token', forms: ['mlong_{base64:300-2000}='] },
];
const random = seeded(3);
const name = phraseWords('Ada Muster');
const secret = knownRun('p@sunflower-fields!')?.run ?? '';
const scanner = compileScanner({
  rules,
  personal: 'all',
  custom: [
    { id: 'case', class: 'custom.match', pattern: 'CASE-[0-9]{3,}( [a-z]+)?', confidence: 'likely' },
    { id: 'line', class: 'custom.match', pattern: '^internal:.*$', confidence: 'possible' },
  ],
  phrases: {
    begins: (word) => (word === name[0] ? [1, 2] : null),
    lookup: (words) => (words === name.join(' ') ? { id: 'p1', class: 'person.name' } : null),
  },
  known: {
    lengths: new Set([secret.length]),
    lookup: (one) =>
      one === secret
        ? { id: 'k1', class: 'secret.password', around: { before: 2, after: 1 } }
        : one === 'p@sunflower-fields!'
          ? { id: 'k1', class: 'secret.password' }
          : null,
    filter: { seed: 5, has: (print) => print === fingerprint(secret, 5) },
  },
});

const example = (form: string): string => exampleOf(form, random);
const pem = `-----BEGIN EC PRIVATE${' KEY-----\n'}${example('{base64:64}')}\n${example('{base64:40}')}\n-----END EC PRIVATE KEY-----`;
const snippets = [
  example('mk_live_{base62:24}'),
  example('mk-{base64url:40}'),
  `hooks.made.example/TABCDEFGH1/${example('{base62:24}')}`,
  `madeup: ${example('{hex:32}')}`,
  example('mlong_{base64:900}='),
  example('{base64url:1800}').repeat(5),
  'password="k3ller,Treppe"',
  'the password is k3llerTreppe',
  'token = 7Gh2kLp9Qw3Zx8VbNm4T',
  'https://me:k3llerTreppe@host.example',
  pem,
  pem.slice(0, 90),
  `-----BEGIN RSA PRIVATE${' KEY-----'}`,
  Buffer.from(`x ${example('mk_live_{base62:24}')} y`).toString('base64'),
  [{ alg: 'none' }, { exp: 1 }]
    .map((one) => Buffer.from(JSON.stringify(one)).toString('base64url'))
    .join('.'),
  'Ada Muster',
  'p@sunflower-fields!',
  'CASE-1234 again',
  'internal: do not show',
  'made@up.example',
  '+49 30 123456',
  'DE89 3704 0044 0532 0130 00',
  'password%3D%22k3llerTreppe%22',
  'mk_\u200blive_',
  'ｍｋ_live_',
  '\\u0070assword=k3llerTreppe9',
  '٠١٢٣',
  '\ud835\udfd8',
  '\ud83d',
  '\u0301',
];
const glue = ['', ' ', '\n', '-', '"', '%', '\\', ', ', '=', '/', '\u200b', 'x', 'é', '. '];
const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...snippets) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('the quick brown fox', 'password', 'token:', '-----BEGIN ', 'eyJ', 'mk_'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
);
const document = fc
  .array(fc.tuple(piece, fc.constantFrom(...glue)), { maxLength: 24 })
  .map((parts) => parts.flat().join(''));

const rest = ' and so the text goes on, without anything of note in it'.repeat(12);

function streamed(
  by: Scanner,
  text: string,
  sizes: readonly number[],
): { text: string; findings: Finding[]; held: number } {
  const stream = by.stream();
  let out = '';
  let held = 0;
  const findings: Finding[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    const one = stream.push(text.slice(at, at + size));
    at += size;
    out += one.text;
    findings.push(...one.findings);
    // What has left is decided: a find lies wholly in what was released.
    for (const find of one.findings) expect(find.end).toBeLessThanOrEqual(out.length);
    held = Math.max(held, stream.held);
  }
  const rest = stream.end();
  return { text: out + rest.text, findings: [...findings, ...rest.findings], held };
}

describe('a text in pieces', () => {
  it('has the finds of the whole, wherever it is cut, and holds back no more than it says', () => {
    fc.assert(
      fc.property(
        document,
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 }),
        (text, sizes) => {
          const whole = scanner.scan(text);
          const pieces = streamed(scanner, text, sizes);
          expect(pieces.text).toBe(text);
          expect(pieces.findings).toEqual(whole);
          expect(pieces.held).toBeLessThanOrEqual(STREAM_HOLD + 300);
          for (const [at, find] of whole.entries()) {
            expect(find.end).toBeGreaterThan(find.start);
            expect(find.start).toBeGreaterThanOrEqual(whole[at - 1]?.end ?? 0);
          }
        },
      ),
      { numRuns: process.env.DRAWBRIDGE_SOAK === '1' ? 20_000 : 150 },
    );
  });

  it('has them where a form begins behind what is looked at', () => {
    const by = compileScanner({
      rules: [{ id: 'made.join', class: 'secret.token', forms: ['SW-{base62:40}'] }],
      personal: 'all',
    });
    const text = `Bearer Tel.'----${exampleOf('SW-{base62:40}', random)} and more ${'of it '.repeat(90)}`;
    for (let size = 1; size < 40; size++)
      expect(streamed(by, text, [size]).findings, `${size}`).toEqual(by.scan(text));
  });

  /** What a frontier that falls into a value must not change: finds that depend on what else was found there. */
  const beside = [
    // A keyword and a value that begins shortly before the form in it, and shortly behind it.
    `Password 3199033/${example('mk-{base64url:40}')}}154167204Authorization:UBps9Q `,
    `api_keyBasic secret${example('mk-{base64url:40}')} | fe80::1`,
    `password < : mkb.${example('{base64url:240}')}=200a6754f653ffb0 uuid=f1e6a7b4`,
    `${pem.slice(0, 90)} %41%42 \\u0043\\u0044 abc`,
  ];
  it.each(beside.map((text) => [text.slice(0, 20), text]))(
    'has them wherever it is released up to: %s …',
    (_, text) => {
      const withDot = [
        ...rules,
        { id: 'made.dot', class: 'secret.token', forms: ['mkb.{base64url:100-400}'] },
      ];
      for (const personal of [false, 'all'] as const) {
        const by = compileScanner({ rules: withDot, personal });
        const whole = by.scan(text + rest);
        expect(whole).not.toEqual([]);
        for (let at = 1; at < text.length + 400; at++) {
          const stream = by.stream();
          const parts = [(text + rest).slice(0, at), (text + rest).slice(at)].map((one) => stream.push(one));
          expect([...parts, stream.end()].flatMap(({ findings }) => findings)).toEqual(whole);
        }
      }
    },
  );

  it('has no find for the sake of what comes behind it', () => {
    const by = compileScanner({
      rules: [
        {
          id: 'made.pat',
          class: 'secret.token',
          forms: ['{base64url:71}'],
          keywords: ['madeup1'],
          minEntropy: 4,
        },
      ],
    });
    // Such a form would begin where the lead of the last run does, by chance, and end before that run.
    const text =
      'madeup1 HAucFS4OMNNJ6InAJf-j7NBcAZngqiR29ONA3GpAj62g-znjfP-yfwx3uMXuzKCNcWzAvINjTnVH-dHGc35Tzqlod/MS5QAmNhXWb8中文' +
      'A1'.repeat(32);
    const whole = by.scan(text);
    for (let size = 1; size < text.length; size++)
      expect(streamed(by, text, [size]).findings, `${size}`).toEqual(whole);
  });

  it('has them also where it is written without white space, and hardly holds that back', () => {
    const registered = { lengths: new Set([16]), lookup: () => null };
    const secrets = compileScanner({ rules, known: { ...registered, around: false } });
    const others = fc.constantFrom(
      '今日',
      'は',
      '密码',
      '：',
      '，',
      '🌉',
      'สวัสดี',
      'é',
      ' ',
      '',
      '=',
      ':',
      '"',
      'pass',
    );
    // Values that have begun, and what looks like the beginning of another one within them.
    const begun = fc.constantFrom(
      'password="k3ll',
      'password=k3ll9',
      'the password is "k3ll',
      'api_key: \\"7Gh2k',
      'https://me:k3ll',
      'id=1f3a',
      '"n":"1',
      'a:b1',
      'me@host.example',
    );
    const mixed = fc
      .array(fc.tuple(fc.oneof(piece, begun), others, fc.oneof(begun, others), others), { maxLength: 16 })
      .map((parts) => parts.flat().join(''));
    fc.assert(
      fc.property(
        mixed,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 }),
        (text, sizes) => {
          const pieces = streamed(secrets, text, sizes);
          expect(pieces.text).toBe(text);
          expect(pieces.findings).toEqual(secrets.scan(text));
        },
      ),
      { numRuns: process.env.DRAWBRIDGE_SOAK === '1' ? 20_000 : 50 },
    );
    // An operator in a value that is open makes no end of it.
    for (const begin of ['password="k3ll', 'password=k3ll', 'https://me:k3ll', 'the password is "k3ll'])
      for (const inner of ['id=23252c', 'a:b', 'x://y']) {
        const text = `${begin}今日は${inner}今日@host.example" and more`;
        for (let at = 1; at < text.length; at++)
          expect(streamed(secrets, text, [at]).findings, `${at} of ${text}`).toEqual(secrets.scan(text));
      }
    const plain = '今日はとても良い天気ですね。🌉散歩に行きましょう'.repeat(30);
    expect(streamed(secrets, plain, [1]).held).toBeLessThanOrEqual(2);
    // A value may go on over such characters.
    expect(streamed(secrets, `密码 password="${plain}`, [1]).held).toBeGreaterThan(500);
    expect(streamed(secrets, `密码 password="${plain}`, [1]).held).toBeLessThan(600);
    // Values that are no secret's, or closed, hold nothing back.
    const members = '{"名前":"今日は","title":"今日は","password":"今日は9abc","n":1}今日は'.repeat(9);
    expect(streamed(secrets, members, [1]).held).toBeLessThan(40);
    expect(streamed(compileScanner({ rules, known: registered }), plain, [1]).held).toBe(plain.length);
  });

  it('is held back by words only, where nothing is open', () => {
    const plain = compileScanner({ rules });
    const text = 'Nothing of note in these words, which go on and on. '.repeat(40);
    expect(streamed(plain, text, [1]).held).toBeLessThanOrEqual(16);
    expect(streamed(plain, `${pem.slice(0, 200)}`, [1]).held).toBeGreaterThan(150);
    expect(streamed(plain, 'x'.repeat(40_000), [100]).held).toBeLessThanOrEqual(STREAM_HOLD + 100);
  });
});
