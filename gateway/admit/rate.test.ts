import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimiter } from './rate.ts';

test('a minute’s allowance may be spent at once, then fills evenly', () => {
  const rates = new RateLimiter();
  const burst = Array.from({ length: 60 }, () => rates.take('key', 60, 0));
  expect(burst.every((wait) => wait === 0)).toBe(true);
  expect(rates.take('key', 60, 0)).toBe(1);
  expect(rates.take('key', 60, 1_000)).toBe(0);
  expect(rates.take('key', 60, 1_000)).toBe(1);
  expect(rates.take('slow', 1, 0)).toBe(0);
  expect(rates.take('slow', 1, 0)).toBe(60);
});

test('no window of any length lets more through than the allowance and what has filled since', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 120 }),
      fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 300 }),
      (perMinute, gaps) => {
        const rates = new RateLimiter();
        let now = 0;
        let passed = 0;
        for (const gap of gaps) {
          now += gap;
          if (rates.take('key', perMinute, now) === 0) passed += 1;
        }
        expect(passed).toBeLessThanOrEqual(perMinute + (now * perMinute) / 60_000 + 1e-6);
      },
    ),
  );
});

test('buckets of keys that are gone are forgotten', () => {
  const rates = new RateLimiter();
  rates.take('gone', 1, 0);
  rates.take('kept', 1, 0);
  rates.retain((key) => key === 'kept');
  expect(rates.take('gone', 1, 0)).toBe(0);
  expect(rates.take('kept', 1, 0)).toBe(60);
});
