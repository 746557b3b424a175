import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from '@drawbridge/journal/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type FsckReport,
  formatProof,
  formatPruned,
  fsck,
  openReader,
  parsePruned,
  type TileFiles,
  verifyProof,
} from './index.ts';
import { put } from './interop/maker.ts';
import { verify } from './interop/run-verify.ts';
import {
  contentsOf,
  fetchFrom,
  finished,
  flipped,
  grow,
  HandClock,
  integratorOf,
  Machine,
  madeUp,
  ORIGIN,
  open,
  servedFrom,
  signer,
  trust,
} from './log-harness.ts';
import { type PruneOptions, prune } from './prune.ts';

const policy = 'Made up: entries are kept for 183 days; hash tiles are kept.';
type Contents = Map<string, Buffer>;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-prune-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All portions of it. */
async function pruneAll(files: TileFiles, minimumIndex: number, more: Partial<PruneOptions> = {}) {
  for (;;) {
    const done = await prune({ ...trust, files, minimumIndex, policy, ...more });
    if (done.isDone) return done.minimumIndex;
  }
}

async function pruned(sizes: readonly number[], minimumIndex: number): Promise<Contents> {
  const files = await finished(sizes);
  await pruneAll(files, minimumIndex);
  return contentsOf(files);
}

function check(contents: Contents, minimumIndex?: number): Promise<FsckReport> {
  return fsck({ ...trust, ...servedFrom(contents), clock: new HandClock(), minimumIndex });
}

/** What both verifiers find: they have to agree. */
async function isInOrder(contents: Contents, minimumIndex?: number): Promise<boolean> {
  const { ok, problems } = await check(contents, minimumIndex);
  const place = mkdtempSync(join(folder, 'log-'));
  for (const [path, bytes] of contents) put(place, path, bytes);
  const told = minimumIndex === undefined ? [] : ['--minimum-index', String(minimumIndex)];
  const { status, said } = verify([place, '--vkey', signer.verifierKey, ...told]);
  rmSync(place, { recursive: true });
  expect(status, `${JSON.stringify(problems)}\n${said}`).toBe(ok ? 0 : 1);
  return ok;
}

