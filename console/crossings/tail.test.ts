import { expect, test } from 'vitest';
import type { CrossingRow } from '../api/types.ts';
import { rateOf, rowsKept, withNewer } from './tail.ts';

const rows = (from: number, to: number): CrossingRow[] =>
  Array.from({ length: to - from }, (_, n) => ({ id: `crossing-${to - 1 - n}` }) as CrossingRow);

test('newer rows come first, each once, and the oldest go', () => {
  const kept = withNewer(rows(0, 990), rows(980, 1030));
  expect(kept).toHaveLength(rowsKept);
  expect(kept[0]?.id).toBe('crossing-1029');
  expect(kept.at(-1)?.id).toBe('crossing-30');
  expect(new Set(kept.map((row) => row.id)).size).toBe(rowsKept);
});

test('nothing new leaves the rows as they are', () => {
  const before = rows(0, 3);
  expect(withNewer(before, [])).toBe(before);
});

test('the rate is of what came after the first batch, and is said only after a second', () => {
  const batch = (at: number) => ({ at, seen: 250, shown: 50 });
  expect(rateOf([batch(0), batch(250)], 500)).toBeNull();
  expect(rateOf([0, 250, 500, 750, 1000].map(batch), 1000)).toEqual({ seen: 1000, shown: 200 });
  expect(rateOf([], 1000)).toBeNull();
});
