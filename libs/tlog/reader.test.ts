import { describe, expect, it } from 'vitest';
import {
  formatProof,
  leafHash,
  openReader,
  type Reader,
  TlogError,
  verifyConsistency,
  verifyInclusion,
  verifyProof,
} from './index.ts';
import {
  contentsOf,
  finished,
  flipped,
  integratorOf,
  madeUp,
  rootsOf,
  servedFrom,
  trust,
} from './log-harness.ts';

const isSoak = process.env.DRAWBRIDGE_SOAK === '1';
const TIMEOUT = isSoak ? 900_000 : 60_000;

type Contents = Map<string, Buffer>;
const made = async (...sizes: number[]) => contentsOf(await finished(sizes));
const read = (contents: Contents) => openReader({ ...trust, ...servedFrom(contents) });

async function all(reader: Reader, from?: number, to?: number): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of reader.entries(from ?? 0, to)) found.push(entry.toString());
  return found;
}
const texts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => madeUp(from + at).toString());

describe('a reader', () => {
  it('reads entries, any of them and in a row', async () => {
    const reader = await read(await made(600));
    expect(await all(reader)).toEqual(texts(0, 600));
    expect(await all(reader, 250, 260)).toEqual(texts(250, 260));
    expect(await all(reader, 590, 10_000)).toEqual(texts(590, 600));
    expect((await reader.entry(599)).toString()).toBe(madeUp(599).toString());
    for (const index of [600, -1, 0.5, Number.NaN])
      await expect(reader.entry(index)).rejects.toMatchObject({ code: 'out_of_range' });
    await expect(all(reader, -1)).rejects.toMatchObject({ code: 'out_of_range' });
  });

  it.for([1, 2, 255, 256, 257, 700])('proves each entry of %i, and each earlier tree', async (size) => {
    const reader = await read(await made(size));
    const roots = rootsOf(texts(0, size).map((text) => Buffer.from(text)));
    const { root } = reader.checkpoint.checkpoint;
    for (let index = 0; index < size; index += size > 300 ? 7 : 1) {
      const { hashes } = await reader.prove(index);
      expect(verifyInclusion({ leafHash: leafHash(madeUp(index)), index, size, proof: hashes, root })).toBe(
        true,
      );
      const oldRoot = roots[index] ?? Buffer.alloc(0);
      const proof = await reader.consistency(index);
      expect(verifyConsistency({ old: index, oldRoot, size, root, proof })).toBe(true);
    }
  });

  it('gives proofs that stand for themselves', async () => {
    const reader = await read(await made(70));
    const text = formatProof(await reader.prove(33));
    expect(verifyProof(text, { ...trust, entry: madeUp(33) })).toMatchObject({ index: 33 });
  });

  it('keeps few tiles, and fetches each once while it keeps it', async () => {
    const contents = await made(3000);
    const asked: string[] = [];
    const { fetch } = servedFrom(contents);
    const reader = await openReader({
      ...trust,
      tiles: 3,
      fetch: (path, limit) => {
        asked.push(path);
        return fetch(path, limit);
      },
    });
    await Promise.all([1, 2, 3, 4].map((index) => reader.prove(index)));
    expect(asked.filter((path) => path === 'tile/0/000')).toHaveLength(1);
    for (let index = 0; index < 2816; index += 256) await reader.prove(index);
    await reader.prove(0);
    expect(asked.filter((path) => path === 'tile/0/000')).toHaveLength(2);
  });

  it('takes full files where partial ones are gone', async () => {
    const contents = await made(300);
    const later = await made(512);
    for (const path of ['tile/0/001', 'tile/entries/001']) {
      contents.delete(`${path}.p/44`);
      contents.set(path, later.get(path) ?? Buffer.alloc(0));
    }
    expect(await all(await read(contents))).toEqual(texts(0, 300));
  });

  it('goes on to a later tree, and never to one that does not begin with the known one', async () => {
    const contents = await made(300);
    const later = await made(300, 700);
    const reader = await read(contents);
    const [early = Buffer.alloc(0), late = Buffer.alloc(0)] = [contents, later].map((each) =>
      each.get('checkpoint'),
    );
    for (const [path, bytes] of later) contents.set(path, bytes);
    await reader.refresh();
    expect(await all(reader)).toEqual(texts(0, 700));

    contents.set('checkpoint', early);
    await expect(reader.refresh()).rejects.toMatchObject({ code: 'contradiction' });
    contents.set('checkpoint', late);

    const files = await finished([]);
    const fork = await integratorOf(files);
    for (let at = 0; at < 800; at++) fork.add(Buffer.from(`another entry ${at}`));
    await fork.publish((await fork.sign()).note);
    for (const [path, bytes] of await contentsOf(files)) contents.set(path, bytes);
    await expect(reader.refresh()).rejects.toMatchObject({ code: 'contradiction' });
    expect(reader.checkpoint.checkpoint.size).toBe(700);
  });
});