describe('a pruned log', () => {
  const sizes = fc.oneof(
    fc.constantFrom(1, 255, 256, 257, 511, 512, 513, 768),
    fc.integer({ min: 1, max: 800 }),
  );

  it('is in order for who is told the minimum index, and lacks files for who is not', async () => {
    const near = (most: number) =>
      fc.oneof(
        fc.constantFrom(...[0, 1, 255, 256, 257, 511, 512, most].filter((at) => at <= most)),
        fc.nat(most),
      );
    const logs = sizes.chain((size) => fc.tuple(fc.constant(size), near(size), near(size + 300)));
    await fc.assert(
      fc.asyncProperty(logs, async ([size, minimum, told]) => {
        const contents = await pruned([size], minimum);
        const gone = Math.floor(minimum / 256);
        expect([...contents.keys()].filter((path) => path.startsWith('tile/entries/'))).toHaveLength(
          Math.ceil(size / 256) - gone,
        );
        expect(await isInOrder(contents, minimum)).toBe(true);
        expect(await isInOrder(contents)).toBe(gone === 0);
        expect(await isInOrder(contents, told)).toBe(Math.floor(told / 256) >= gone);
        const { pruned: unseen, checked, stated } = await check(contents, minimum);
        expect([unseen, checked.entries]).toEqual([gone * 256, size - gone * 256]);
        expect(stated).toEqual({ minimumIndex: gone * 256, policy });
      }),
      { numRuns: 25 },
    );
  });

  it('still proves every entry to whoever kept it, and says of the others that they are pruned', async () => {
    const contents = await pruned([700], 512);
    const reader = await openReader({ ...trust, ...servedFrom(contents), minimumIndex: 512 });
    for (let index = 0; index < 700; index += 13) {
      const proof = formatProof(await reader.prove(index));
      expect(verifyProof(proof, { ...trust, entry: madeUp(index) }).index).toBe(index);
      expect(() => verifyProof(proof, { ...trust, entry: madeUp(index + 1) })).toThrow();
    }
    await expect(reader.entry(511)).rejects.toMatchObject({ code: 'pruned' });
    expect((await reader.entry(512)).toString()).toBe(madeUp(512).toString());
    const untold = await openReader({ ...trust, ...servedFrom(contents) });
    await expect(untold.entry(511)).rejects.toMatchObject({ code: 'missing' });
  });

  it('has every file checked that is there, also below the minimum index', async () => {
    const contents = await pruned([3, 300, 700], 512);
    const whole = await contentsOf(await finished([3, 300, 700]));
    // What is left of an earlier checkpoint has to begin what is only known by its hashes now.
    for (const path of ['tile/entries/000', 'tile/entries/000.p/3', 'tile/0/000.p/3']) {
      const bytes = whole.get(path) ?? (await contentsOf(await finished([3]))).get(path) ?? Buffer.alloc(0);
      const kept: Contents = new Map([...contents, [path, bytes]]);
      expect(await isInOrder(kept, 512), path).toBe(true);
      expect(await isInOrder(kept.set(path, flipped(bytes, 99)), 512), path).toBe(false);
    }
    for (const [path, bytes] of contents) {
      if (path === 'pruned') continue;
      for (const bit of [3, bytes.length * 4, bytes.length * 8 - 9]) {
        expect(await isInOrder(new Map([...contents, [path, flipped(bytes, bit)]]), 512), path).toBe(false);
      }
    }
    const fresh = await pruned([700], 512);
    for (const path of fresh.keys()) {
      const without: Contents = new Map(fresh);
      without.delete(path);
      expect(await isInOrder(without, 512), `no ${path}`).toBe(path === 'pruned');
    }
  });

  it('with hashes of entries that never were is found out, in whichever tiles they stand', async () => {
    const contents = await pruned([700], 512);
    const other = await contentsOf(await otherLog(700, 300));
    const forged: Contents = new Map(contents);
    for (const path of ['tile/0/001', 'tile/1/000.p/2']) {
      forged.set(path, other.get(path) ?? Buffer.alloc(0));
      expect(await isInOrder(forged, 512), path).toBe(false);
    }
  });

  it('states its policy in one spelling', async () => {
    const contents = await pruned([300], 256);
    const stated = (contents.get('pruned') ?? '').toString();
    expect(parsePruned(stated)).toEqual({ minimumIndex: 256, policy });
    for (const text of [
      '',
      stated.replace('256', '0256'),
      stated.slice(0, -1),
      `${stated}\n`,
      stated.replace(' index', ''),
      `minimum index 256\n\n`,
      stated.replace('Made', '\u0007Made'),
      stated.replace('Made', '\tMade'),
      stated.padEnd(5000, 'x'),
    ]) {
      expect(await isInOrder(new Map([...contents, ['pruned', Buffer.from(text)]]), 256), text).toBe(false);
    }
    expect(() => formatPruned({ minimumIndex: 1, policy: 'two\nlines' })).toThrow(
      expect.objectContaining({ code: 'bad_pruned' }),
    );
  });
});

/** A log with one other entry. */
async function otherLog(size: number, changed: number) {
  const files = await finished([]);
  const integrator = await integratorOf(files);
  for (let at = 0; at < size; at++) integrator.add(at === changed ? Buffer.from('forged') : madeUp(at));
  await integrator.publish((await integrator.sign()).note);
  return files;
}

