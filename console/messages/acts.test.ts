import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { audit } from './pages/audit.ts';

const control = fileURLToPath(new URL('../../control/', import.meta.url));
const ROOMS = ['chain', 'coverage', 'holdings', 'register', 'residency'];

test('what is recorded of vendors has words in the log of changes', async () => {
  const acts = new Set<string>();
  for (const room of ROOMS)
    for (const file of await readdir(`${control}${room}`, { recursive: true })) {
      if (!/(?<!test)(?<!testing)\.ts$/.test(file)) continue;
      const text = await readFile(`${control}${room}/${file}`, 'utf8');
      for (const [, act = ''] of text.matchAll(
        /(?:act: |recordEdge\(tx, platform, |change\(id, )'([a-z_]+\.[a-z_]+)'/g,
      ))
        acts.add(act);
    }
  expect(acts.size).toBeGreaterThan(30);
  expect([...acts].filter((act) => !(act in audit.acts)).toSorted()).toEqual([]);
});
