import { describe, expect, test } from 'vitest';
import { networkList } from '../source.ts';
import { addressesOf, mayReach } from './addresses.ts';

const none = networkList([]);

test.each(['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])(
  '%s is public',
  (address) => {
    expect(mayReach(address, none)).toBe(true);
  },
);

test.each([
  ['0.0.0.0'],
  ['10.1.2.3'],
  ['100.64.0.1'],
  ['127.0.0.1'],
  ['169.254.1.1'],
  ['172.16.0.1'],
  ['192.0.2.1'],
  ['192.168.1.1'],
  ['198.18.0.1'],
  ['224.0.0.1'],
  ['240.0.0.1'],
  ['255.255.255.255'],
  ['::'],
  ['::1'],
  ['::ffff:10.0.0.1'],
  ['::ffff:7f00:1'],
  ['::10.0.0.1'],
  ['64:ff9b::a00:1'],
  ['64:ff9b::808:808'],
  ['64:ff9b:1::1'],
  ['2002:a00:1::1'],
  ['2001:0:4136:e378::1'],
  ['fc00::1'],
  ['fd12:3456::1'],
  ['fe80::1'],
  ['fec0::1'],
  ['ff02::1'],
  ['2001:db8::1'],
  ['nonsense'],
])('%s is not reached', (address) => {
  expect(mayReach(address, none)).toBe(false);
});

const everything = networkList(['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1']);

test('a listed network is reached, as IPv4 in IPv6 too, and no other', () => {
  const networks = networkList(['10.1.0.0/16', 'fd12::/16']);
  expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd12::5'].map((each) => mayReach(each, networks))).toEqual([
    true,
    true,
    true,
  ]);
  expect(['10.2.0.1', '127.0.0.1', 'fd13::5'].map((each) => mayReach(each, networks))).toEqual([
    false,
    false,
    false,
  ]);
});

test.each([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  'fd00:ec2::254',
  '192.0.0.192',
  '224.0.0.1',
  '64:ff9b::a00:1',
  '2002:7f00:1::',
  '0.0.0.0',
])('no list opens %s', (address) => {
  expect(mayReach(address, everything)).toBe(false);
});

describe('of a name', () => {
  test('one answer that may not be reached refuses all of them', async () => {
    const lookup = async () => ['93.184.215.14', '10.0.0.1'];
    await expect(addressesOf('mixed.example', none, lookup)).rejects.toMatchObject({
      code: 'egress_private',
    });
  });

  test('no answer, and a resolver that fails, are told from one that is refused', async () => {
    await expect(addressesOf('none.example', none, async () => [])).rejects.toMatchObject({
      code: 'egress_unresolved',
    });
    const broken = async () => Promise.reject(new Error('SERVFAIL'));
    await expect(addressesOf('none.example', none, broken)).rejects.toMatchObject({
      code: 'egress_unresolved',
    });
  });

  test('an address is not looked up, and is checked all the same', async () => {
    const never = async () => Promise.reject(new Error('was asked'));
    expect(await addressesOf('8.8.8.8', none, never)).toEqual(['8.8.8.8']);
    await expect(addressesOf('127.0.0.1', none, never)).rejects.toMatchObject({ code: 'egress_private' });
  });
});
