import { createHmac } from 'node:crypto';
import { compileScanner, ScanBudgetError } from '@drawbridge/scan';
import { exampleOf, seeded } from '@drawbridge/scan/testing';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import type { Found } from '../found.ts';
import { controlPlaneAt } from './control-plane.ts';
import { pathScanner, toldFindings } from './findings.ts';
import { Report } from './report.ts';
import { remoteName } from './source.ts';

const key = exampleOf('npm_{base62:36}', seeded(3), 'crc32_base62');
const scanner = compileScanner({
  rules: [{ id: 'npm.access_token', class: 'secret.token', forms: ['npm_{base62:36}'] }],
});
const found = (given: Partial<Found> = {}): Found => ({
  path: 'a.env',
  start: { offset: 0, line: 1, column: 1 },
  end: { offset: 9, line: 1, column: 10 },
  class: 'secret.token',
  confidence: 'certain',
  detector: 'npm.access_token',
  why: 'prefix',
  print: null,
  marks: { sha256: 'hash', proof: null },
  object: null,
  ...given,
});
const told = (all: Found[], root = '', origins = new Map()) => toldFindings(all, root, origins, scanner);

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

test('what stands in several versions of a file is one place of its history, since the oldest', () => {
  const at = (year: number) => new Date(Date.UTC(year, 0, 1));
  const origins = new Map([
    ['new', { commit: 'b'.repeat(40), at: at(2025), order: 0 }],
    ['old', { commit: 'a'.repeat(40), at: at(2024), order: 2 }],
    // Of the same second as its child.
    ['first', { commit: 'f'.repeat(40), at: at(2024), order: 3 }],
  ]);
  const versions = [
    found({ path: 'bbbbbbbbbbbb:a.env', object: 'new', start: { offset: 0, line: 7, column: 1 } }),
    found({ path: 'ffffffffffff:a.env', object: 'first' }),
    found({ path: 'aaaaaaaaaaaa:a.env', object: 'old' }),
  ];
  expect(told([...versions, found()], '', origins)).toMatchObject([
    { path: 'a.env', history: true, commit: 'bbbbbbbbbbbb', line: 7, since: { commit: 'f'.repeat(40) } },
    { path: 'a.env', history: false },
  ]);
});

test('twice in one file are two places; personal data is not told', () => {
  const all = told([found(), found({ start: { offset: 9, line: 2, column: 1 } }), found({ marks: null })]);
  expect(all.map(({ nth, line }) => [nth, line])).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

test('paths are within what was scanned, hold no secret and no control character, and are not too long', () => {
  const pathOf = (path: string, root = '') => told([found({ path })], root)[0]?.path;
  expect(pathOf('code/shop/a.env', 'code/shop')).toBe('a.env');
  expect(pathOf('/home/made-up/shop/a.env', '/home/made-up/shop')).toBe('a.env');
  expect(pathOf('/home/made-up/a.env', '/home/made-up/a.env')).toBe('a.env');
  expect(pathOf(`keys/${key}.txt`)).toBe('keys/….txt');
  expect(pathOf('a\u001b[2J\u202eb\n\ud800')).toBe('a\ufffd[2J\ufffdb\ufffd\ufffd');
  expect(pathOf('x'.repeat(5_000))).toHaveLength(1_000);
});

test('whatever a path is, what is told of it is taken', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (path) => {
      const [one] = told([found({ path })]);
      expect(one?.path).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(one?.path.length).toBeLessThanOrEqual(1_000);
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['https://made-up:made-up@git.example.com/acme/shop.git', 'git.example.com/acme/shop'],
  ['git@git.example.com:acme/shop.git', 'git.example.com/acme/shop'],
  ['ssh://git@git.example.com:2222/acme/shop', 'git.example.com:2222/acme/shop'],
  ['/srv/git/shop.git', null],
  ['file:///srv/git/shop.git', null],
])('a repository cloned from %s is %s', (remote, name) => {
  expect(remoteName(remote)).toBe(name);
});

test.each([
  ['http://drawbridge.example', 'dbt_made-up', 'in clear'],
  ['drawbridge.example', 'dbt_made-up', 'address of the console'],
  ['https://made-up@drawbridge.example', 'dbt_made-up', 'address of the console'],
  ['https://drawbridge.example', '', 'DRAWBRIDGE_TOKEN'],
  ['https://drawbridge.example', 'two\nlines', 'DRAWBRIDGE_TOKEN'],
])('a report to %s is refused before anything is asked', async (url, token, said) => {
  vi.stubEnv('DRAWBRIDGE_TOKEN', token);
  await expect(controlPlaneAt(url, undefined)).rejects.toMatchObject({
    code: 'bad_option',
    message: expect.stringContaining(said),
  });
});

test.each([
  ['a page', 200, '<!doctype html>', 'Is it the address of the console?'],
  ['JSON of another kind', 201, '{"id":"made-up","known":{}}', 'Is it the address of the console?'],
  ['words that would draw on the terminal', 403, '{"detail":"no\\u001b[2Jne"}', 'no\ufffd[2Jne'],
])('who answers with %s is told as it is, and nothing of it is run', async (_name, status, body, said) => {
  vi.stubEnv('DRAWBRIDGE_TOKEN', 'dbt_made-up');
  vi.stubGlobal('fetch', async () => new Response(body, { status }));
  const plane = await controlPlaneAt('https://drawbridge.example', undefined);
  const result = { found: [], skipped: [], files: 0, blobs: 0, bytes: 0 };
  await expect(Report.begin(plane, { name: 'shop', commit: null }, result)).rejects.toMatchObject({
    code: 'report_refused',
    message: expect.stringContaining(said),
  });
});

test('what a path holds of a kept credential, which has no telling form, is left out as well', () => {
  const kept = 'made-up-and-kept-0123456789';
  const keys = {
    key: Buffer.alloc(32, 1).toString('base64url'),
    known: [
      {
        length: kept.length,
        hash: createHmac('sha256', Buffer.alloc(32, 1)).update(kept).digest('base64url'),
      },
    ],
    proofKey: '',
  };
  const [one] = toldFindings([found({ path: `keys/${kept}.txt` })], '', new Map(), pathScanner([], keys));
  expect(one?.path).toBe('keys/….txt');
});

test('a path that takes more work than is allowed is left out, and the finding is told', () => {
  const scan = (): never => {
    throw new ScanBudgetError(1);
  };
  expect(toldFindings([found({ path: 'made/up.txt' })], '', new Map(), { scan })).toMatchObject([
    { path: '…', line: 1 },
  ]);
});
