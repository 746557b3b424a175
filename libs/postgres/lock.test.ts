import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './fixtures/folders.ts';
import { claim, lockDirectory } from './lock.ts';
import { identifyProcess, type ProcessIdentity } from './processes.ts';
import { besideSocket } from './socket.ts';

const now = () => new Date('2026-03-01T12:00:00Z');
const inUse = {
  code: 'in_use',
  message: expect.stringContaining(`process ${process.pid}, since 2026-03-01T12:00:00.000Z`),
};

async function self(): Promise<ProcessIdentity> {
  const identity = await identifyProcess(process.pid);
  if (identity === undefined) throw new Error('/proc is not there');
  return identity;
}

async function folderLockedBy(holder: Partial<ProcessIdentity>): Promise<string> {
  const home = await temporaryFolder();
  await mkdir(join(home, 'lock'));
  const record = { ...(await self()), since: '2026-02-01T00:00:00.000Z', released: false, ...holder };
  await writeFile(join(home, 'lock', '000000000007'), JSON.stringify(record));
  return home;
}

test('held until released, and then held by the next', async () => {
  const home = await temporaryFolder();
  const first = await lockDirectory(home, now);
  await expect(lockDirectory(home, now)).rejects.toMatchObject(inUse);
  await first.release();
  const second = await lockDirectory(home, now);
  await expect(lockDirectory(home, now)).rejects.toMatchObject(inUse);
  await second.release();
});

test('of many at once that find a dead holder, one gets in, every time', async () => {
  const home = await folderLockedBy({ startTicks: '1' });
  for (let round = 0; round < 25; round++) {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(home, now)));
    const locks = tries.filter((result) => result.status === 'fulfilled');
    expect(locks).toHaveLength(1);
    for (const result of tries) if (result.status === 'rejected') expect(result.reason).toMatchObject(inUse);
    await locks[0]?.value.release();
  }
  expect(await readdir(join(home, 'lock'))).toHaveLength(1);
});

test('who was slow, and takes a number that is long past, withdraws', async () => {
  const folder = join(await folderLockedBy({}), 'lock');
  expect(await claim(folder, 6, {})).toBe(false);
  expect(await readdir(folder)).toEqual(['000000000007']);
  expect(await claim(folder, 8, {})).toBe(true);
});

test('a process that has the number of a dead holder is not taken for it; a boot ends all holders', async () => {
  for (const holder of [{ startTicks: '1' }, { boot: 'an earlier boot' }]) {
    const home = await folderLockedBy(holder);
    await (await lockDirectory(home, now)).release();
  }
  const living = await folderLockedBy({});
  await expect(lockDirectory(living, now)).rejects.toMatchObject({ code: 'in_use' });
});

test('a holder in another container counts as living while its server listens', async () => {
  const home = await folderLockedBy({ namespace: 'pid:[1]' });
  await mkdir(join(home, 'run'));
  const server = createServer().listen(besideSocket(home));
  onTestFinished(() => {
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  await expect(lockDirectory(home, now)).rejects.toMatchObject({ code: 'in_use' });
  await new Promise((resolve) => server.close(resolve));
  await (await lockDirectory(home, now)).release();
});

test('a lock file that a power cut left empty holds nobody up', async () => {
  const home = await folderLockedBy({});
  await writeFile(join(home, 'lock', '000000000008'), '');
  await lockDirectory(home, now);
  const [name = ''] = await readdir(join(home, 'lock'));
  expect(JSON.parse(await readFile(join(home, 'lock', name), 'utf8'))).toMatchObject({ pid: process.pid });
});
