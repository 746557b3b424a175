import { JournalLocked, openJournal } from '@drawbridge/journal';
import { describe, expect, it } from 'vitest';
import {
  addSignatures,
  cosigner,
  generateKey,
  JournalTree,
  type JournalTreeOptions,
  keyTypes,
  type LogEvent,
  logSigner,
  MemoryFiles,
  openCheckpoint,
  parsePath,
  type SignedTree,
  signedIn,
  TlogError,
} from './index.ts';
import { grow, HandClock, Machine, madeUp, ORIGIN, open, rootsOf, signer, trust } from './log-harness.ts';

async function pathsOf(machine: Machine): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of machine.files.list()) paths.push(path);
  return paths.sort();
}

const entries = (count: number) => Array.from({ length: count }, (_, at) => madeUp(at));

describe('a log', () => {
  it('gives indexes in order, and a checkpoint over all that is durable', async () => {
    const machine = new Machine();
    const log = await open(machine);
    const answers = await Promise.all(entries(5).map((entry) => log.append(entry)));
    expect(answers.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(log.published).toBeNull();
    const { size, note } = await log.checkpoint();
    expect(size).toBe(5);
    const published = await machine.files.read('checkpoint', 10_000);
    expect(published?.toString()).toBe(note);
    const { checkpoint } = openCheckpoint(note, trust);
    expect(checkpoint.root).toEqual(rootsOf(entries(5))[5]);
    expect(await pathsOf(machine)).toEqual(['checkpoint', 'tile/0/000.p/5', 'tile/entries/000.p/5']);
  });

  it('signs and publishes by itself, once for all that came within the interval', async () => {
    const clock = new HandClock();
    const machine = new Machine();
    const log = await open(machine, { clock, checkpointEveryMs: 500 });
    await log.append(madeUp(0));
    clock.move(499);
    await log.append(madeUp(1));
    expect(log.published).toBeNull();
    clock.move(1);
    await expect.poll(() => log.published?.size).toBe(2);
    await log.append(madeUp(2));
    clock.move(500);
    await expect.poll(() => log.published?.size).toBe(3);
    expect(log.published?.root).toEqual(rootsOf(entries(3))[3]);
  });

  it('can be empty and have a checkpoint', async () => {
    const { note, root } = await (await open(new Machine())).checkpoint();
    expect(openCheckpoint(note, trust).checkpoint).toMatchObject({ size: 0, root });
  });

  it('keeps full tiles, drops partial ones when the full one is durable', async () => {
    const machine = new Machine();
    const log = await open(machine);
    for (const count of [200, 55, 2]) await grow(log, count);
    expect(await pathsOf(machine)).toEqual([
      'checkpoint',
      'tile/0/000',
      'tile/0/001.p/1',
      'tile/1/000.p/1',
      'tile/entries/000',
      'tile/entries/001.p/1',
    ]);
    await grow(log, 255);
    await grow(log, 1);
    expect((await pathsOf(machine)).filter((path) => path.includes('.p/'))).toEqual([
      'tile/0/002.p/1',
      'tile/1/000.p/1',
      'tile/1/000.p/2',
      'tile/entries/002.p/1',
    ]);
  });

  it('clears away the partial files of a tree that was never signed', async () => {
    const machine = new Machine();
    await grow(await open(machine), 200);
    const left = machine.files;
    left.write('tile/0/001.p/5', Buffer.alloc(160));
    await left.sync();
    machine.kill();
    await grow(await open(machine), 400);
    expect((await pathsOf(machine)).filter((path) => path.startsWith('tile/0/'))).toEqual([
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/88',
    ]);
  });

  it('goes on where it was closed, and removes the write-ahead of what is in the tree', async () => {
    const machine = new Machine();
    const log = await open(machine);
    await grow(log, 300, 100);
    const segments = (await machine.storage.list()).filter((name) => name.endsWith('.journal'));
    expect(segments).toHaveLength(1);
    await log.append(madeUp(300, 100));
    await log.close();
    const again = await open(machine);
    expect(again.size).toBe(301);
    expect(again.published?.size).toBe(301);
    const tree = await grow(again, 300, 100);
    expect(tree.root).toEqual(rootsOf(Array.from({ length: 601 }, (_, at) => madeUp(at, 100)))[601]);
    expect((await pathsOf(machine)).every((path) => parsePath(path) !== null)).toBe(true);
  });

  it('is one writer’s', async () => {
    const machine = new Machine();
    const log = await open(machine);
    await expect(open(machine)).rejects.toBeInstanceOf(JournalLocked);
    await log.close();
    await (await open(machine)).close();
  });

  it('publishes what witnesses cosigned, and nothing when they do not', async () => {
    const witness = cosigner(generateKey('witness.example.test', Buffer.alloc(32, 9), keyTypes.cosignature));
    const machine = new Machine();
    const clock = new HandClock();
    const events: LogEvent[] = [];
    let isAway = true;
    const log = await open(machine, {
      clock,
      events,
      cosign: async ({ note }) => {
        if (isAway) throw new Error('made-up: no witness answers');
        const { name, keyId } = witness;
        const text = note.slice(0, note.indexOf('\n\n') + 1);
        return addSignatures(note, [{ name, keyId, signature: Buffer.from(await witness.cosign(text, 1)) }]);
      },
    });
    await log.append(madeUp(0));
    clock.move(1000);
    await expect.poll(() => events.map(({ kind }) => kind)).toEqual(['checkpoint_failed']);
    expect(await machine.files.read('checkpoint', 10_000)).toBeNull();
    isAway = false;
    clock.move(1000);
    await expect.poll(() => log.published?.size).toBe(1);
    expect(log.published?.note).toContain('— witness.example.test ');
  });
});

describe('a log over a journal that is there', () => {
  async function treeOver(machine: Machine, more: Partial<JournalTreeOptions>) {
    const clock = new HandClock();
    const journal = await openJournal({
      storage: machine.storage,
      origin: ORIGIN,
      clock,
      report: () => undefined,
    });
    const tree = await JournalTree.open({
      journal,
      files: machine.files,
      signed: signedIn(machine.storage),
      signer,
      clock,
      onFailure: () => undefined,
      ...more,
    });
    return { journal, tree, clock };
  }

  it('signs nothing before the journal has settled', async () => {
    const machine = new Machine();
    let isSettled = false;
    const settle = async () => {
      if (!isSettled) throw new Error('made-up: the disk is away');
    };
    const { journal, tree } = await treeOver(machine, { settle });
    await journal.append(madeUp(0), null);
    await expect(tree.checkpoint()).rejects.toThrow('the disk is away');
    expect(tree.signed).toBeNull();
    isSettled = true;
    expect((await tree.checkpoint()).size).toBe(1);
  });

  it('takes in what is durable beside other work, from memory, or from the journal when that is full', async () => {
    const { journal, tree, clock } = await treeOver(new Machine(), {});
    const entries = Array.from({ length: 200 }, (_, at) => Buffer.alloc(50_000, String(at)));
    for (let at = 0; at < 200; at += 50) {
      await Promise.all(entries.slice(at, at + 50).map((entry) => journal.append(entry, null)));
      if (at === 100) clock.move(2);
    }
    expect((await tree.checkpoint()).root).toEqual(rootsOf(entries)[200]);
  });

  it('publishes one checkpoint after the other, however slow witnesses are', async () => {
    const waiting: (() => void)[] = [];
    const cosign = ({ note }: SignedTree) =>
      new Promise<string>((resolve) => waiting.push(() => resolve(note)));
    const { journal, tree } = await treeOver(new Machine(), { cosign });
    await journal.append(madeUp(0), null);
    const first = tree.checkpoint();
    await expect.poll(() => waiting.length).toBe(1);
    await journal.append(madeUp(1), null);
    const second = tree.checkpoint();
    waiting[0]?.();
    expect((await first).size).toBe(1);
    await expect.poll(() => waiting.length).toBe(2);
    waiting[1]?.();
    expect((await second).size).toBe(2);
    expect(tree.published?.size).toBe(2);
  });
});

describe('a log refuses to go on', () => {
  /** 300 entries, of which the last 4 are not in the tree yet; closed by a kill. */
  async function killed(): Promise<Machine> {
    const machine = new Machine();
    const log = await open(machine, { limits: { segmentBytes: 1e6 } });
    await grow(log, 296);
    await Promise.all([296, 297, 298, 299].map((index) => log.append(madeUp(index))));
    machine.kill();
    return machine;
  }

  async function refusal(machine: Machine, more: Parameters<typeof open>[1] = {}): Promise<string> {
    const before = await pathsOf(machine);
    const signed = await machine.storage.read('signed', 0, 10_000);
    const error = await open(machine, more).catch((error: unknown) => error);
    if (!(error instanceof TlogError)) throw new Error(`no TlogError but ${String(error)}`);
    expect(error.code).toBe('contradiction');
    expect(await pathsOf(machine)).toEqual(before);
    expect(await machine.storage.read('signed', 0, 10_000)).toEqual(signed);
    return error.message;
  }

  it('not when nothing is wrong', async () => {
    const log = await open(await killed());
    expect((await log.checkpoint()).root).toEqual(rootsOf(entries(300))[300]);
  });

  it('when the journal ends before what is signed', async () => {
    const machine = await killed();
    for (const name of await machine.storage.list())
      if (name.endsWith('.journal')) await machine.storage.remove(name);
    expect(await refusal(machine)).toContain('it ends before entry 0, and a tree of 296 entries is signed');
  });

  it('when the journal is another one', async () => {
    const machine = await killed();
    const other = new Machine();
    const log = await open(other, { limits: { segmentBytes: 1e6 } });
    for (let at = 0; at < 300; at++) await log.append(Buffer.from(`another entry ${at}`));
    other.kill();
    for (const name of await machine.storage.list())
      if (name.endsWith('.journal')) await machine.storage.remove(name);
    for (const name of await other.storage.list()) {
      if (!name.endsWith('.journal')) continue;
      await (await machine.storage.create(name)).append(await other.storage.read(name, 0, 1e6));
    }
    expect(await refusal(machine)).toContain('its entry 256 is not the one that the tree has');
  });

  it('when the journal goes on too late', async () => {
    const machine = await killed();
    const [name = ''] = (await machine.storage.list()).filter((each) => each.endsWith('.journal'));
    await machine.storage.remove(name);
    const log = await open(new Machine(), { storage: machine.storage }).catch((error: unknown) => error);
    expect(log).toBeInstanceOf(TlogError);
  });

  it.for([
    ['tile/0', '001.p/40', 'do not have the root'],
    ['tile/1', '000.p/1', 'do not have the root'],
    ['tile/entries', '001.p/40', 'is not the one that the tile above it holds'],
  ])('when a file at the edge was changed: %s/%s', async ([directory = '', name = '', said = '']) => {
    const machine = await killed();
    const [partial = '', file = ''] = name.split('/');
    (await machine.disk.directory(`/log/${directory}/${partial}`)).damage(file, 9);
    expect(await refusal(machine)).toMatch(new RegExp(`${said}|is not the one that the tile`));
  });

  it.for(['tile/0/001.p/40', 'tile/1/000.p/1', 'tile/entries/001.p/40'])(
    'when a file at the edge is gone, or cut: %s',
    async (path) => {
      const [, directory = '', name = ''] = /^(.+)\/([^/]+)$/.exec(path) ?? [];
      const gone = await killed();
      await (await gone.disk.directory(`/log/${directory}`)).remove(name);
      expect(await refusal(gone)).toContain(`${path} is missing`);
      const cut = await killed();
      const file = await (await cut.disk.directory(`/log/${directory}`)).open(name);
      await file.truncate(file.size - 1);
      expect(await refusal(cut)).toContain(path);
    },
  );

  it('when another key signs, or the checkpoint is another log’s', async () => {
    const other = logSigner(generateKey(ORIGIN, Buffer.alloc(32, 8)));
    expect(await refusal(await killed(), { signer: other })).toContain('not signed by the log’s key');
    const machine = await killed();
    await machine.storage.remove('signed');
    const another = new Machine();
    await grow(await open(another, { signer: other }), 3);
    const foreign = await another.files.read('checkpoint', 10_000);
    await (await machine.storage.create('signed')).append(foreign ?? Buffer.alloc(0));
    expect(await refusal(machine)).toContain('the checkpoint that was signed last is not this log');
  });

  it('when the published checkpoint is of another history', async () => {
    const machine = await killed();
    const other = new Machine();
    const log = await open(other);
    await log.append(Buffer.from('another entry'));
    await log.checkpoint();
    const forked = await other.files.read('checkpoint', 10_000);
    machine.files.write('checkpoint', forked ?? Buffer.alloc(0));
    const files = machine.files;
    files.write('checkpoint', forked ?? Buffer.alloc(0));
    await files.sync();
    expect(await refusal(machine)).toContain('does not begin with the signed one of 1');
  });
});

describe('when something fails', () => {
  it('a full disk of the files keeps back checkpoints, not entries, until there is room', async () => {
    let isFull = false;
    const isTile = (name: string) => !name.includes('journal') && !name.startsWith('signed');
    const machine = new Machine({
      fault: ({ kind, name }) => (isFull && kind === 'append' && isTile(name) ? 'enospc' : null),
    });
    const log = await open(machine);
    await grow(log, 10);
    isFull = true;
    await log.append(madeUp(10));
    await expect(log.checkpoint()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(log.published?.size).toBe(10);
    isFull = false;
    expect((await log.checkpoint()).root).toEqual(rootsOf(entries(11))[11]);
  });

  it('a directory that can’t be written is said, and nothing is published', async () => {
    const machine = new Machine({ fault: ({ kind }) => (kind === 'create' ? 'eio' : null) });
    await expect((await open(machine)).append(madeUp(0))).rejects.toMatchObject({ code: 'write_failed' });
    expect(await pathsOf(machine)).toEqual([]);
  });

  it('a signer that signs something else is found out before anyone sees it', async () => {
    const machine = new Machine();
    const log = await open(machine, {
      signer: { ...signer, sign: (text) => signer.sign(text.replace('\n1\n', '\n2\n')) },
    });
    await log.append(madeUp(0));
    await expect(log.checkpoint()).rejects.toMatchObject({ code: 'bad_signature' });
    expect(await machine.files.read('checkpoint', 10_000)).toBeNull();
    expect(await machine.storage.list()).not.toContain('signed');
  });

  it.for(['tile/0/000.p/3', 'tile/1/000.p/1'])(
    'files that keep something else are not signed over: %s',
    async (lie) => {
      class Lying extends MemoryFiles {
        override write(path: string, bytes: Buffer): void {
          const kept = Buffer.from(bytes);
          if (path === lie) kept[7] = (kept[7] ?? 0) ^ 1;
          super.write(path, kept);
        }
      }
      const machine = new Machine();
      const files = new Lying();
      const log = await open(machine, { files });
      for (let at = 0; at < (lie.startsWith('tile/0') ? 3 : 257); at++) await log.append(madeUp(at));
      await expect(log.checkpoint()).rejects.toMatchObject({ code: 'contradiction' });
      expect(log.published).toBeNull();
      expect(await machine.storage.list()).not.toContain('signed');
    },
  );
});