describe('pruning', () => {
  it('touches nothing that is under no published checkpoint, and no hash tile', async () => {
    const files = await finished([513]);
    const before = await contentsOf(files);
    await expect(pruneAll(files, 514)).rejects.toMatchObject({ code: 'out_of_range' });
    for (const none of [-256, 0.5, Number.NaN])
      await expect(pruneAll(files, none)).rejects.toMatchObject({ code: 'out_of_range' });
    expect(await contentsOf(files)).toEqual(before);
    expect(await pruneAll(files, 513)).toBe(512);
    const after = await contentsOf(files);
    for (const path of before.keys())
      expect(after.has(path), path).toBe(!/^tile\/entries\/00[01]$/.test(path));
    // Another time, with less: what was stated stays.
    expect(await pruneAll(files, 256)).toBe(512);
  });

  it('removes no bundle whose hashes are not to be had from the tiles', async () => {
    for (const path of ['tile/0/001', 'tile/entries/001', 'tile/1/000.p/2']) {
      const files = await finished([600]);
      const bytes = (await files.read(path, 1e6)) ?? Buffer.alloc(0);
      files.write(path, flipped(bytes, 77));
      const before = await contentsOf(files);
      await expect(pruneAll(files, 512), path).rejects.toMatchObject({ name: 'TlogError' });
      expect(await contentsOf(files)).toEqual(before);
    }
  });

  it('goes in portions, and a log goes on beside it', async () => {
    const machine = new Machine();
    const log = await open(machine);
    await grow(log, 5000);
    const first = await prune({ ...trust, files: machine.files, minimumIndex: 5000, policy });
    expect(first).toEqual({ minimumIndex: 4096, isDone: false });
    await grow(log, 300);
    expect(await pruneAll(machine.files, 5000)).toBe(4864);
    await log.close();
    machine.powerCut();
    const again = await open(machine);
    await grow(again, 20);
    const report = await fsck({
      ...trust,
      fetch: fetchFrom(machine.files),
      list: () => machine.files.list(),
      clock: new HandClock(),
      minimumIndex: 4864,
    });
    expect(report).toMatchObject({ ok: true, pruned: 4864, checked: { entries: 5320 - 4864 } });
    await again.close();
  });

  it('is finished by the next call, wherever the power went', { timeout: 60_000 }, async () => {
    for (let at = 1, isOver = false; !isOver; at++) {
      let counted = 0;
      let isCounting = false;
      const fault = (_: Operation) => (isCounting && ++counted === at ? 'crash' : null);
      const machine = new Machine({ seed: at, fault });
      const log = await open(machine);
      await grow(log, 700);
      await log.close();
      isCounting = true;
      const done = pruneAll(machine.files, 700).then(() => true);
      isOver = await done.catch(() => false);
      isCounting = false;
      machine.powerCut();
      // What the file states is all that may be missing.
      const files = machine.files;
      const bytes = await files.read('pruned', 4096);
      const minimumIndex = bytes === null ? 0 : parsePruned(bytes).minimumIndex;
      const report = () =>
        fsck({
          ...trust,
          fetch: fetchFrom(files),
          list: () => files.list(),
          clock: new HandClock(),
          minimumIndex,
        });
      const { problems } = await report();
      expect(problems.filter(({ code }) => code !== 'unfinished_file')).toEqual([]);
      expect(await pruneAll(files, 700)).toBe(512);
      const left: string[] = [];
      for await (const { path } of files.list()) left.push(path);
      expect(left.filter((path) => path.startsWith('tile/entries'))).toEqual(['tile/entries/002.p/188']);
      expect(left.some((path) => path.endsWith('.draft'))).toBe(false);
      if (isOver) expect(at).toBeGreaterThan(8);
    }
  });

  it('is refused by a file that states what can’t be', async () => {
    for (const text of ['garbage', `minimum index 100\n${policy}\n`, `minimum index 1024\n${policy}\n`]) {
      const files = await finished([600]);
      files.write('pruned', Buffer.from(text));
      await expect(pruneAll(files, 512)).rejects.toMatchObject({ code: 'contradiction' });
    }
    await expect(
      prune({ ...trust, origin: `${ORIGIN}2`, files: await finished([600]), minimumIndex: 256, policy }),
    ).rejects.toMatchObject({ code: 'wrong_origin' });
  });
});
