import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { m } from './en.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const elsewhere = new Set(['node_modules', 'dist', 'testing', 'messages']);
/** A name, and the same in every language. */
const notTranslated = new Set(['Drawbridge']);

async function pagesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries
      .filter((entry) => !elsewhere.has(entry.name) && !entry.name.startsWith('.'))
      .map((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return pagesIn(path);
        return entry.name.endsWith('.tsx') ? [path] : [];
      }),
  );
  return nested.flat();
}

/** Words in the place of text, or of an attribute that is read out, that are not taken from the messages. */
function wordsIn(source: string): string[] {
  const attributes = source.matchAll(
    /\b(?:label|title|hint|lead|placeholder|aria-label|alt)="([^"]*[A-Za-z]{3}[^"]*)"/g,
  );
  const texts = source.matchAll(/(?:[a-z"}/]>|<>)\s*([A-Z][A-Za-z]{2,}[^<>{}=;()]*)</g);
  return [...attributes, ...texts]
    .map(([, words = '']) => words.trim())
    .filter((words) => !notTranslated.has(words));
}

test('pages take their words from the messages', async () => {
  expect(wordsIn('<p>Some words</p><A label="Terminal" />')).toEqual(['Terminal', 'Some words']);
  const pages = await pagesIn(root);
  expect(pages.length).toBeGreaterThan(40);
  const found: string[] = [];
  for (const page of pages) {
    for (const words of wordsIn(await readFile(page, 'utf8')))
      found.push(`${relative(root, page)}: ${words}`);
  }
  expect(found).toEqual([]);
});

test('one word for one thing: no synonyms of treatment and credential as names of fields', () => {
  const labels: string[] = [];
  function collect(value: unknown): void {
    if (typeof value === 'string') labels.push(value);
    else if (value !== null && typeof value === 'object')
      for (const part of Object.values(value)) collect(part);
  }
  collect(m);
  expect(labels.length).toBeGreaterThan(300);
  expect(labels.filter((label) => /^(Form|Field class|Kind of field|New key or token)$/.test(label))).toEqual(
    [],
  );
  expect(labels.filter((label) => /vendor’s (own )?key\b/.test(label))).toEqual([]);
});

test('what is not live is said in English', () => {
  expect(m.pulse.lost('14 s ago')).toBe('Not live for 14 s');
  expect(m.pulse.lost('now')).toBe('Not live');
});
