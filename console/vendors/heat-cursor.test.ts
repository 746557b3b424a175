import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterKey, startOf } from './heat-cursor.ts';

const filled = [
  [false, false, false, false],
  [true, false, true, false],
  [false, false, false, false],
  [false, true, false, true],
];

test('Tab enters at the last filled square of the first row that has one', () => {
  expect(startOf(filled)).toEqual([1, 2]);
  expect(startOf([[false], [false]])).toBeNull();
  expect(startOf([])).toBeNull();
});

test.each([
  ['ArrowLeft', [1, 2], [1, 0]],
  ['ArrowRight', [1, 0], [1, 2]],
  ['ArrowRight', [1, 2], [1, 2]],
  ['ArrowDown', [1, 2], [3, 1]],
  ['ArrowUp', [3, 3], [1, 2]],
  ['ArrowUp', [1, 0], [1, 0]],
  ['ArrowDown', [3, 1], [3, 1]],
] as const)('%s from %j leads to %j', (key, from, to) => {
  expect(afterKey(key, from, filled)).toEqual(to);
});

test('other keys are left alone', () => {
  expect(afterKey('Enter', [1, 2], filled)).toBeNull();
});

test('every filled square of a row can be reached, and no empty one ever is', () => {
  const maps = fc.array(fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), {
    minLength: 1,
    maxLength: 6,
  });
  const keys = fc.array(fc.constantFrom('ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(maps, keys, (map, pressed) => {
      const start = startOf(map);
      if (start === null) return;
      let place = start;
      for (const key of pressed) {
        place = afterKey(key, place, map) ?? place;
        expect(map[place[0]]?.[place[1]]).toBe(true);
      }
      let leftmost = place;
      for (let presses = 0; presses < 6; presses += 1)
        leftmost = afterKey('ArrowLeft', leftmost, map) ?? leftmost;
      expect(leftmost[1]).toBe(map[place[0]]?.indexOf(true));
    }),
  );
});
