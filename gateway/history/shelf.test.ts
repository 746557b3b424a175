import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, EntryKeys, HistoryDamaged, type KeptEntry, type OpenedEntry } from './entry.ts';
import type { Line } from './line.ts';
import { type HistoryOptions, HistoryShelf } from './shelf.ts';

const DAY = 86_400_000;
const [diskKey, secret] = [randomBytes(32), randomBytes(32)];
const keys = new EntryKeys(diskKey, secret, 'conn', 'app');
const entry = (...originals: string[]): Entry => ({
  tokens: new Map(originals.map((original) => [`[[${original}]]`, original])),
  of: [],
});
const name = keys.nameOf('conv_1');

let folder: string;
let now: number;
const logged: unknown[] = [];
const note = (detail: unknown): void => void logged.push(detail);
const shelves: HistoryShelf[] = [];
function open(more: Partial<HistoryOptions> = {}): HistoryShelf {
  const shelf = new HistoryShelf({
    directory: folder,
    diskKey,
    clock: () => now,
    random: randomBytes,
    log: { debug: note, info: note, warn: note, error: note },
    ...more,
  });
  shelves.push(shelf);
  return shelf;
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-shelf-'));
  now = Date.now();
  logged.length = 0;
});
afterEach(async () => {
  for (const shelf of shelves.splice(0)) await shelf.close();
  await rm(folder, { recursive: true, force: true });
});

const held = async (shelf: HistoryShelf, id = 'conv_1'): Promise<string[] | null> => {
  const found = await shelf.read(keys, keys.nameOf(id));
  return found === null ? null : [...found.tokens.values()].sort();
};
const put = (shelf: HistoryShelf, id: string, ...originals: string[]): boolean =>
  shelf.addNow(keys, keys.nameOf(id), entry(...originals), 30 * DAY);
/** One sweep may be under way, which began before. */
async function sweptAnew(shelf: HistoryShelf): ReturnType<HistoryShelf['sweep']> {
  await shelf.sweep();
  return shelf.sweep();
}
async function add(shelf: HistoryShelf, ...originals: string[]): Promise<void> {
  const before = await shelf.read(keys, name);
  if (before !== null) await shelf.add(keys, name, entry(...originals), before, 30 * DAY);
}

describe('a record', () => {
  const head = { name, until: 1_900_000_000_000, isWhole: true, covers: null };
  const line = keys.seal(head, { ...entry('a'), of: ['b'] }, randomBytes(12));

  it('is opened as it was written, by the same keys alone', () => {
    const opened: OpenedEntry = { ...entry('a'), of: ['b'], until: head.until, wholeUntil: head.until };
    expect(keys.open([line])).toEqual(opened);
    const changes: Partial<Line>[] = [
      { name: keys.nameOf('conv_2') },
      { until: head.until + 1 },
      { isWhole: false },
      { covers: new Map([['0mik4x2aa-0123456789ab.log', 7]]) },
    ];
    for (const change of changes) expect(() => keys.open([{ ...line, ...change }])).toThrow(HistoryDamaged);
    for (const wrong of [
      new EntryKeys(randomBytes(32), secret, 'conn', 'app'),
      new EntryKeys(diskKey, randomBytes(32), 'conn', 'app'),
      new EntryKeys(diskKey, secret, 'conn-2', 'app'),
      new EntryKeys(diskKey, secret, 'conn', 'app-2'),
    ]) {
      expect(wrong.nameOf('conv_1')).not.toBe(name);
      expect(() => wrong.open([line])).toThrow(HistoryDamaged);
    }
  });
});

