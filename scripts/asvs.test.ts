import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** `docs/security/asvs.md` names files and tests: what it says must be there as long as it says so. */
const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(`${root}docs/security/asvs.md`, 'utf8');

const LINE = /^\| V(\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| (met|by construction|n\/a|open) \| ([^|]+) \|$/;
const NAMED = /^`([^`]+)`: (.+)$/;

const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| V'))
  .map((line) => {
    const [, id = '', level = '', asks = '', state = '', shown = ''] = LINE.exec(line) ?? [];
    const [, file = '', title = ''] = NAMED.exec(shown) ?? [];
    return { line, id, level, asks, state, file, title };
  });
const of = (state: string) => rows.filter((row) => row.state === state);

test('has every line of levels 1 and 2 once, each in a state', () => {
  expect(rows.filter(({ id }) => id === '').map(({ line }) => line)).toEqual([]);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  // As many as ASVS 5.0.0 has.
  expect([1, 2].map((level) => rows.filter((row) => row.level === `${level}`).length)).toEqual([70, 183]);
});

test('names tests that are there, by file and title', () => {
  const missing = of('met').filter(({ file, title }) => {
    if (!/\.test\.ts$|^server\/proofs\/edges\//.test(file) || !existsSync(root + file)) return true;
    const code = readFileSync(root + file, 'utf8');
    return !["'", '"', '`'].some((quote) => code.includes(`${quote}${title}${quote}`));
  });
  expect(missing.map(({ line }) => line)).toEqual([]);
});

test('names files that are there for what is so by construction', () => {
  const missing = of('by construction').filter(({ file }) => file === '' || !existsSync(root + file));
  expect(missing.map(({ line }) => line)).toEqual([]);
});

test('counts right, and lists first what is open', () => {
  for (const state of ['met', 'by construction', 'n/a', 'open'])
    expect(text).toContain(`\n| ${state} | ${of(state).length} |`);
  const listed = [...text.matchAll(/^- \*\*V([\d.]+)\*\* .+: .+\.$/gm)].map(([, id]) => id);
  expect(listed.toSorted()).toEqual(
    of('open')
      .map(({ id }) => id)
      .toSorted(),
  );
});
