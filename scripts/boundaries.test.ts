import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBreaches } from './boundaries.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'drawbridge-boundaries-'));
});
afterEach(() => rm(root, { recursive: true }));

async function files(contents: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(contents)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

test.each([
  ['gateway/a.ts', "import { b } from '../control/index.ts';", 'control/index.ts: '],
  ['control/apps/a.ts', "import { b } from '@drawbridge/gateway';", 'gateway/index.ts'],
  ['libs/journal/a.ts', "import { b } from '@drawbridge/protocol';", 'protocol/index.ts'],
  ['protocol/a.ts', "export * from '../gateway/crossing.ts';", 'gateway/crossing.ts'],
  ['gateway/a.ts', "import { startX } from '@drawbridge/standins';", 'standins/index.ts'],
  ['console/a.tsx', "import { routes } from '@drawbridge/control';", 'control/index.ts'],
  ['control/apps/a.ts', "import { x } from '../vault/client.ts';", 'control/vault/client.ts'],
  ['libs/minimise/a.ts', "import { x } from '../jsonedit/parse.ts';", 'libs/jsonedit/parse.ts'],
  ['gateway/a.ts', "const b = await import('../control/index.ts');", 'control/index.ts'],
])('%s may not say %s', async (file, text, imported) => {
  await files({ [file]: text });
  const breaches = await findBreaches(root);
  expect(breaches).toHaveLength(1);
  expect(breaches[0]?.file).toBe(file);
  expect(`${breaches[0]?.imports}: `).toContain(imported);
});

test('what points down, through an index, or is only a type, is allowed', async () => {
  await files({
    'server/a.ts': "import { b } from '@drawbridge/gateway';\nimport { c } from '@drawbridge/control';",
    'console/a.tsx': "import type { Api } from '@drawbridge/control';",
    'control/apps/a.ts': "import { p } from '../platform/index.ts';",
    'gateway/a.test.ts': "import { s } from '@drawbridge/standins';",
    'gateway/accept/a.ts': "import { j } from '@drawbridge/journal';",
  });
  expect(await findBreaches(root)).toEqual([]);
});

test('circles of files, and of capabilities over their indexes, are found', async () => {
  await files({
    'gateway/a.ts': "import { b } from './b.ts';",
    'gateway/b.ts': "import { a } from './a.ts';",
    'control/apps/x.ts': "import { y } from '../fleet/index.ts';",
    'control/fleet/y.ts': "import { x } from '../apps/index.ts';",
  });
  const found = (await findBreaches(root)).map((breach) => breach.file);
  expect(found).toContain('gateway/a.ts');
  expect(found).toContain('control/apps');
});
