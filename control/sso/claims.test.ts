import fc from 'fast-check';
import { expect, test } from 'vitest';
import { consolePath, provesTwoFactors, vouchedAddress } from './claims.ts';

const trusted = { acr: ['urn:example:mfa'], amr: ['mfa', 'hwk'] };
test.each([
  [{ acr: 'urn:example:mfa' }, true],
  [{ amr: ['pwd', 'mfa'] }, true],
  [{ amr: ['hwk'] }, true],
  [{ acr: 'urn:example:password', amr: ['pwd'] }, false],
  [{ acr: 'URN:example:mfa' }, false],
  [{ acr: ['urn:example:mfa'] }, false],
  [{ amr: 'mfa' }, false],
  [{ amr: [['mfa']] }, false],
  [{ amr: { 0: 'mfa', length: 1 } }, false],
  [{}, false],
])('%j proves two factors: %s', (claims, expected) => {
  expect(provesTwoFactors(claims, trusted)).toBe(expected);
});

test('nothing proves two factors where nothing is believed', () => {
  expect(provesTwoFactors({ acr: 'urn:example:mfa', amr: ['mfa'] }, { acr: [], amr: [] })).toBe(false);
});

test.each([
  ['someone@corp.example', true],
  ['Some.One+x@CORP.example', true],
  ['someone@other.example', false],
  ['someone@corp.example.evil', false],
  ['someone@sub.corp.example', false],
  ['someone@evil@corp.example', false],
  ['"a@evil"@corp.example', false],
  ['someone@\uff43orp.example', false],
  ['\uff53omeone@corp.example', false],
  ['some one@corp.example', false],
  ['@corp.example', false],
  [['someone@corp.example'], false],
  [undefined, false],
])('of %j it may vouch: %s', (email, expected) => {
  expect(vouchedAddress({ email, email_verified: true }, ['corp.example']) !== null).toBe(expected);
});

test.each([undefined, false, 'true', 1])('an address that is not verified (%j) is nobody’s', (verified) => {
  const claims = { email: 'someone@corp.example', email_verified: verified };
  expect(vouchedAddress(claims, ['corp.example'])).toBeNull();
});

test.each([
  ['/crossings?vendor=a#b', '/crossings?vendor=a#b'],
  ['/', '/'],
  [undefined, '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['\\\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/.//evil.example', '/'],
  ['/x/..//evil.example', '/'],
  ['/%09/evil.example', '/%09/evil.example'],
  ['/\t/evil.example', '/'],
  ['/a\r\nset-cookie: b', '/'],
  ['/api/v1/session', '/'],
  ['/./api/v1/session', '/'],
  ['crossings', '/'],
  [`/${'x'.repeat(500)}`, '/'],
])('after signing in, %j leads to %s', (asked, expected) => {
  expect(consolePath(asked)).toBe(expected);
});

test('whatever is asked for, a browser stays at the console', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '@',
    'evil.example',
    '%2f',
    '%5c',
    '\t',
    '?',
    '#',
    ':',
    'a',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = consolePath(`/${pieces.join('')}`);
      expect(new URL(path, 'https://console.example').origin).toBe('https://console.example');
      expect(consolePath(path)).toBe(path);
    }),
  );
});
