import { expect, test } from 'vitest';
import { resolvePin, rotatePin } from './pins.ts';

const found =
  (...addresses: string[]) =>
  async () =>
    addresses;

test('the first address is pinned, the others are kept for when it fails', async () => {
  const pin = await resolvePin('vendor.example.com', false, found('93.184.216.34', '93.184.216.35'), 7);
  expect(pin).toEqual({ address: '93.184.216.34', others: ['93.184.216.35'], at: 7 });
  expect(rotatePin(pin)).toEqual({ address: '93.184.216.35', others: ['93.184.216.34'], at: 7 });
});

test('one private address among public ones refuses the host', async () => {
  await expect(
    resolvePin('vendor.example.com', false, found('93.184.216.34', '10.0.0.7'), 0),
  ).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('private') });
});

test('an address as host is checked too, and never looked up', async () => {
  const never = async () => expect.unreachable();
  await expect(resolvePin('169.254.169.254', false, never, 0)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(resolvePin('[::1]', false, never, 0)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await resolvePin('[::1]', true, never, 0)).toMatchObject({ address: '::1' });
});

test('odd spellings of an address are judged by what they resolve to', async () => {
  await expect(resolvePin('2130706433', false, found('127.0.0.1'), 0)).rejects.toMatchObject({
    code: 'forbidden',
  });
});

test('a host without addresses, or whose lookup fails, is unresolved', async () => {
  await expect(resolvePin('vendor.example.com', false, found(), 0)).rejects.toMatchObject({
    code: 'unresolved',
  });
  const fails = () => Promise.reject(new Error('SERVFAIL'));
  await expect(resolvePin('vendor.example.com', false, fails, 0)).rejects.toMatchObject({
    code: 'unresolved',
  });
});
