import { describe, expect, test } from 'vitest';
import { ago, bytes, duration, exact, plural, share, shortId } from './format.ts';

const now = Date.parse('2025-11-09T12:00:00Z');

test.each([
  [0, 'now'],
  [-4_000, 'now'],
  [-40_000, 'in 40 s'],
  [14_000, '14 s ago'],
  [59_400, '59 s ago'],
  [60_000, '1 min ago'],
  [3_599_000, '59 min ago'],
  [3_600_000, '1 h ago'],
  [47 * 3_600_000, '47 h ago'],
  [49 * 3_600_000, '2 days ago'],
  [90 * 86_400_000, '3 months ago'],
  [-2 * 86_400_000 - 3_600_000, 'in 2 days'],
])('%d ms before now is "%s"', (before, text) => {
  expect(ago(now - before, now)).toBe(text);
});

test('exact times say their zone', () => {
  expect(exact('2025-11-08T14:03:22.123Z', 'utc')).toBe('2025-11-08 14:03:22 UTC');
  expect(exact('2025-11-08T14:03:22Z', 'local')).toMatch(/^2025-11-0[789] \d\d:\d3:22 [+-]\d\d:\d\d$/);
});

describe('quantities', () => {
  test.each([
    [812, '812 B'],
    [1400, '1.4 kB'],
    [20_400_000, '20 MB'],
  ])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text));

  test.each([
    [41, '41 µs'],
    [1830, '1.8 ms'],
    [312_000, '312 ms'],
    [2_400_000, '2.4 s'],
  ])('%d µs are %s', (value, text) => expect(duration(value)).toBe(text));

  test('counts agree in number and small shares keep their digits', () => {
    expect(plural(1, 'person', 'people')).toBe('1 person');
    expect(plural(1204, 'person', 'people')).toBe('1,204 people');
    expect(share(0.9813)).toBe('98.1%');
    expect(share(0.0013)).toBe('0.13%');
  });

  test('ids are cut in the middle only when long', () => {
    expect(shortId('app_1')).toBe('app_1');
    expect(shortId('jOIRTSolabcdefghil-Ym')).toBe('jOIRTSol…l-Ym');
  });
});
