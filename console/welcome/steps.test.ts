import { expect, test } from 'vitest';
import { stepAt } from './steps.tsx';

test('a reload comes back to the first step that is missing', () => {
  expect(stepAt(['profile', 'factor', 'recovery_codes'])).toBe('profile');
  expect(stepAt(['recovery_codes', 'factor'])).toBe('factor');
  expect(stepAt(['recovery_codes'])).toBe('recovery_codes');
});

test('codes that were made and not yet said to be kept are still the last step', () => {
  expect(stepAt([])).toBe('recovery_codes');
});