describe('writing', () => {
  it('from several at once keeps all, for each to read', async () => {
    const workers = [open(), open(), open()];
    for (const shelf of workers) await shelf.sweep();
    put(workers[0] as HistoryShelf, 'conv_1', 'first');
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => add(workers[at % 3] as HistoryShelf, `${at}`.padEnd(2_000, 'x'))),
    );
    for (const shelf of workers) expect(await held(shelf)).toHaveLength(61);
    expect(await readdir(folder)).toHaveLength(3);
  });

  it('leaves what is there alone where there is nothing new', async () => {
    const shelf = open();
    put(shelf, 'resp_1', 'a');
    put(shelf, 'resp_1');
    expect(await held(shelf, 'resp_1')).toEqual(['a']);
    const [file = ''] = await readdir(folder);
    expect((await readFile(join(folder, file), 'latin1')).split('\n')).toHaveLength(2);
  });

  it('that the disk does not take is told, and spoils nothing', async () => {
    let took = 30;
    const writes: number[] = [];
    const { writeSync } = await import('node:fs');
    const shelf = open({
      write: (descriptor, line) => {
        writes.push(line.length);
        return writeSync(descriptor, line.subarray(0, took));
      },
    });
    expect(put(shelf, 'resp_1', 'made-up')).toBe(false);
    expect(await held(shelf, 'resp_1')).toBeNull();
    took = 1_000_000;
    expect(put(shelf, 'resp_2', 'b')).toBe(true);
    for (const reader of [shelf, open()]) {
      expect([await held(reader, 'resp_1'), await held(reader, 'resp_2')]).toEqual([null, ['b']]);
    }
    took = 30;
    const before = await shelf.read(keys, keys.nameOf('resp_2'));
    await expect(
      shelf.add(keys, keys.nameOf('resp_2'), entry('c'), before as KeptEntry, DAY),
    ).rejects.toMatchObject({ code: 'history_unavailable', status: 503 });
    expect(writes).toHaveLength(3);
    expect(JSON.stringify(logged)).toContain('history_not_kept');
    expect(JSON.stringify(logged)).not.toContain('made-up');
  });

  it('is refused, and reading too, where the directory is none', async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, 'no folder');
    const shelf = open();
    expect(put(shelf, 'resp_1', 'a')).toBe(false);
    await expect(shelf.read(keys, name)).rejects.toMatchObject({ code: 'history_unavailable' });
    expect(await shelf.sweep()).toBeNull();
  });
});

describe('reading', () => {
  it('passes over lines that are none, and the part of one', async () => {
    const writer = open();
    put(writer, 'resp_1', 'a');
    const [file = ''] = await readdir(folder);
    await appendFile(
      join(folder, file),
      `no line\n${name} 0 w !\n\n${keys.nameOf('resp_2')} zzzzzzzz w AAAA`,
    );
    await writeFile(join(folder, 'zzzzzzzz-000000000000.log'), randomBytes(100_000));
    await writeFile(join(folder, 'something else'), 'x');
    const reader = open();
    expect([await held(reader, 'resp_1'), await held(reader, 'resp_2'), await held(reader)]).toEqual([
      ['a'],
      null,
      null,
    ]);
  });

  it('misses nothing that was written while nobody asked', async () => {
    const [writer, reader] = [open(), open()];
    put(writer, 'resp_1', 'a');
    expect(await held(reader, 'resp_1')).toEqual(['a']);
    now += DAY - 1_000;
    put(writer, 'resp_2', 'b');
    now += DAY;
    expect(await held(reader, 'resp_2')).toEqual(['b']);
  });

  it('ends with the time of what was written last, and that is later for what is used', async () => {
    const shelf = open();
    put(shelf, 'conv_1', 'a');
    put(shelf, 'resp_1', 'b');
    now += 20 * DAY;
    for (const id of ['conv_1', 'resp_1']) {
      const used = await shelf.read(keys, keys.nameOf(id));
      shelf.extend(keys, new Map([[keys.nameOf(id), used as KeptEntry]]), 30 * DAY);
    }
    await add(shelf, 'c');
    now += 20 * DAY;
    for (const reader of [shelf, open()]) {
      expect([await held(reader), await held(reader, 'resp_1')]).toEqual([['a', 'c'], ['b']]);
    }
    now += 11 * DAY;
    for (const reader of [shelf, open()]) {
      expect([await held(reader), await held(reader, 'resp_1')]).toEqual([null, null]);
    }
  });
});

