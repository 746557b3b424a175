import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOwn, isPublicAddress, placeOf, targetOf } from './host.ts';

test('a host is kept lower case, in ASCII, without a dot at its end', () => {
  expect(placeOf('API.OpenAI.com.')).toEqual({ host: 'api.openai.com' });
  expect(placeOf('münchen.example')).toEqual({ host: 'xn--mnchen-3ya.example' });
  expect(placeOf('xn--mnchen-3ya.example')).toEqual({ host: 'xn--mnchen-3ya.example' });
  expect(placeOf('_dmarc.example.com')).toEqual({ host: '_dmarc.example.com' });
});

test('addresses are no hosts, and names of an inside network mean nothing outside', () => {
  for (const text of ['203.0.113.7', '2001:db8::1', '[2001:db8::1]']) {
    expect(placeOf(text)).toEqual({ address: text.replace(/[[\]]/g, '') });
  }
  for (const text of ['printer', 'nas.local', 'db.internal', '7.113.0.203.in-addr.arpa', 'localhost']) {
    expect(placeOf(text)).toBe('inside');
  }
});

test('what is no name is none', () => {
  for (const text of [
    '',
    '.',
    'a..b.com',
    'a b.com',
    'foo.123',
    `${'a'.repeat(64)}.com`,
    'a\0b.com',
    '-a.com',
    `${'a.'.repeat(200)}com`,
  ]) {
    expect(placeOf(text)).toBe('no_name');
  }
});

test('of a URL no more than scheme, host and port is looked at', () => {
  expect(targetOf('https://user:p@ss@API.example.com:8443/path?q=1@evil.example')).toEqual({
    place: { host: 'api.example.com' },
    scheme: 'https',
    port: 8443,
  });
  expect(targetOf('api.example.com:443')).toEqual({
    place: { host: 'api.example.com' },
    scheme: null,
    port: 443,
  });
  expect(targetOf('//cdn.example.com/x').place).toEqual({ host: 'cdn.example.com' });
  expect(targetOf('https://[2001:db8::1]:443/').place).toEqual({ address: '2001:db8::1' });
  expect(targetOf('2001:db8::1').place).toEqual({ address: '2001:db8::1' });
  expect(targetOf('https://evil.example\\@good.example/').place).toEqual({ host: 'evil.example' });
});

test('a host that is kept is in its final form, and never holds what may be a secret', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { place } = targetOf(text);
      if (typeof place === 'string' || 'address' in place) return;
      expect(place.host).toMatch(/^[a-z0-9_.-]+$/);
      expect(placeOf(place.host)).toEqual(place);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.webAuthority(),
      (url, secret) => {
        const withSecret = url.replace('://', `://${encodeURIComponent(secret)}:pw@`);
        expect(targetOf(withSecret).place).toEqual(targetOf(url).place);
      },
    ),
  );
});

test('a name is own that is one of them or below one, not one that ends alike', () => {
  expect(isOwn('nordlicht.example', ['nordlicht.example'])).toBe(true);
  expect(isOwn('www.nordlicht.example', ['nordlicht.example'])).toBe(true);
  expect(isOwn('polarnordlicht.example', ['nordlicht.example'])).toBe(false);
});

test('addresses of inside networks are not kept', () => {
  for (const text of [
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    'fd00::1',
    'fe80::1',
    '::ffff:10.0.0.1',
    'x',
  ]) {
    expect(isPublicAddress(text)).toBe(false);
  }
  for (const text of ['172.32.0.1', '8.8.8.8', '2001:db8::1', '::ffff:8.8.8.8'])
    expect(isPublicAddress(text)).toBe(true);
});
