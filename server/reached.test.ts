import { BlockList } from 'node:net';
import { readAddresses } from '@drawbridge/gateway/settings';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forwardedFor } from './reached.ts';

function named(text: string): BlockList {
  const read = readAddresses(text);
  if (read instanceof BlockList) return read;
  throw new Error(read.wrong);
}
const proxies = named('10.0.0.0/8,2001:db8::/32');

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['198.51.100.7, 10.0.0.3', '198.51.100.7'],
  ['1.1.1.1, 198.51.100.7', '198.51.100.7'],
  ['made up, 198.51.100.7', '198.51.100.7'],
  ['1.1.1.1, made up, 10.0.0.3', '10.0.0.3'],
  ['198.51.100.7:8080', '198.51.100.7'],
  ['[2001:db9::1]:443', '2001:db9::1'],
  ['::ffff:198.51.100.7', '198.51.100.7'],
  ['198.51.100.7, 2001:db8::5', '198.51.100.7'],
  ['10.0.0.9, 10.0.0.3', '10.0.0.9'],
  ['', null],
  ['unknown', null],
  ['198.51.100.7, ', null],
])('of "%s" whoever the proxy speaks for is %s', (header, expected) => {
  expect(forwardedFor(header, proxies)).toBe(expected);
});

test('nothing that a stranger writes before it changes whom the proxy names', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (written) => {
      expect(forwardedFor(`${written}, 198.51.100.7`, proxies)).toBe('198.51.100.7');
    }),
  );
});
