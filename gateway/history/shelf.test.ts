import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, EntryKeys, HistoryDamaged } from './entry.ts';
import { historyFiles } from './files.ts';
import { HistoryShelf } from './shelf.ts';
import type { HistoryBounds } from './sweep.ts';

const DAY = 86_400_000;
const [diskKey, secret] = [randomBytes(32), randomBytes(32)];
const keys = new EntryKeys(diskKey, secret, 'conn', 'app');
const entry = (...originals: string[]): Entry => ({
  tokens: new Map(originals.map((original, at) => [`[[EMAIL_${at}]]`, original])),
  of: [],
});

let folder: string;
let now: number;
const logged: unknown[] = [];
const note = (detail: unknown): void => void logged.push(detail);
const open = (bounds?: HistoryBounds) =>
  new HistoryShelf({
    directory: folder,
    diskKey,
    clock: () => now,
    random: randomBytes,
    log: { debug: note, info: note, warn: note, error: note },
    ...(bounds === undefined ? {} : { bounds }),
  });
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-shelf-'));
  now = Date.now();
  logged.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const files = async (): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => name.length > 2);

describe('an entry', () => {
  it('is opened under its own name, by the same keys alone', () => {
    const [name, other] = [keys.nameOf('resp_1'), keys.nameOf('resp_2')];
    const line = keys.seal(name, { ...entry('made-up'), of: [other] }, randomBytes(12));
    expect(keys.open(name, line)).toEqual({ ...entry('made-up'), of: [other] });
    expect(() => keys.open(other, line)).toThrow(HistoryDamaged);
    for (const wrong of [
      new EntryKeys(randomBytes(32), secret, 'conn', 'app'),
      new EntryKeys(diskKey, randomBytes(32), 'conn', 'app'),
      new EntryKeys(diskKey, secret, 'conn-2', 'app'),
      new EntryKeys(diskKey, secret, 'conn', 'app-2'),
    ]) {
      expect(wrong.nameOf('resp_1')).not.toBe(name);
      expect(() => wrong.open(name, line)).toThrow(HistoryDamaged);
    }
  });

  it('has all whole records, and none of one that was cut short at the end', () => {
    const name = keys.nameOf('conv_1');
    const one = keys.seal(name, { tokens: new Map([['[[A]]', '1']]), of: [] }, randomBytes(12));
    const two = keys.seal(name, { tokens: new Map([['[[B]]', '2']]), of: [] }, randomBytes(12));
    for (let end = 0; end < two.length; end++) {
      const cut = Buffer.concat([one, two.subarray(0, end)]);
      expect([...(keys.open(name, cut)?.tokens.keys() ?? [])]).toEqual(['[[A]]']);
    }
    expect(keys.open(name, Buffer.concat([one, two]))?.tokens.size).toBe(2);
    // Cut short with others behind it: nobody knows what is missing.
    expect(() => keys.open(name, Buffer.concat([one, two.subarray(0, 40), one]))).toThrow(HistoryDamaged);
    expect(keys.open(name, one.subarray(0, 40))).toBeNull();
  });
});

describe('writing', () => {
  it('from two at once keeps all', async () => {
    const shelves = [open(), open()];
    const name = keys.nameOf('conv_1');
    const add = (at: number) =>
      shelves[at % 2]?.add(keys, name, { tokens: new Map([[`[[${at}]]`, 'x'.repeat(5_000)]]), of: [] }, DAY);
    await Promise.all(Array.from({ length: 40 }, (_, at) => add(at)));
    expect((await shelves[0]?.read(keys, name))?.tokens.size).toBe(40);
    for (const shelf of shelves) await shelf.close();
  });

  it('leaves what is there alone where there is nothing new', async () => {
    const shelf = open();
    const name = keys.nameOf('resp_1');
    shelf.addNow(keys, name, entry('made-up'), DAY);
    shelf.addNow(keys, name, { tokens: new Map(), of: ['0'.repeat(40)] }, DAY);
    expect(await shelf.read(keys, name)).toEqual(entry('made-up'));
    await shelf.close();
  });

  it('that fails takes away what lacks a part, and says so', async () => {
    const shelf = open();
    const name = keys.nameOf('conv_1');
    await shelf.add(keys, name, entry('made-up'), DAY);
    const path = join(folder, name.slice(0, 2));
    await rm(path, { recursive: true });
    await writeFile(path, 'no folder');
    const problem = { code: 'history_unavailable', status: 503, stage: 'minimise' };
    await expect(shelf.add(keys, name, entry('made-up'), DAY)).rejects.toMatchObject(problem);
    await expect(shelf.read(keys, name)).rejects.toMatchObject(problem);
    expect(shelf.addNow(keys, name, entry('made-up'), DAY)).toBe(false);
    expect(JSON.stringify(logged)).toContain('history_not_kept');
    expect(JSON.stringify(logged)).not.toContain('made-up');
    await shelf.close();
  });

  it('by a process that ended within it is as if it had not been', async () => {
    const shelf = open();
    const name = keys.nameOf('resp_1');
    shelf.addNow(keys, name, entry('made-up'), DAY);
    const path = join(folder, name.slice(0, 2), name.slice(2));
    await truncate(path, 30);
    await utimes(path, (now + DAY) / 1000, (now + DAY) / 1000);
    expect(await shelf.read(keys, name)).toBeNull();
    await shelf.close();
  });
});

describe('sweeping', () => {
  it('takes away what has ended, and what would end first where there is no room', async () => {
    const shelf = open({ entries: 50, bytes: 1024 * 1024 * 1024 });
    await shelf.sweep();
    const names = Array.from({ length: 60 }, (_, at) => keys.nameOf(`resp_${at}`));
    const store = historyFiles(folder, () => now);
    for (const [at, name] of names.entries()) {
      store.appendNow(name, keys.seal(name, entry('x'), randomBytes(12)), now + (at + 1) * DAY, false);
    }
    now += 5 * DAY + 3_600_000;
    await shelf.close();
    expect(await shelf.sweep()).toMatchObject({ entries: 45, ended: 5, crowded: 10 });
    const left = await Promise.all(names.map((name) => shelf.read(keys, name)));
    expect(left.map((found) => found !== null)).toEqual(names.map((_, at) => at >= 15));
    expect(await files()).toHaveLength(45);
    await shelf.close();
  });

  it('keeps to the bytes too, and goes on by itself as entries come', async () => {
    const shelf = open({ entries: 1_000, bytes: 40 * 4_096 });
    for (let at = 0; at < 200; at++) {
      shelf.addNow(keys, keys.nameOf(`resp_${at}`), entry('x'), DAY + at * 3_600_000);
      if (at % 20 === 0) await shelf.sweep();
    }
    await shelf.sweep();
    expect((await files()).length).toBeLessThanOrEqual(40);
    expect(await shelf.read(keys, keys.nameOf('resp_199'))).toEqual(entry('x'));
    await shelf.close();
  });

  it('keeps for longer what is used', async () => {
    const shelf = open();
    const name = keys.nameOf('resp_1');
    shelf.addNow(keys, name, entry('x'), DAY);
    shelf.extend([name, keys.nameOf('resp_unknown')], 10 * DAY);
    const path = join(folder, name.slice(0, 2), name.slice(2));
    await expect.poll(async () => (await stat(path)).mtimeMs).toBeGreaterThan(now + 9 * DAY);
    await shelf.close();
    expect(logged).toEqual([]);
  });
});
