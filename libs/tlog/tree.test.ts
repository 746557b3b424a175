import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TlogError } from './errors.ts';
import { emptyRoot, leafHash, nodeHash } from './hash.ts';
import {
  consistencyNodes,
  consistencyProof,
  Frontier,
  type HashReader,
  inclusionNodes,
  inclusionProof,
  type Node,
  rootNodes,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './tree.ts';

/** RFC 6962, section 2.1, as it is written there: recursive, over all leaves. */
const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const split = (n: number) => 2 ** (Math.ceil(Math.log2(n)) - 1);
function mth(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha();
  if (leaves.length === 1) return first;
  const k = split(leaves.length);
  return sha(Buffer.from([1]), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}
function path(m: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  if (m < k) return [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))];
  return [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}
function subproof(m: number, leaves: readonly Buffer[], whole: boolean): Buffer[] {
  if (m === leaves.length) return whole ? [] : [mth(leaves)];
  const k = split(leaves.length);
  if (m <= k) return [...subproof(m, leaves.slice(0, k), whole), mth(leaves.slice(k))];
  return [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}

const entries = Array.from({ length: 70_000 }, (_, index) => Buffer.from(`made-up entry ${index}`));
const leaves = entries.map(leafHash);
const key = ({ level, index }: Node) => `${level}/${index}`;

/** Every complete subtree of the first 70,000 leaves, as the frontier tells them, and the root after each. */
const complete = new Map<string, Buffer>();
const grown = Frontier.empty();
for (const leaf of leaves)
  grown.append(leaf, (level, index, hash) => complete.set(key({ level, index }), hash));
const read: HashReader = async (wanted) =>
  wanted.map((node) => complete.get(key(node)) ?? expect.fail(`no subtree ${key(node)}`));

const sizes = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 65_520, max: 65_560 }));
const vast = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

describe('hashes', () => {
  it('are those of RFC 6962', () => {
    expect(emptyRoot).toEqual(sha());
    expect(leafHash(Buffer.from('abc'))).toEqual(sha(Buffer.from([0]), Buffer.from('abc')));
    expect(nodeHash(leaves[0] ?? sha(), leaves[1] ?? sha())).toEqual(mth(leaves.slice(0, 2)));
  });

  it('do not depend on what was hashed before, also beyond the longest entry', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 65_540 }), { maxLength: 4 }), (lengths) => {
        for (const length of lengths) {
          const entry = Buffer.alloc(length, length);
          expect(leafHash(entry)).toEqual(sha(Buffer.from([0]), entry));
        }
      }),
      { numRuns: 30 },
    );
  });

  // The example tree of Certificate Transparency's own tests (google/certificate-transparency, merkle_tree_test).
  it('give the known roots of the eight known leaves', () => {
    const known = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ];
    const tree = Frontier.empty();
    for (const [at, hex] of known.entries()) {
      tree.append(leafHash(Buffer.from(hex, 'hex')));
      expect(tree.root().toString('hex')).toBe(roots[at]);
    }
  });
});

