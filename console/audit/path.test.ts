import { type HashReader, inclusionProof, leafHash, nodeHash, rootOf } from '@drawbridge/tlog';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stepsOf } from './path.ts';

/** Complete subtrees of a tree whose entries are their own indexes, hashed anew each time. */
const read: HashReader = async (wanted) =>
  wanted.map(({ level, index }) => {
    const hash = (from: number, count: number): Buffer =>
      count === 1
        ? leafHash(Buffer.from(String(from)))
        : nodeHash(hash(from, count / 2), hash(from + count / 2, count / 2));
    return hash(index * 2 ** level, 2 ** level);
  });

test('the way leads to the root with the hashes of the proof, in its order', async () => {
  const places = fc
    .integer({ min: 1, max: 300 })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }));
  await fc.assert(
    fc.asyncProperty(places, async ({ index, size }) => {
      const proof = await inclusionProof(read, index, size);
      const steps = stepsOf(index, size);
      expect(steps).toHaveLength(proof.length);
      let hash = leafHash(Buffer.from(String(index)));
      for (const [at, { side }] of steps.entries()) {
        const sibling = proof[at] ?? Buffer.alloc(32);
        hash = side === 'left' ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
      }
      expect(hash).toEqual(await rootOf(read, size));
    }),
    { numRuns: 60 },
  );
});

test('each step covers what the one before and its neighbour cover', () => {
  const steps = stepsOf(5, 7);
  expect(steps.map(({ node, sibling }) => [node, sibling].map(({ from, to }) => `${from}-${to}`))).toEqual([
    ['5-6', '4-5'],
    ['4-6', '6-7'],
    ['4-7', '0-4'],
  ]);
  expect(stepsOf(0, 1)).toEqual([]);
  expect(stepsOf(2 ** 40, 2 ** 41)).toHaveLength(41);
});
