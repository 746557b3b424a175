import { fileURLToPath } from 'node:url';
import { formats } from '@drawbridge/evidence';
import { expect, test } from 'vitest';
import { loadPacks, readFacts } from '../vendors/index.ts';

const shipped = (path: string) => fileURLToPath(new URL(`../../packs/${path}`, import.meta.url));

test('what reports count is said of forms that are read, and of endpoints that there are', async () => {
  const { vendors } = await readFacts(shipped('vendors/known'));
  const packs = await loadPacks(shipped('vendors'));
  const wrong: string[] = [];
  let counted = 0;
  for (const { id, usage_reports: reports = [] } of vendors) {
    const pack = packs.find(({ vendor }) => vendor === id);
    const known = new Set(
      pack?.services.flatMap(({ endpoints }) => endpoints.map((endpoint) => endpoint.id)),
    );
    const used = new Set<string>();
    for (const { shape, of, endpoints } of reports) {
      if (!formats.some((format) => format.id === shape)) wrong.push(`${id}: ${shape}`);
      for (const endpoint of endpoints) {
        // In two reports it would be held against both.
        if (!known.has(endpoint) || used.has(endpoint)) wrong.push(`${id}, ${of}: ${endpoint}`);
        used.add(endpoint);
        counted += 1;
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(counted).toBeGreaterThan(10);
});