describe('what is added to thousands of times', () => {
  const originals = (count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${at}`.padStart(4, '0'));

  /** As a request does: reads, writes anew where that is due, adds. */
  async function use(shelf: HistoryShelf, original: string): Promise<number> {
    const found = (await shelf.read(keys, name)) as KeptEntry;
    shelf.extend(keys, new Map([[name, found]]), 30 * DAY);
    await shelf.add(keys, name, entry(original), found, 30 * DAY);
    return found.records;
  }

  it('is read from few records, by each worker, and by those that come later', async () => {
    const workers = [open(), open()];
    put(workers[0] as HistoryShelf, 'conv_1', 'a');
    const all = originals(5_000);
    for (let at = 0; at < all.length; at += 50) {
      await Promise.all(
        workers.map(async (shelf, each) => {
          const found = (await shelf.read(keys, name)) as KeptEntry;
          // What is added at once comes on top of those that are left.
          expect(found.records).toBeLessThanOrEqual(64 + 2 * 50);
          shelf.extend(keys, new Map([[name, found]]), 30 * DAY);
          const batch = all.slice(at + 25 * each, at + 25 * (each + 1));
          await Promise.all(batch.map((original) => shelf.add(keys, name, entry(original), found, 30 * DAY)));
        }),
      );
    }
    for (const shelf of [...workers, open()]) {
      const found = await shelf.read(keys, name);
      expect(found?.records).toBeLessThanOrEqual(64 + 2 * 50);
      expect([...(found?.tokens.values() ?? [])].sort()).toEqual([...all, 'a'].sort());
    }
  });

  it('is kept as long as it is used, also if that is each day', async () => {
    const shelf = open();
    put(shelf, 'conv_1', 'a');
    const all = originals(60);
    for (const original of all) {
      now += 0.8 * DAY;
      await use(shelf, original);
      await sweptAnew(shelf);
    }
    for (const reader of [shelf, open()]) expect(await held(reader)).toEqual([...all, 'a'].sort());
  });

  it('loses nothing where segments come and go meanwhile, and ends with its time', async () => {
    const options = { segmentBytes: 4_096 };
    const workers = [open(options), open(options), open(options)];
    put(workers[0] as HistoryShelf, 'conv_1', 'a');
    const all = originals(400);
    const seen = new Set<string>();
    for (const [at, original] of all.entries()) {
      now += DAY / 4;
      await use(workers[at % 3] as HistoryShelf, original);
      for (const file of await readdir(folder)) seen.add(file);
      if (at % 7 === 0) await sweptAnew(workers[at % 2] as HistoryShelf);
    }
    expect(seen.size - (await readdir(folder)).length).toBeGreaterThan(20);
    for (const shelf of [...workers, open(options)]) expect(await held(shelf)).toEqual([...all, 'a'].sort());
    now += 31 * DAY;
    for (const shelf of [...workers, open(options)]) expect(await held(shelf)).toBeNull();
  });

  it('counts by its records where there is no room', async () => {
    const shelf = open({ segmentBytes: 4_096, bounds: { records: 100, bytes: 1024 * 1024 } });
    put(shelf, 'conv_1', 'a');
    for (const original of originals(150)) await add(shelf, original);
    const swept = await sweptAnew(shelf);
    expect(swept?.records).toBeLessThanOrEqual(100);
    expect(await held(shelf)).toBeNull();
  });

  it('is not to be had from a record whose place among the others was changed', async () => {
    const shelf = open();
    put(shelf, 'conv_1', 'a');
    for (const original of originals(70)) await use(shelf, original);
    await shelf.close();
    const [file = ''] = await readdir(folder);
    const text = await readFile(join(folder, file), 'latin1');
    const kept = /^([0-9a-f]{32} \S+ c \S+@)(\S+)( .*)$/m;
    expect(text).toMatch(kept);
    await writeFile(join(folder, file), text.replace(kept, '$11$2$3'));
    expect(await open().read(keys, name)).toBeNull();
    expect(JSON.stringify(logged)).toContain('history_damaged');
  });
});

describe('sweeping', () => {
  it('takes away what has ended, whoever wrote it', async () => {
    const [one, other] = [open(), open()];
    put(one, 'resp_1', 'a');
    now += 10 * DAY;
    put(one, 'resp_2', 'b');
    now += 21 * DAY;
    expect(await sweptAnew(other)).toMatchObject({ entries: 1 });
    expect(await readdir(folder)).toHaveLength(1);
    for (const shelf of [one, other]) {
      expect([await held(shelf, 'resp_1'), await held(shelf, 'resp_2')]).toEqual([null, ['b']]);
    }
  });

  it('takes the oldest where there is no room, and never leaves a part for the whole', async () => {
    const shelf = open({ segmentBytes: 4_096, bounds: { records: 60, bytes: 1024 * 1024 } });
    await shelf.sweep();
    put(shelf, 'conv_1', 'whole');
    for (let at = 0; at < 200; at++) {
      now += 1_000;
      put(shelf, `resp_${at}`, `${at}`);
      if (at === 150) await add(shelf, 'part');
      if (at % 10 === 0) await shelf.sweep();
    }
    const swept = await sweptAnew(shelf);
    expect(swept?.entries).toBeLessThanOrEqual(60);
    for (const reader of [shelf, open()]) {
      expect(await held(reader, 'resp_199')).toEqual(['199']);
      expect(await held(reader, 'resp_0')).toBeNull();
      expect(await held(reader)).toBeNull();
    }
  });

  it('keeps to the bytes, and goes on by itself as entries come', async () => {
    const shelf = open({ segmentBytes: 2_048, bounds: { records: 10_000, bytes: 20_000 } });
    for (let at = 0; at < 500; at++) {
      put(shelf, `resp_${at}`, 'x');
      if (at % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await sweptAnew(shelf))?.bytes).toBeLessThanOrEqual(20_000 + 2 * 2_048);
    expect(await held(shelf, 'resp_499')).toEqual(['x']);
    expect((await readdir(folder)).length).toBeLessThan(15);
  });
});
