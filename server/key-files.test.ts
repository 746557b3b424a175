import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeKeysDir, readOrMakeKeyFile, replaceFile } from './key-files.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
});
afterEach(() => rm(dir, { recursive: true }));

const parse = (value: unknown): { made: number } => {
  if (typeof value === 'object' && value !== null && 'made' in value && typeof value.made === 'number')
    return { made: value.made };
  throw new TypeError('not a key');
};

test('is made once, readable by its owner alone, and read from then on', async () => {
  await makeKeysDir(join(dir, 'k'));
  const path = join(dir, 'k', 'a.json');
  let count = 0;
  const make = async () => ({ made: ++count });
  expect(await readOrMakeKeyFile(path, parse, make)).toEqual({ made: 1 });
  expect(await readOrMakeKeyFile(path, parse, make)).toEqual({ made: 1 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir, 'k'))).mode & 0o777).toBe(0o700);
});

test('a file is replaced whole, and nothing else is left beside it', async () => {
  const path = join(dir, 'a.json');
  await replaceFile(path, 'first, and longer');
  await replaceFile(path, 'second');
  expect(await readFile(path, 'utf8')).toBe('second');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(dir)).toEqual(['a.json']);
});

test('a file that others may read is refused and left as it was', async () => {
  const path = join(dir, 'a.json');
  await writeFile(path, '{"made":1}');
  await chmod(path, 0o644);
  await expect(readOrMakeKeyFile(path, parse, async () => ({ made: 2 }))).rejects.toMatchObject({
    code: 'permissions',
  });
  expect(await readFile(path, 'utf8')).toBe('{"made":1}');
});

test('a damaged file is refused, never replaced', async () => {
  const path = join(dir, 'a.json');
  await writeFile(path, '{"ma', { mode: 0o600 });
  await expect(readOrMakeKeyFile(path, parse, async () => ({ made: 2 }))).rejects.toMatchObject({
    code: 'unreadable',
  });
  expect(await readFile(path, 'utf8')).toBe('{"ma');
});
