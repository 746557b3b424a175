import { describe, expect, it } from 'vitest';
import { Frontier, type FsckOptions, type FsckReport, fsck, leafHash, signCheckpoint } from './index.ts';
import {
  contentsOf,
  finished,
  flipped,
  HandClock,
  madeUp,
  ORIGIN,
  servedFrom,
  signer,
  trust,
} from './log-harness.ts';

const isSoak = process.env.DRAWBRIDGE_SOAK === '1';

type Contents = Map<string, Buffer>;

function check(contents: Contents, more: Partial<FsckOptions> = {}): Promise<FsckReport> {
  return fsck({ ...trust, ...servedFrom(contents), clock: new HandClock(), ...more });
}

async function codesOf(contents: Contents, more: Partial<FsckOptions> = {}): Promise<string[]> {
  const { ok, problems } = await check(contents, more);
  expect(ok).toBe(problems.length === 0);
  return problems.map(({ code }) => code);
}

const made = async (...sizes: number[]) => contentsOf(await finished(sizes));

describe('a whole log', () => {
  it.for([0, 1, 2, 3, 255, 256, 257, 511, 512, 513])('of %i entries is in order', async (size) => {
    const { ok, checkpoint, checked, problems } = await check(await made(size));
    expect(problems).toEqual([]);
    expect(ok).toBe(true);
    expect(checkpoint?.checkpoint.size).toBe(size);
    expect(checked).toMatchObject({ entries: size, bundles: Math.ceil(size / 256) });
  });

  it('is in order around 2^16, signed at each size', async () => {
    const files = await finished([65_535, 65_536, 65_537, 70_000]);
    const { ok, checkpoint, checked } = await check(await contentsOf(files));
    expect(ok).toBe(true);
    const tree = Frontier.empty();
    for (let at = 0; at < 70_000; at++) tree.append(leafHash(madeUp(at)));
    expect(checkpoint?.checkpoint.root).toEqual(tree.root());
    // 273 full and one partial of level 0, one full and one partial above, one on top.
    expect(checked).toMatchObject({ entries: 70_000, bundles: 274, tiles: 277 });
  });

  it('may keep the partial files of earlier checkpoints, if they are the beginning of what is there now', async () => {
    const contents = await made(3, 100, 257);
    expect([...contents.keys()].filter((path) => path.includes('.p/'))).toHaveLength(3);
    const old = await made(3, 100);
    for (const path of ['tile/0/000.p/3', 'tile/0/000.p/100', 'tile/entries/000.p/3']) {
      const whole: Contents = new Map([...contents, [path, old.get(path) ?? Buffer.alloc(0)]]);
      expect(await codesOf(whole)).toEqual([]);
      whole.set(path, flipped(whole.get(path) ?? Buffer.alloc(0), 30));
      expect(await codesOf(whole)).toEqual(['wrong_tile']);
    }
  });

  it('may have lost its partial files when the full ones are there', async () => {
    const contents = await made(3);
    for (const [path, bytes] of await made(256)) if (path.endsWith('/000')) contents.set(path, bytes);
    contents.delete('tile/0/000.p/3');
    contents.delete('tile/entries/000.p/3');
    expect(await codesOf(contents)).toEqual(['beyond_checkpoint', 'beyond_checkpoint']);
  });

  it('says what it can’t know', async () => {
    const { list: _, ...withoutList } = servedFrom(await made(3));
    const report = await fsck({ ...trust, ...withoutList, clock: new HandClock() });
    expect(report.checked.files).toBeNull();
    expect(report.unknown.join(' ')).toMatch(/was logged.*no witness.*no list/);
  });
});

