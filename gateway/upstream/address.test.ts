import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressAllowed, addressRange } from './address.ts';

/** Made-up choices out of the special ranges of the IANA registries. */
const special = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.127.255.254',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::10.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001::1',
  'fc00::1',
  'fd12:3456:789a::1',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'ff02::1',
  '100::1',
];

test.each(special)('%s is no address on the public internet', (address) => {
  expect(addressRange(address)).not.toBe('unicast');
  expect(addressAllowed(address, false)).toBe(false);
});

test.each(['93.184.216.34', '1.1.1.1', '2606:4700::1111', '::ffff:93.184.216.34'])(
  '%s is a public address',
  (address) => {
    expect(addressAllowed(address, false)).toBe(true);
  },
);

test.each(['127.0.0.1', '10.0.0.1', '::1', 'fd00::1', '169.254.1.1'])(
  '%s is reachable for a connection that allows private networks',
  (address) => {
    expect(addressAllowed(address, true)).toBe(true);
  },
);

test.each(['0.0.0.0', '::', '224.0.0.1', 'ff02::1', '255.255.255.255', '100::1', 'not an address', ''])(
  '%s is never reachable',
  (address) => {
    expect(addressAllowed(address, true)).toBe(false);
  },
);

test('an IPv4 address is treated the same in each of its IPv6 dresses', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(addressAllowed(`::ffff:${address}`, false)).toBe(addressAllowed(address, false));
    }),
  );
});
