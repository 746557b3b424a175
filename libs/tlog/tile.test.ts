import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TlogError } from './errors.ts';
import { leafHash } from './hash.ts';
import {
  type Bundle,
  bundlePath,
  bundlesOf,
  decodeBundle,
  ENTRY_LIMIT,
  encodeBundle,
  parsePath,
  partialWidth,
  subtreeHash,
  type Tile,
  tileOfNode,
  tilePath,
  tilesOf,
} from './tile.ts';
import { Frontier, inclusionNodes, type Node, rootNodes } from './tree.ts';

const index = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.maxSafeNat());
const width = fc.integer({ min: 1, max: 256 });

describe('names', () => {
  it.each<[string, Tile]>([
    ['tile/0/000', { level: 0, index: 0, width: 256 }],
    ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
    ['tile/63/999.p/1', { level: 63, index: 999, width: 1 }],
    ['tile/2/x001/000.p/255', { level: 2, index: 1000, width: 255 }],
    ['tile/0/x009/x007/x199/x254/x740/991', { level: 0, index: Number.MAX_SAFE_INTEGER, width: 256 }],
  ])('%s', (path, tile) => {
    expect(tilePath(tile)).toBe(path);
    expect(parsePath(path)).toEqual({ kind: 'tile', tile });
  });

  it('are read as they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), index, width, (level, index, width) => {
        expect(parsePath(tilePath({ level, index, width }))).toEqual({
          kind: 'tile',
          tile: { level, index, width },
        });
        expect(parsePath(bundlePath({ index, width }))).toEqual({
          kind: 'entries',
          bundle: { index, width },
        });
      }),
    );
    expect(parsePath('checkpoint')).toEqual({ kind: 'checkpoint' });
  });

  it.each([
    '',
    '/checkpoint',
    'checkpoint\n',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/x001/x002',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/000\n',
    'tile/0/000.p/5/',
    'tile/0//000',
    'tile/0/../0/000',
    'TILE/0/000',
    'tile/data/000',
    'tile/8/0/000',
    'tile/entries/00a',
    'tile/0/٠٠١',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/x001/x009/x007/x199/x254/x740/991',
  ])('have one spelling, and it is not %j', (path) => {
    expect(parsePath(path)).toBeNull();
  });

  it('that were bent are null, or name something else', () => {
    const bend = fc.tuple(fc.nat({ max: 40 }), fc.constantFrom('0', '9', 'x', '/', '.', 'p', '', '%', ' '));
    fc.assert(
      fc.property(index, width, fc.array(bend, { minLength: 1, maxLength: 4 }), (index, width, bends) => {
        let path = tilePath({ level: 1, index, width });
        for (const [at, put] of bends) path = path.slice(0, at) + put + path.slice(at + 1);
        const parsed = parsePath(path);
        if (parsed?.kind === 'tile') expect(tilePath(parsed.tile)).toBe(path);
        if (parsed?.kind === 'entries') expect(bundlePath(parsed.bundle)).toBe(path);
      }),
    );
  });

  it('are not made for what there can be no tile of', () => {
    for (const tile of [
      { level: 64, index: 0, width: 1 },
      { level: 0.5, index: 0, width: 1 },
      { level: 0, index: -1, width: 1 },
      { level: 0, index: 0, width: 0 },
      { level: 0, index: 0, width: 257 },
      { level: 0, index: 2 ** 53, width: 1 },
    ])
      expect(() => tilePath(tile)).toThrow(TlogError);
    expect(() => bundlePath({ index: 0.5, width: 1 })).toThrow(TlogError);
  });

  it('in hostile lengths are refused at once', () => {
    expect(parsePath(`tile/0/${'x001/'.repeat(1_000_000)}001`)).toBeNull();
    expect(parsePath(`tile/0/${'1'.repeat(5_000_000)}`)).toBeNull();
  });
});

