import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apart } from './apart.ts';

const mark = fc.record({
  x: fc.integer({ min: 400, max: 500 }),
  y: fc.integer({ min: 100, max: 160 }),
  r: fc.integer({ min: 8, max: 14 }),
});

test('a handful of marks in a small place no longer lie on each other, nor far from where they were', () => {
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 8 }), (marks) => {
      const moved = apart(marks, [{ x: 450, y: 130, r: 9 }]);
      for (const [index, one] of moved.entries()) {
        expect(Math.hypot(one.x - 450, one.y - 130)).toBeGreaterThan(one.r);
        for (const other of moved.slice(0, index))
          expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan((one.r + other.r) * 0.8);
        const from = marks[index];
        expect(Math.hypot(one.x - (from?.x ?? 0), one.y - (from?.y ?? 0))).toBeLessThan(130);
      }
      expect(apart(marks, [{ x: 450, y: 130, r: 9 }])).toEqual(moved);
    }),
  );
});

test('marks that are apart stay where they are', () => {
  const far = [
    { x: 0, y: 0, r: 5 },
    { x: 100, y: 0, r: 5 },
  ];
  expect(apart(far, [])).toEqual(far);
});
