import { expect, test } from 'vitest';
import { fakeGateway } from '../testing/fake-configuration.ts';
import { certificateState, certificateWarning, reachedOver } from './certificate.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const day = 86_400_000;
const at = (days: number): string => new Date(now + days * day).toISOString();

test.each([
  [15, 'good'],
  [14, 'soon'],
  [1, 'soon'],
  [0, 'over'],
  [-3, 'over'],
] as const)('a certificate that ends in %i days is %s', (days, state) => {
  expect(certificateState(at(days), now)).toBe(state);
});

test('only what ends soon or has ended is worth a warning; what was not said is unknown', () => {
  const gateway = fakeGateway(0);
  const ending = (days: number) => {
    const about = gateway.about;
    if (about?.tls == null) throw new Error('the made-up gateway has no certificate');
    return { ...gateway, about: { ...about, tls: { ...about.tls, expiresAt: at(days) } } };
  };
  expect(certificateWarning(ending(30), now)).toBeNull();
  expect(certificateWarning(ending(3), now)).toMatch(/gw-1 ends in 3 days/);
  expect(certificateWarning(ending(-3), now)).toMatch(/gw-1 ended 3 days ago/);
  const unknown = { ...gateway, about: null };
  expect(certificateWarning(unknown, now)).toBeNull();
  expect(reachedOver(unknown, now)).toMatch(/unknown/);
});
