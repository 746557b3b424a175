import { expect, test } from 'vitest';
import { shownValue, typedValue } from './value.ts';

test.each([
  ['legal_name', 'Acme, Inc.', 'Acme, Inc.'],
  ['notice_hours', 72, '72'],
  ['retention', { days: 30, note: 'in backups' }, '30; in backups'],
  ['retention', { days: 30, note: null }, '30'],
  ['residency', { countries: ['DE', 'FR'], note: null }, 'DE, FR'],
  ['deletion', { on: '2026-01-02', what: 'All; in all regions' }, '2026-01-02; All; in all regions'],
  ['data', { note: null }, ''],
] as const)('%s is shown as it is typed', (kind, value, text) => {
  expect(shownValue({ kind, value })).toBe(text);
  expect(typedValue(kind, text)).toEqual(value);
});