describe('a changed log', () => {
  it('is found out by any bit, in any file', { timeout: 60_000 }, async () => {
    const contents = await made(5);
    for (const [path, bytes] of contents) {
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const { ok } = await check(new Map([...contents, [path, flipped(bytes, bit)]]));
        if (ok) throw new Error(`bit ${bit} of ${path} was flipped, and nothing was noticed`);
      }
    }
  });

  it('is found out by bits here and there in tiles of all levels', {
    timeout: isSoak ? 900_000 : 60_000,
  }, async () => {
    const contents = await made(300);
    for (const [path, bytes] of contents) {
      for (let bit = 3; bit < bytes.length * 8; bit += isSoak ? 1 : 1301) {
        const { ok } = await check(new Map([...contents, [path, flipped(bytes, bit)]]));
        if (ok) throw new Error(`bit ${bit} of ${path} was flipped, and nothing was noticed`);
      }
    }
  });

  it('is found out when a file is cut anywhere, goes on, is empty or is gone', async () => {
    const contents = await made(5);
    for (const [path, bytes] of contents) {
      for (let length = 0; length < bytes.length; length++)
        expect((await check(new Map([...contents, [path, bytes.subarray(0, length)]]))).ok).toBe(false);
      expect((await check(new Map([...contents, [path, Buffer.concat([bytes, bytes])]]))).ok).toBe(false);
      const without: Contents = new Map(contents);
      without.delete(path);
      expect(await codesOf(without)).toContain('missing');
    }
  });

  it('is found out when tiles or bundles change places', async () => {
    const contents = await made(600);
    for (const [one, other] of [
      ['tile/0/000', 'tile/0/001'],
      ['tile/entries/000', 'tile/entries/001'],
    ] as const) {
      const swapped: Contents = new Map(contents);
      swapped.set(one, contents.get(other) ?? Buffer.alloc(0));
      swapped.set(other, contents.get(one) ?? Buffer.alloc(0));
      expect(await codesOf(swapped)).toContain('wrong_tile');
    }
  });

  it('is found out when an entry is changed together with its leaf hash', async () => {
    const contents = await made(600);
    const forged = forge(contents, 300);
    expect(await codesOf(forged)).toEqual(['wrong_tile', 'wrong_root']);
    const { problems } = await check(forged);
    expect(problems.map(({ path }) => path)).toEqual(['tile/1/000.p/2', null]);
  });

  it('is found out when it is another log’s, or signed by another key', async () => {
    const contents = await made(5);
    const note = (await made(4)).get('checkpoint') ?? Buffer.alloc(0);
    expect(await codesOf(new Map([...contents, ['checkpoint', note]]))).toEqual([
      'missing',
      'missing',
      'beyond_checkpoint',
      'beyond_checkpoint',
    ]);
    expect(await codesOf(contents, { origin: 'another.example.test' })).toEqual(['wrong_origin']);
    expect(await codesOf(contents, { log: { ...trust.log, keyId: 1 } })).toEqual(['unsigned']);
  });

  it('with damage in several places tells of each, and goes on behind an unreadable bundle', async () => {
    const contents = await made(1000);
    contents.set('tile/entries/000', Buffer.alloc(4));
    contents.set('tile/0/002', flipped(contents.get('tile/0/002') ?? Buffer.alloc(0), 9));
    const { problems } = await check(contents);
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['bad_bundle', null],
      ['wrong_tile', 'tile/0/002'],
    ]);
    expect(problems[0]?.message).toContain('tile/entries/000');
  });

  it('has each other file told of', async () => {
    const contents = await made(5);
    contents.set('notes.txt', Buffer.from('made up'));
    contents.set('tile/0/x000/001', Buffer.alloc(32));
    contents.set('tile/0/000.p/7.draft', Buffer.alloc(3));
    contents.set('tile/entries/004', Buffer.alloc(3));
    expect(await codesOf(contents)).toEqual([
      'unknown_file',
      'unknown_file',
      'unfinished_file',
      'beyond_checkpoint',
    ]);
    const list = async function* () {
      yield { path: 'checkpoint', kind: 'other' as const };
    };
    expect(await codesOf(await made(5), { list })).toEqual(['not_a_file']);
  });
});

/** An entry changed together with its hash in the lowest tile, as in CVE-2026-56865. */
export function forge(contents: Contents, index: number): Contents {
  const forged = new Map(contents);
  const group = String(Math.floor(index / 256)).padStart(3, '0');
  const bundle = Buffer.from(forged.get(`tile/entries/${group}`) ?? []);
  const entry = madeUp(index);
  const at = bundle.indexOf(entry);
  entry.write('forged!!', 0);
  bundle.set(entry, at);
  const tile = Buffer.from(forged.get(`tile/0/${group}`) ?? []);
  tile.set(leafHash(entry), (index % 256) * 32);
  return forged.set(`tile/entries/${group}`, bundle).set(`tile/0/${group}`, tile);
}

describe('a hostile place', () => {
  const signed = async (size: number) =>
    Buffer.from(
      await signCheckpoint({ origin: ORIGIN, size, root: Buffer.alloc(32), extensions: [] }, [signer]),
    );

  it('that sends more than was asked for is refused', async () => {
    const contents = await made(5);
    const fetch = async () => Buffer.alloc(20_000_000);
    expect(await codesOf(contents, { fetch })).toEqual(['too_large']);
  });

  it('that goes on for ever is left when the bytes are used up', async () => {
    const checkpoint = await signed(Number.MAX_SAFE_INTEGER);
    const bundle = Buffer.alloc(512);
    const fetch = async (path: string) => {
      if (path === 'checkpoint') return checkpoint;
      return path.includes('entries') ? bundle : Buffer.alloc(8192);
    };
    const report = await check(new Map(), { fetch, limits: { bytes: 1_000_000, problems: 5 } });
    expect(report.problems).toHaveLength(5);
    expect(report.more).toBeGreaterThan(0);
    expect(report.checked.bytes).toBeLessThan(1_200_000);
    expect(report.ok).toBe(false);
  });

  it('that never answers is left when the time is over', async () => {
    const clock = new HandClock();
    const contents = await made(600);
    const fetch = (path: string) =>
      path === 'tile/entries/001' ? new Promise<null>(() => undefined) : servedFrom(contents).fetch(path, 0);
    const done = check(contents, { fetch, clock, limits: { ms: 5000 } });
    for (let turn = 0; turn < 200; turn++) await null;
    clock.move(5001);
    const { problems } = await done;
    expect(problems.map(({ code }) => code)).toEqual(['gave_up']);
  });

  it('that has files without end is left', async () => {
    const list = async function* () {
      for (let at = 0; ; at++) yield { path: `made-up-${at}`, kind: 'file' as const };
    };
    const { problems, more } = await check(await made(5), { list, limits: { files: 1000, problems: 10 } });
    expect(problems).toHaveLength(10);
    expect(more).toBe(991);
  });

  it('that fails is told of, not thrown', async () => {
    const fetch = () => Promise.reject(new Error('made-up: connection reset'));
    const { problems } = await check(new Map(), { fetch });
    expect(problems).toEqual([
      { code: 'unreadable', path: 'checkpoint', message: 'made-up: connection reset' },
    ]);
  });
});