describe('a reader of a changed log', () => {
  /** What it reads is what was written, or it says that it is not. */
  async function expectNoLie(contents: Contents, size: number, what: string): Promise<boolean> {
    try {
      const reader = await read(contents);
      const { root } = reader.checkpoint.checkpoint;
      expect(await all(reader)).toEqual(texts(0, size));
      for (let index = 0; index < size; index += Math.ceil(size / 7)) {
        const { hashes } = await reader.prove(index);
        const claim = { leafHash: leafHash(madeUp(index)), index, size, proof: hashes, root };
        expect(verifyInclusion(claim), what).toBe(true);
      }
      return true;
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      return false;
    }
  }

  it('is not fooled by any bit', { timeout: TIMEOUT }, async () => {
    const contents = await made(5);
    for (const [path, bytes] of contents) {
      for (let bit = 0; bit < bytes.length * 8; bit += isSoak ? 1 : 5) {
        const changed = new Map([...contents, [path, flipped(bytes, bit)] as const]);
        expect(await expectNoLie(changed, 5, `bit ${bit} of ${path}`)).toBe(false);
      }
    }
  });

  it('is not fooled by bits here and there in tiles of all levels', { timeout: TIMEOUT }, async () => {
    const contents = await made(600);
    for (const [path, bytes] of contents) {
      for (let bit = 1; bit < bytes.length * 8; bit += isSoak ? 61 : 4001) {
        const changed = new Map([...contents, [path, flipped(bytes, bit)] as const]);
        expect(await expectNoLie(changed, 600, `bit ${bit} of ${path}`)).toBe(false);
      }
    }
  });

  it('is not fooled by an entry that is changed together with its leaf hash', async () => {
    const contents = await made(600);
    const bundle = Buffer.from(contents.get('tile/entries/001') ?? []);
    const entry = madeUp(300);
    const at = bundle.indexOf(entry);
    entry.write('forged!!', 0);
    bundle.set(entry, at);
    const tile = Buffer.from(contents.get('tile/0/001') ?? []);
    tile.set(leafHash(entry), 44 * 32);
    contents.set('tile/entries/001', bundle).set('tile/0/001', tile);
    const reader = await read(contents);
    await expect(reader.entry(300)).rejects.toMatchObject({ code: 'bad_tile' });
    await expect(reader.prove(301)).rejects.toMatchObject({ code: 'bad_tile' });
    expect((await reader.entry(3)).toString()).toBe(madeUp(3).toString());
  });

  it('is not fooled by tiles that changed places', async () => {
    const contents = await made(600);
    const [one, other] = ['tile/0/000', 'tile/0/001'].map((path) => contents.get(path) ?? Buffer.alloc(0));
    contents.set('tile/0/000', other ?? Buffer.alloc(0)).set('tile/0/001', one ?? Buffer.alloc(0));
    await expect((await read(contents)).prove(3)).rejects.toMatchObject({ code: 'bad_tile' });
  });

  it('refuses more bytes than a file may have', async () => {
    const contents = await made(5);
    for (const path of contents.keys()) {
      const { fetch } = servedFrom(contents);
      const attempt = openReader({
        ...trust,
        fetch: (asked, limit) =>
          asked === path ? Promise.resolve(Buffer.alloc(limit + 1)) : fetch(asked, limit),
      }).then((reader) => reader.entry(1));
      await expect(attempt).rejects.toMatchObject({ code: 'too_large' });
    }
  });
});
