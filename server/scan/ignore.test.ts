import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseIgnore } from './ignore.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-ignore-'));
  spawnSync('git', ['init', '-q', folder]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const names = ['a', 'b', 'ab', 'a.b', 'a b', '!a', '#a', 'a]', 'abc', '-'];
const paths = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const piece = fc.constantFrom(
  'a',
  'b',
  '*',
  '**',
  '?',
  '/',
  '.',
  '[ab]',
  '[!a]',
  '[a-b]',
  '[',
  ']',
  '\\',
  '!',
  '#',
  ' ',
  '-',
);
const lines = fc.array(
  fc.array(piece, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
  { minLength: 1, maxLength: 3 },
);

test('means what git means', () => {
  fc.assert(
    fc.property(lines, fc.array(paths, { minLength: 5, maxLength: 20 }), (rules, asked) => {
      const text = `${rules.join('\n')}\n`;
      writeFileSync(join(folder, '.gitignore'), text);
      const parsed = parseIgnore(text);
      const wanted = new Set(
        spawnSync('git', ['-C', folder, 'check-ignore', '--no-index', '-z', '--stdin'], {
          input: asked.join('\0'),
        })
          .stdout.toString('utf8')
          .split('\0'),
      );
      for (const path of asked) {
        // A folder above that is left out takes all below it along.
        const parts = path.split('/');
        const isIgnored = parts.some((_, index) => {
          const isLast = index === parts.length - 1;
          return parsed.ignores(parts.slice(0, index + 1).join('/'), !isLast) === true;
        });
        expect({ rules, path, isIgnored }).toEqual({ rules, path, isIgnored: wanted.has(path) });
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('a rule for folders leaves files of the name alone', () => {
  mkdirSync(dirname(join(folder, 'x')), { recursive: true });
  const rules = parseIgnore('build/\n');
  expect([rules.ignores('build', true), rules.ignores('build', false)]).toEqual([true, null]);
});
