import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOW_AT, placeOf } from './scale.ts';

const time = fc.integer({ min: -4e9, max: 4e9 });
const most = fc.integer({ min: 0, max: 4e9 });

test('the order of times is kept, now stands in its place, and nothing leaves the wall', () => {
  fc.assert(
    fc.property(time, time, time, most, most, (a, b, now, past, ahead) => {
      const [x, y] = [placeOf(Math.min(a, b), now, past, ahead), placeOf(Math.max(a, b), now, past, ahead)];
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(1);
      expect(x).toBeLessThanOrEqual(y);
      expect(placeOf(now, now, past, ahead)).toBe(NOW_AT);
    }),
  );
});
