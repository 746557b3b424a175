import { spawnSync } from 'node:child_process';
import * as fsNow from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectoryFiles, type Fetch, fetchIn, fsck, type ListedFile } from './index.ts';
import {
  fetchFrom,
  HandClock,
  integratorOf,
  keptSigned,
  Machine,
  madeUp,
  open,
  trust,
} from './log-harness.ts';

let base = '';
let made = 0;
beforeAll(async () => {
  base = await fs.mkdtemp(join(tmpdir(), 'drawbridge-tlog-'));
});
afterAll(() => fs.rm(base, { recursive: true }));

async function place(): Promise<DirectoryFiles> {
  const path = join(base, String(++made));
  await fs.mkdir(path);
  return new DirectoryFiles(fs, path);
}

async function listed(files: DirectoryFiles): Promise<ListedFile[]> {
  const found: ListedFile[] = [];
  for await (const file of files.list()) found.push(file);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

describe('a directory with a log’s files', () => {
  it('shows what was written at once, and has it after sync', async () => {
    const files = await place();
    files.write('tile/0/x001/234.p/3', Buffer.from('abc'));
    expect((await files.read('tile/0/x001/234.p/3', 3))?.toString()).toBe('abc');
    expect(await listed(files)).toEqual([]);
    await files.sync();
    const again = new DirectoryFiles(fs, files.where);
    expect((await again.read('tile/0/x001/234.p/3', 3))?.toString()).toBe('abc');
    expect(await listed(files)).toEqual([{ path: 'tile/0/x001/234.p/3', kind: 'file' }]);
    await files.removeAll('tile/0/x001/234.p');
    expect(await again.read('tile/0/x001/234.p/3', 3)).toBeNull();
    await files.removeAll('tile/0/x001/234.p');
    files.write('tile/0/x001/234.p/4', Buffer.from('abcd'));
    await files.sync();
    expect(await listed(files)).toHaveLength(1);
  });

  it('reads no more than it is told to, and nothing that is no plain file', async () => {
    const files = await place();
    files.write('checkpoint', Buffer.from('made up'));
    await files.sync();
    await fs.symlink('checkpoint', join(files.where, 'link'));
    await fs.mkdir(join(files.where, 'tile'));
    spawnSync('mkfifo', [join(files.where, 'pipe')]);
    const ways: Fetch[] = [(path, limit) => files.read(path, limit), fetchIn(fsNow, files.where)];
    for (const read of ways) {
      expect(Buffer.from((await read('checkpoint', 7)) ?? []).toString()).toBe('made up');
      await expect(read('checkpoint', 6)).rejects.toMatchObject({ code: 'too_large' });
      for (const path of ['nothing', 'checkpoint/x']) expect(await read(path, 6)).toBeNull();
      for (const path of ['link', 'pipe', 'tile'])
        await expect(read(path, 100)).rejects.toMatchObject({ code: 'not_a_file' });
    }
    expect((await listed(files)).map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'checkpoint file',
      'link other',
      'pipe other',
    ]);
  });

  it('keeps the old file while a new one can’t be written', async () => {
    const files = await place();
    files.write('checkpoint', Buffer.from('old'));
    await files.sync();
    await fs.mkdir(join(files.where, 'checkpoint.draft'));
    files.write('checkpoint', Buffer.from('new'));
    await expect(files.sync()).rejects.toMatchObject({ code: 'EISDIR' });
    expect((await new DirectoryFiles(fs, files.where).read('checkpoint', 10))?.toString()).toBe('old');
    await fs.rmdir(join(files.where, 'checkpoint.draft'));
    await files.sync();
    expect((await new DirectoryFiles(fs, files.where).read('checkpoint', 10))?.toString()).toBe('new');
  });

  it('keeps nothing of what a crash left half written, also of files that are never written again', async () => {
    const files = await place();
    const machine = new Machine();
    const first = await open(machine, { files });
    await first.append(madeUp(0));
    await first.checkpoint();
    await first.close();
    await fs.mkdir(join(files.where, 'tile/entries/007.p'));
    for (const path of ['checkpoint', 'tile/0/000.p/9', 'tile/entries/007.p/3', 'tile/entries/006'])
      await fs.writeFile(join(files.where, `${path}.draft`), 'half');
    const again = await open(machine, { files: new DirectoryFiles(fs, files.where) });
    await again.close();
    expect((await listed(files)).map(({ path }) => path)).toEqual([
      'checkpoint',
      'tile/0/000.p/1',
      'tile/entries/000.p/1',
    ]);
  });

  it('that can’t be written leaves entries durable, and no checkpoint', async () => {
    const { where } = await place();
    const readOnly = () => Promise.reject(Object.assign(new Error('made-up'), { code: 'EROFS' }));
    const files = new DirectoryFiles({ ...fs, mkdir: readOnly }, where);
    const log = await open(new Machine(), { files });
    await log.append(madeUp(0));
    await expect(log.checkpoint()).rejects.toMatchObject({ code: 'EROFS' });
    expect(log.size).toBe(1);
    expect(await listed(files)).toEqual([]);
  });

  it('holds a log that is in order, to be gone on with', async () => {
    const files = await place();
    const signed = keptSigned();
    for (const size of [3, 600, 601]) {
      const integrator = await integratorOf(new DirectoryFiles(fs, files.where), signed);
      while (integrator.size < size) integrator.add(madeUp(integrator.size));
      await integrator.publish((await integrator.sign()).note);
    }
    const { problems, checked } = await fsck({
      ...trust,
      fetch: fetchFrom(files),
      list: () => files.list(),
      clock: new HandClock(),
    });
    expect(problems).toEqual([]);
    expect(checked).toMatchObject({ entries: 601, tiles: 4 });
  });
});
