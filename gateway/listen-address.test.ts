import { expect, test } from 'vitest';
import { listenUrl, readListenHost, wrongListenSetting } from './listen-address.ts';

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['::1', '::1'],
  ['[::1]', '::1'],
  ['localhost', 'localhost'],
  ['gateway-1.internal', 'gateway-1.internal'],
])('listens on %s', (text, host) => {
  expect(readListenHost(text)).toBe(host);
});

test.each([
  '127.0.0.1:4410',
  'http://127.0.0.1',
  '256.1.1.1',
  '1.2.3',
  '[127.0.0.1]',
  '[::1',
  '::g',
  'a b',
  '-a',
  'a'.repeat(64),
])('does not take %s for a host', (text) => {
  expect(readListenHost(text)).toBeNull();
});

test.each([
  ['127.0.0.1', 'http://127.0.0.1:4410'],
  ['0.0.0.0', 'http://127.0.0.1:4410'],
  ['::1', 'http://[::1]:4410'],
  ['::', 'http://[::1]:4410'],
  ['localhost', 'http://localhost:4410'],
])('what listens on %s is reached at %s', (host, url) => {
  expect(listenUrl(host, 4410)).toBe(url);
  expect(URL.canParse(url)).toBe(true);
});

test.each([
  ['EADDRINUSE', 'port', 'taken by another program', '4460'],
  ['EACCES', 'port', 'may not be opened', '8410'],
  ['EADDRNOTAVAIL', 'host', 'not an address of this machine', '127.0.0.1'],
  ['ENOTFOUND', 'host', 'leads to no address', '127.0.0.1'],
])('%s is the fault of the %s', (code, setting, wrong, example) => {
  const found = wrongListenSetting(Object.assign(new Error('raw'), { code }), '10.9.9.9', 4410);
  expect(found).toEqual({ setting, wrong: expect.stringContaining(wrong), example });
});

test('what else can go wrong is no setting’s fault, and no example is out of range', () => {
  expect(wrongListenSetting(new Error('raw'), '127.0.0.1', 1)).toBeNull();
  const taken = Object.assign(new Error('raw'), { code: 'EADDRINUSE' });
  expect(Number(wrongListenSetting(taken, '127.0.0.1', 65_535)?.example)).toBeLessThan(65_536);
});
