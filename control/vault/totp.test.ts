import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchingStep, totpCode, totpStep } from './totp.ts';

// RFC 6238, appendix B, SHA-1; and RFC 4226, appendix D.
const secret = Buffer.from('12345678901234567890');

test.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('the code %i s after 1970 is the RFC’s', (seconds, code) => {
  expect(totpCode(secret, totpStep(seconds * 1000), 8)).toBe(code);
});

test('codes have six digits, with leading zeros', () => {
  expect([0, 1, 2, 3, 9].map((step) => totpCode(secret, step))).toEqual([
    '755224',
    '287082',
    '359152',
    '969429',
    '520489',
  ]);
});

test('a code is taken one step early and late, and no more', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.integer({ min: 90_000, max: 4_000_000_000_000 }),
      fc.constantFrom(-2, -1, 0, 1, 2),
      (key, at, drift) => {
        const step = totpStep(at) + drift;
        const found = matchingStep(key, totpCode(key, step), at);
        if (Math.abs(drift) <= 1) expect(found).not.toBeNull();
        // Codes of two steps may be the same by chance.
        else expect(found).not.toBe(step);
      },
    ),
  );
});

test.each(['', '12345', '1234567', '75522４', ' 755224', '755224\n'])('%j is no code', (code) => {
  expect(matchingStep(secret, code, 0)).toBeNull();
});
