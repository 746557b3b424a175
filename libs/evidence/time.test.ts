import { expect, test } from 'vitest';
import { timeOf } from './time.ts';

const expected = Date.UTC(2026, 10, 2, 9, 0, 0);

test.each([
  ['2026-11-02T09:00:00Z'],
  ['2026-11-02T10:00:00+01:00'],
  ['2026-11-02T04:30:00-0430'],
  ['2026-11-02 09:00'],
  ['02.11.2026 09:00'],
  ['Mon, 2 Nov 2026 10:00:00 +0100 (CET)'],
  ['02/Nov/2026:10:00:00 +0100'],
  [String(expected)],
  [String(expected / 1000)],
  [expected / 1000],
  [expected],
  [expected * 1000],
])('%s is one time', (text) => expect(timeOf(text)).toBe(expected));

test.each([
  ['yesterday'],
  ['2026-13-01'],
  ['2026-11-02T25:00:00Z'],
  ['1626-11-02'],
  ['9'.repeat(60)],
  [null],
  [Number.NaN],
  [{}],
])('%s is no time', (value) => expect(timeOf(value)).toBeUndefined());