describe('trees', () => {
  it('have the root of the naive tree', async () => {
    const tree = Frontier.empty();
    for (let size = 0; size <= 600; size++) {
      // Beyond a hundred, only around where the tree gets a new level.
      if (size <= 100 || [128, 256, 512, 600].some((edge) => Math.abs(size - edge) <= 2)) {
        const root = mth(leaves.slice(0, size));
        expect(tree.root().equals(root)).toBe(true);
        expect((await rootOf(read, size)).equals(root)).toBe(true);
      }
      tree.append(leaves[size] ?? sha());
    }
    for (const size of [65_535, 65_537]) expect(await rootOf(read, size)).toEqual(mth(leaves.slice(0, size)));
    expect(await rootOf(read, 70_000)).toEqual(grown.root());
  });

  it('grow from their edge as they grew from nothing', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 0, max: 40 }), async (size, more) => {
        const edge = Frontier.of(size, await read(rootNodes(size)));
        const told: string[] = [];
        for (let at = size; at < size + more; at++)
          edge.append(leaves[at] ?? sha(), (level, index, hash) => {
            told.push(key({ level, index }));
            expect(hash).toEqual(complete.get(key({ level, index })));
          });
        expect(edge.size).toBe(size + more);
        expect(edge.hashes()).toEqual(await read(rootNodes(size + more)));
        expect(edge.root()).toEqual(await rootOf(read, size + more));
        // A tree of n entries has n leaves, n / 2 pairs, n / 4 fours, …
        const subtrees = (n: number): number => (n < 1 ? 0 : n + subtrees(Math.floor(n / 2)));
        expect(new Set(told).size).toBe(told.length);
        expect(told.length).toBe(subtrees(size + more) - subtrees(size));
      }),
      { numRuns: 20 },
    );
  });

  it('grow beyond 2^32', () => {
    const size = 2 ** 33 + 3;
    const edge = Frontier.of(size, leaves.slice(0, 3));
    const told: Node[] = [];
    edge.append(leaves[3] ?? sha(), (level, index) => told.push({ level, index }));
    expect(told).toEqual([
      { level: 0, index: size },
      { level: 1, index: 2 ** 32 + 1 },
      { level: 2, index: 2 ** 31 },
    ]);
    expect(edge.hashes().length).toBe(rootNodes(size + 1).length);
  });

  it('stay as they are when the one who is told of a subtree throws', async () => {
    const edge = Frontier.of(7, await read(rootNodes(7)));
    const before = edge.root();
    expect(() =>
      edge.append(leaves[7] ?? sha(), (level) => {
        if (level === 2) throw new Error('no room');
      }),
    ).toThrow('no room');
    expect(edge.root()).toEqual(before);
    edge.append(leaves[7] ?? sha());
    expect(edge.root()).toEqual(mth(leaves.slice(0, 8)));
  });

  it('do not begin from an edge that is none, nor grow by what is no hash, nor beyond what can be counted', () => {
    expect(() => Frontier.of(3, [sha()])).toThrow(TlogError);
    expect(() => Frontier.of(1, [Buffer.alloc(31)])).toThrow(TlogError);
    expect(() => Frontier.of(-1, [])).toThrow(TlogError);
    expect(() => Frontier.empty().append(Buffer.alloc(31))).toThrow(TlogError);
    const full = Frontier.of(Number.MAX_SAFE_INTEGER, Array<Buffer>(53).fill(sha()));
    expect(() => full.append(sha())).toThrow(TlogError);
    expect(full.size).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('consist of complete subtrees that cover them without a gap, however large', () => {
    fc.assert(
      fc.property(vast, (size) => {
        const nodes = rootNodes(size);
        const ends = nodes.map(({ level, index }) => (BigInt(index) + 1n) << BigInt(level));
        const starts = nodes.map(({ level, index }) => BigInt(index) << BigInt(level));
        expect(starts).toEqual([0n, ...ends.slice(0, -1)]);
        expect(ends.at(-1)).toBe(BigInt(size));
        expect(nodes.map(({ level }) => BigInt(2 ** level)).reduce((sum, part) => sum + part)).toBe(
          BigInt(size),
        );
      }),
    );
  });
});

describe('inclusion', () => {
  it('is proven with the hashes of the naive proof, and verifies', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes.chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 }))),
        async ([size, index]) => {
          const proof = await inclusionProof(read, index, size);
          if (size <= 600) expect(proof).toEqual(path(index, leaves.slice(0, size)));
          const leaf = leaves[index] ?? sha();
          expect(
            verifyInclusion({ leafHash: leaf, index, size, proof, root: await rootOf(read, size) }),
          ).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('verifies for no other leaf, index, size, root or proof, in every small tree', async () => {
    for (let size = 1; size <= 17; size++) {
      const root = await rootOf(read, size);
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(read, index, size);
        const claim = { leafHash: leaves[index] ?? sha(), index, size, proof, root };
        expect(verifyInclusion(claim)).toBe(true);
        for (let other = 0; other <= 18; other++) {
          if (other !== index) {
            expect(verifyInclusion({ ...claim, index: other })).toBe(false);
            expect(verifyInclusion({ ...claim, leafHash: leaves[other] ?? sha() })).toBe(false);
          }
          if (other !== size)
            expect(verifyInclusion({ ...claim, root: await rootOf(read, other) })).toBe(false);
        }
        expect(verifyInclusion({ ...claim, proof: [...proof, sha()] })).toBe(false);
        expect(verifyInclusion({ ...claim, proof: [sha(), ...proof] })).toBe(false);
        for (let at = 0; at < proof.length; at++) {
          expect(verifyInclusion({ ...claim, proof: proof.toSpliced(at, 1) })).toBe(false);
          expect(verifyInclusion({ ...claim, proof: proof.with(at, sha()) })).toBe(false);
          expect(verifyInclusion({ ...claim, proof: proof.with(at, Buffer.alloc(31)) })).toBe(false);
        }
      }
    }
  });

  it('beyond 2^32 takes as many hashes as the tree is high, and verifies', async () => {
    // A tree too large to be built: every subtree of a level has the same hash, as if all entries were the same.
    const alike: Buffer[] = [leafHash(Buffer.from('the same'))];
    for (let level = 1; level <= 53; level++) {
      const below = alike[level - 1] ?? sha();
      alike.push(nodeHash(below, below));
    }
    const same: HashReader = async (wanted) => wanted.map(({ level }) => alike[level] ?? sha());
    await fc.assert(
      fc.asyncProperty(vast, vast, async (one, two) => {
        const size = Math.max(one, two);
        const index = Math.min(one, two) - 1;
        const root = await rootOf(same, size);
        const proof = await inclusionProof(same, index, size);
        expect(proof.length).toBeLessThanOrEqual(53);
        const claim = { leafHash: alike[0] ?? sha(), index, size, proof, root };
        expect(verifyInclusion(claim)).toBe(true);
        expect(verifyInclusion({ ...claim, leafHash: sha() })).toBe(false);
        const grownProof = await consistencyProof(same, index + 1, size);
        const oldRoot = await rootOf(same, index + 1);
        const growth = { old: index + 1, oldRoot, size, root, proof: grownProof };
        expect(verifyConsistency(growth)).toBe(true);
        expect(verifyConsistency({ ...growth, oldRoot: sha() })).toBe(false);
      }),
    );
  });
});

