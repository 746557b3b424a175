import { expect, expectTypeOf, test } from 'vitest';
import type { LONGEST_TABLE } from '../../control/residency/ranges-store.ts';
import { linesAround, type MOST_CHARACTERS } from './lines-around.ts';

test('a line with its neighbours, at the ends of a text as in it, and cut where it is long', () => {
  const text = `first\nsecond\n${'x'.repeat(500)}`;
  expect(linesAround(text, 1).map(({ number }) => number)).toEqual([1, 2]);
  expect(linesAround(text, 2).map(({ text: line }) => line.length)).toEqual([5, 6, 200]);
  expect(linesAround(text, 3).map(({ number }) => number)).toEqual([2, 3]);
  for (const none of [0, 4, -1, 1.5, Number.NaN]) expect(linesAround(text, none)).toEqual([]);
});

test('the form takes what the control plane takes', () => {
  expectTypeOf<typeof MOST_CHARACTERS>().toEqualTypeOf<typeof LONGEST_TABLE>();
});
