import { LEAF_NETWORK } from '@drawbridge/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWithin, networkList, networkOf } from './source.ts';

test.each([
  ['192.0.2.17', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:db8::6', '2001:db8:0::/48'],
  ['FE80::1', 'fe80:0:0::/48'],
  ['::1', '::1/128'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0::/48'],
])('%s lies in %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('an address lies in the network that is said of it, which a record may hold', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const network = networkOf(address);
      expect(network).toMatch(LEAF_NETWORK);
      expect(isWithin(address, networkList([network]))).toBe(true);
    }),
  );
});