describe('consistency', () => {
  it('is proven with the hashes of the naive proof, and verifies', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes.chain((size) => fc.tuple(fc.integer({ min: 1, max: size }), fc.constant(size))),
        async ([old, size]) => {
          const proof = await consistencyProof(read, old, size);
          if (size <= 600) expect(proof).toEqual(subproof(old, leaves.slice(0, size), true));
          const [oldRoot, root] = [await rootOf(read, old), await rootOf(read, size)];
          expect(verifyConsistency({ old, oldRoot, size, root, proof })).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('verifies for no other size, root or proof, in every small tree', async () => {
    for (let size = 0; size <= 17; size++)
      for (let old = 0; old <= size; old++) {
        const proof = await consistencyProof(read, old, size);
        const claim = { old, oldRoot: await rootOf(read, old), size, root: await rootOf(read, size), proof };
        expect(verifyConsistency(claim)).toBe(true);
        for (let other = 0; other <= 18; other++) {
          if (other !== old) {
            expect(verifyConsistency({ ...claim, oldRoot: await rootOf(read, other) })).toBe(false);
            expect(verifyConsistency({ ...claim, old: other })).toBe(false);
          }
          // The root of a larger tree says nothing about the empty one before it: any root extends that.
          if (other !== size && old > 0)
            expect(verifyConsistency({ ...claim, root: await rootOf(read, other) })).toBe(false);
        }
        expect(verifyConsistency({ ...claim, proof: [...proof, sha()] })).toBe(false);
        for (let at = 0; at < proof.length; at++) {
          expect(verifyConsistency({ ...claim, proof: proof.toSpliced(at, 1) })).toBe(false);
          expect(verifyConsistency({ ...claim, proof: proof.with(at, sha()) })).toBe(false);
        }
      }
  });

  it('is not given to a history that was rewritten', async () => {
    const [old, size] = [300, 500];
    const rewritten = Frontier.empty();
    for (const [index, leaf] of leaves.slice(0, size).entries())
      rewritten.append(index === 7 ? leafHash(Buffer.from('another')) : leaf);
    const proof = await consistencyProof(read, old, size);
    const claim = { old, oldRoot: await rootOf(read, old), size, proof };
    expect(verifyConsistency({ ...claim, root: await rootOf(read, size) })).toBe(true);
    expect(verifyConsistency({ ...claim, root: rewritten.root() })).toBe(false);
  });
});

describe('what is asked for', () => {
  it('is read at once, and is what the nodes say', async () => {
    const asked: Node[][] = [];
    const watched: HashReader = (wanted) => {
      asked.push([...wanted]);
      return read(wanted);
    };
    await inclusionProof(watched, 20, 100);
    await consistencyProof(watched, 77, 100);
    await rootOf(watched, 100);
    expect(asked).toEqual([inclusionNodes(20, 100), consistencyNodes(77, 100), rootNodes(100)]);
  });

  it('has to be there, and to come as asked', async () => {
    expect(() => inclusionNodes(5, 5)).toThrow(TlogError);
    expect(() => consistencyNodes(6, 5)).toThrow(TlogError);
    expect(() => rootNodes(2 ** 53)).toThrow(TlogError);
    expect(() => rootNodes(0.5)).toThrow(TlogError);
    await expect(rootOf(async () => [], 5)).rejects.toThrow(TlogError);
    await expect(rootOf(async () => [Buffer.alloc(32), Buffer.alloc(31)], 5)).rejects.toThrow(TlogError);
  });

  it('is refused without throwing when a verifier is handed nonsense', () => {
    const anything = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(2 ** 53, -0, Number.NaN));
    const hashes = fc.array(fc.uint8Array({ minLength: 30, maxLength: 33 }), { maxLength: 70 });
    const root = fc.uint8Array({ minLength: 31, maxLength: 33 });
    fc.assert(
      fc.property(anything, anything, hashes, root, (a, b, proof, hash) => {
        expect(verifyInclusion({ leafHash: hash, index: a, size: b, proof, root: sha() })).toBe(false);
        expect(verifyConsistency({ old: a, oldRoot: hash, size: b, root: Buffer.alloc(32), proof })).toBe(
          false,
        );
      }),
    );
  });
});
