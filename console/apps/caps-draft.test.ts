import { expect, test } from 'vitest';
import { capsText, draftOfCaps, noCaps, perDayOf, perMinuteOf } from './caps-draft.ts';

test('what is typed and what is kept are the same limits', () => {
  const perDay = { requests: 1200, tokens: null, money: { micros: 5_250_000, currency: 'EUR' } };
  const draft = draftOfCaps({ perMinute: 60, perDay });
  expect(draft).toEqual({ perMinute: '60', requests: '1200', tokens: '', money: '5.25', currency: 'EUR' });
  expect([perMinuteOf(draft), perDayOf(draft)]).toEqual([60, perDay]);
  expect(capsText({ perMinute: 60, perDay })).toEqual(['60/min', '1,200 requests/day', '5.25 EUR/day']);
});

test('nothing typed is no limit; a fraction of a cent is not lost', () => {
  expect([perMinuteOf(noCaps), perDayOf(noCaps)]).toEqual([null, null]);
  expect(capsText({ perMinute: null, perDay: null })).toEqual([]);
  expect(perDayOf({ ...noCaps, money: '0.000001', currency: ' usd' })?.money).toEqual({
    micros: 1,
    currency: 'USD',
  });
  expect(perDayOf({ ...noCaps, money: '1.1' })?.money?.micros).toBe(1_100_000);
});