describe('the tiles of a tree', () => {
  it('of 70,000 entries are those of the specification’s example', () => {
    const tiles = [...tilesOf(70_000)];
    const of = (level: number, full: boolean) =>
      tiles.filter((tile) => tile.level === level && (tile.width === 256) === full).map((tile) => tile.width);
    expect(of(0, true).length).toBe(273);
    expect(of(0, false)).toEqual([112]);
    expect(of(1, true).length).toBe(1);
    expect(of(1, false)).toEqual([17]);
    expect(of(2, true)).toEqual([]);
    expect(of(2, false)).toEqual([1]);
    expect(tiles.length).toBe(277);
    expect([0, 1, 2, 3].map((level) => partialWidth(level, 70_000))).toEqual([112, 17, 1, 0]);
  });

  it('are a full one and one above it at 256, and none at 0', () => {
    expect([...tilesOf(256)]).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    expect([...tilesOf(0)]).toEqual([]);
    expect([...bundlesOf(0)]).toEqual([]);
    expect([...bundlesOf(257)]).toEqual([
      { index: 0, width: 256 },
      { index: 1, width: 1 },
    ]);
  });

  it('that are new when it grew are those that the smaller did not have', () => {
    const size = fc.integer({ min: 0, max: 140_000 });
    fc.assert(
      fc.property(size, size, (one, two) => {
        const [since, size] = [Math.min(one, two), Math.max(one, two)];
        const had = new Set([...tilesOf(since)].map(tilePath));
        expect([...tilesOf(size, since)].map(tilePath)).toEqual(
          [...tilesOf(size)].map(tilePath).filter((path) => !had.has(path)),
        );
        const hadBundles = new Set([...bundlesOf(since)].map(bundlePath));
        expect([...bundlesOf(size, since)].map(bundlePath)).toEqual(
          [...bundlesOf(size)].map(bundlePath).filter((path) => !hadBundles.has(path)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('hold every hash that a proof needs', () => {
    const size = 66_000;
    const complete = new Map<string, Buffer>();
    const tree = Frontier.empty();
    for (let at = 0; at < size; at++)
      tree.append(leafHash(Buffer.from(`made-up entry ${at}`)), (level, index, hash) =>
        complete.set(`${level}/${index}`, hash),
      );
    const bytes = (tile: Tile) =>
      Buffer.concat(
        Array.from(
          { length: tile.width },
          (_, at) =>
            complete.get(`${tile.level * 8}/${tile.index * 256 + at}`) ?? expect.fail('no such hash'),
        ),
      );
    const check = (node: Node, of: number, paths: Set<string>) => {
      const place = tileOfNode(node, of);
      expect(paths.has(tilePath(place.tile))).toBe(true);
      expect(subtreeHash(bytes(place.tile), place.level, place.index)).toEqual(
        complete.get(`${node.level}/${node.index}`),
      );
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: size }), fc.maxSafeNat(), (of, any) => {
        const paths = new Set([...tilesOf(of)].map(tilePath));
        for (const node of [...rootNodes(of), ...inclusionNodes(any % of, of)]) check(node, of, paths);
      }),
      { numRuns: 8 },
    );
    // The hash of a full tile is the one that the tile above holds.
    expect(subtreeHash(bytes({ level: 0, index: 3, width: 256 }), 8, 0)).toEqual(complete.get('8/3'));
  });

  it('do not hold what the tree does not have', () => {
    expect(() => tileOfNode({ level: 1, index: 2 }, 5)).toThrow(TlogError);
    expect(() => tileOfNode({ level: -1, index: 0 }, 5)).toThrow(TlogError);
    expect(() => tileOfNode({ level: 60, index: 0 }, Number.MAX_SAFE_INTEGER)).toThrow(TlogError);
    expect(tileOfNode({ level: 52, index: 0 }, Number.MAX_SAFE_INTEGER)).toEqual({
      tile: { level: 6, index: 0, width: 31 },
      level: 4,
      index: 0,
    });
    expect(() => subtreeHash(Buffer.alloc(64), 1, 1)).toThrow(TlogError);
    expect(() => subtreeHash(Buffer.alloc(8192), 9, 0)).toThrow(TlogError);
    expect(() => [...tilesOf(-1)]).toThrow(TlogError);
  });
});

describe('bundles', () => {
  const bundle = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 256 });

  it('give back what went in', () => {
    fc.assert(
      fc.property(bundle, (entries) => {
        expect(decodeBundle(encodeBundle(entries), entries.length)).toEqual(
          entries.map((entry) => Buffer.from(entry)),
        );
      }),
    );
    const longest = Buffer.alloc(ENTRY_LIMIT, 7);
    expect(decodeBundle(encodeBundle([longest]), 1)).toEqual([longest]);
  });

  it('are written as the specification says', () => {
    expect(encodeBundle([Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(258, 1)]).subarray(0, 9)).toEqual(
      Buffer.from([0, 2, 97, 98, 0, 0, 1, 2, 1]),
    );
  });

  it('are refused when cut anywhere, longer, or of another width', () => {
    fc.assert(
      fc.property(bundle, fc.nat(), (entries, any) => {
        const bytes = encodeBundle(entries);
        expect(() => decodeBundle(bytes.subarray(0, any % bytes.length), entries.length)).toThrow(TlogError);
        expect(() => decodeBundle(Buffer.concat([bytes, Buffer.alloc(1)]), entries.length)).toThrow(
          TlogError,
        );
        expect(() => decodeBundle(bytes, entries.length + 1)).toThrow(TlogError);
        expect(() => decodeBundle(bytes, entries.length - 1)).toThrow(TlogError);
      }),
    );
  });

  it('that can be read are the only writing of what is in them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (bytes, width) => {
        let entries: Buffer[];
        try {
          entries = decodeBundle(Buffer.from(bytes), width);
        } catch (error) {
          expect(error).toBeInstanceOf(TlogError);
          return;
        }
        expect(encodeBundle(entries)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('are not made of nothing, of too much, or of entries that are too long', () => {
    expect(() => encodeBundle([])).toThrow(TlogError);
    expect(() => encodeBundle(Array<Buffer>(257).fill(Buffer.alloc(1)))).toThrow(TlogError);
    expect(() => encodeBundle([Buffer.alloc(ENTRY_LIMIT + 1)])).toThrow(TlogError);
  });

  it('have the index and width of their tile', () => {
    const bundles: Bundle[] = [...tilesOf(70_000)]
      .filter(({ level }) => level === 0)
      .map(({ index, width }) => ({ index, width }));
    expect([...bundlesOf(70_000)]).toEqual(bundles);
  });
});
