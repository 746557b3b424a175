import { isIPv4, isIPv6 } from 'node:net';

/** The addresses of a network, as numbers. */
export interface Range {
  family: 4 | 6;
  first: bigint;
  last: bigint;
}

/** The range of a network in CIDR notation, which a schema has checked. */
export function rangeOf(network: string): Range {
  const [address = '', length = ''] = network.split('/');
  const family = isIPv6(address) ? 6 : 4;
  const bits = family === 6 ? 128n : 32n;
  const host = bits - BigInt(length);
  const first = (numberOf(address) >> host) << host;
  return { family, first, last: first + (1n << host) - 1n };
}

function numberOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = '', tail] = address.split('::');
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const groups = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0n), ...last];
  return groups.reduce((sum, group) => sum * 65536n + group, 0n);
}

function groupsOf(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const whole = numberOf(group);
    return [whole >> 16n, whole & 0xffffn];
  });
}

/** How a network lies to others: all of it within one, some of it, or nothing. */
export function within(network: string, others: readonly string[]): 'all' | 'some' | 'none' {
  const mine = rangeOf(network);
  let found: 'some' | 'none' = 'none';
  for (const other of others) {
    const range = rangeOf(other);
    if (range.family !== mine.family || range.last < mine.first || range.first > mine.last) continue;
    if (range.first <= mine.first && range.last >= mine.last) return 'all';
    found = 'some';
  }
  return found;
}
