import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalLocked } from '@drawbridge/journal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDirectory } from './storage.ts';

let base = '';
let made = 0;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'drawbridge-storage-'));
});
afterAll(() => rm(base, { recursive: true, maxRetries: 5 }));
const place = () => join(base, String(++made));

describe('a directory as storage', () => {
  it('is made for its owner alone, and so are its files', async () => {
    const path = join(place(), 'below', 'it');
    const storage = await openDirectory(path);
    await (await storage.create('a')).close();
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(path, 'a'))).mode & 0o777).toBe(0o600);
  });

  it('appends, cuts, reads in part, and takes no name twice', async () => {
    const storage = await openDirectory(place());
    const file = await storage.create('a');
    await expect(storage.create('a')).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await file.append(Buffer.from('abcdef'))).toBe(6);
    await file.truncate(4);
    expect(file.size).toBe(4);
    await file.append(Buffer.from('XY'));
    await file.sync();
    await file.close();
    expect((await storage.read('a', 2, 3)).toString()).toBe('cdX');
    expect((await storage.read('a', 4, 100)).toString()).toBe('XY');
    expect(await storage.read('a', 50, 10)).toHaveLength(0);
    const again = await storage.open('a');
    expect(again.size).toBe(6);
    await again.append(Buffer.from('!'));
    await again.close();
    await storage.rename('a', 'b');
    await storage.syncDir();
    expect(await storage.list()).toEqual(['b']);
    expect((await storage.read('b', 0, 100)).toString()).toBe('abcdXY!');
    await storage.remove('b');
    expect(await storage.list()).toEqual([]);
  });

  it('says with a code what the disk says', async () => {
    const storage = await openDirectory(place());
    await expect(storage.read('missing', 0, 1)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(storage.remove('missing')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('on a full file system it says ENOSPC', { skip: process.platform !== 'linux' }, async () => {
    // /dev/full takes an open and refuses every byte, as a full disk does.
    const storage = await openDirectory('/dev');
    const full = await storage.open('full');
    await expect(full.append(Buffer.from('x'))).rejects.toMatchObject({ code: 'ENOSPC' });
    await full.close();
  });
});

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
  });
}

describe('the lock of a directory', () => {
  let deadPid = 0;
  beforeAll(() => {
    deadPid = spawnSync(process.execPath, ['-e', '']).pid;
  });

  it("is one journal's, also within one process", async () => {
    const path = place();
    const storage = await openDirectory(path);
    const release = await storage.lock();
    const error = await (await openDirectory(path)).lock().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(JournalLocked);
    expect(error).toMatchObject({ pid: process.pid });
    await release();
    await release();
    await (await storage.lock())();
    expect(await readdir(path)).toEqual([]);
  });

  it('is not taken from a process that lives', async () => {
    const path = place();
    const storage = await openDirectory(path);
    const child = fork(join(import.meta.dirname, 'testing/holder.ts'), [path], { stdio: 'inherit' });
    await new Promise((resolve) => child.once('message', resolve));
    await expect(storage.lock()).rejects.toMatchObject({ name: 'JournalLocked', pid: child.pid });
    const ended = endOf(child);
    child.kill('SIGKILL');
    await ended;
    const release = await storage.lock();
    await release();
  });

  const earlier = 'an earlier boot 1';
  const left: [string, () => string][] = [
    ['a process that is no more', () => JSON.stringify({ pid: deadPid, born: null })],
    ['a process whose number another has now', () => JSON.stringify({ pid: process.ppid, born: earlier })],
    ['a process that had our own number', () => JSON.stringify({ pid: process.pid, born: earlier })],
    ['nobody who can be named', () => '{"pid":'],
  ];
  it.for(left)('is taken over from %s', { skip: process.platform !== 'linux' }, async ([, content]) => {
    const path = place();
    const storage = await openDirectory(path);
    await writeFile(join(path, 'lock'), content());
    const release = await storage.lock();
    expect(JSON.parse(await readFile(join(path, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await release();
    expect(await readdir(path)).toEqual([]);
  });

  it('is taken over by one of many who try at once', async () => {
    const path = place();
    await openDirectory(path);
    await writeFile(join(path, 'lock'), JSON.stringify({ pid: deadPid, born: null }));
    await writeFile(join(path, 'lock.takeover'), JSON.stringify({ pid: deadPid, born: null }));
    const children = Array.from({ length: 4 }, () =>
      fork(join(import.meta.dirname, 'testing/holder.ts'), [path], { stdio: 'inherit' }),
    );
    const answers = await Promise.all(
      children.map((child) => new Promise<unknown>((resolve) => child.once('message', resolve))),
    );
    const ends = children.map(endOf);
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(ends);
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'locked')).toHaveLength(3);
  });
});
