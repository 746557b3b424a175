import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largeChainWorld, makeChainWorld } from '../testing/fake-chain.ts';
import { placeLabels } from './labels.ts';
import { boxOf, layout, type Spot, US } from './layout.ts';
import { nearTo, pairOf } from './near.ts';

const large = largeChainWorld(500, 1_500);
const drawn = layout(large);
const byRank = [...drawn.spots.values()].sort((a, b) => a.rank - b.rank);
const widthOf = (text: string): number => text.length * 7;
const size = { width: 1_000, height: 600 };

function placed(k: number, x = 500, y = 300) {
  return placeLabels(byRank, byRank, { k, x, y }, size, widthOf);
}

test('no name lies over another one, however near one looks and wherever', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 6, noNaN: true }),
      fc.integer({ min: -2_000, max: 2_000 }),
      fc.integer({ min: -2_000, max: 2_000 }),
      (k, x, y) => {
        const boxes = placed(k, x, y).map((label) => ({
          left: label.x - widthOf(label.text) / 2,
          right: label.x + widthOf(label.text) / 2,
          top: label.top,
          bottom: label.top + 12,
        }));
        for (const [at, a] of boxes.entries()) {
          for (const b of boxes.slice(at + 1)) {
            expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('the nearer one looks the more of those in sight are named, and we are always first', () => {
  const inSight = (k: number) =>
    byRank.filter(({ x, y }) => Math.abs(x * k) <= 500 && Math.abs(y * k) <= 300).length;
  const shares = [0.3, 0.6, 1.2, 2.4].map((k) => placed(k).length / inSight(k));
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(placed(0.4)[0]?.spot.id).toBe(US);
});

test('500 vendors stand apart from each other, and are placed alike each time', () => {
  expect(layout(large)).toEqual(drawn);
  const spots = [...drawn.spots.values()];
  expect(spots).toHaveLength(501);
  let nearest = Number.POSITIVE_INFINITY;
  for (const [at, a] of spots.entries()) {
    for (const b of spots.slice(at + 1)) nearest = Math.min(nearest, Math.hypot(a.x - b.x, a.y - b.y));
  }
  expect(nearest).toBeGreaterThan(14);
});

test('one line alone leads to each vendor in full, and from one that is nearer to us', () => {
  const spines = Map.groupBy(
    drawn.lines.filter(({ spine }) => spine),
    ({ to }) => to.id,
  );
  for (const [, lines] of spines) expect(lines).toHaveLength(1);
  for (const { id, node } of drawn.spots.values()) {
    if (node === null) continue;
    const [line] = spines.get(id) ?? [];
    expect((line?.from.node?.depth ?? 0) + 1).toBeLessThanOrEqual(node.depth ?? 0);
  }
});

test('around one stand those that are linked to it, and the way from us', () => {
  const { edges } = makeChainWorld(false);
  const near = nearTo('odd', edges);
  expect([...near.ids].sort()).toEqual(['google-cloud', 'openai', 'odd', US].sort());
  expect(near.pairs.has(pairOf('google-cloud', 'odd'))).toBe(true);
  expect(near.pairs.has(pairOf('mixpanel', 'google-cloud'))).toBe(false);
  expect([...nearTo('nobody', edges).ids]).toEqual(['nobody']);
});

test('a box holds all that is in it, and of nothing is empty', () => {
  const spot = (x: number, y: number): Spot => ({
    id: '',
    name: '',
    x,
    y,
    radius: 5,
    shared: false,
    rank: 1,
    node: null,
  });
  expect(boxOf([spot(10, 20), spot(-30, 40)])).toEqual({ left: -35, right: 15, top: 15, bottom: 45 });
  expect(boxOf([])).toEqual({ left: 0, right: 0, top: 0, bottom: 0 });
});
