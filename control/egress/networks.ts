import { BlockList, isIPv4 } from 'node:net';

/** Networks of one's own are no wider than these, in bits of their prefix: 10.0.0.0/8, and fc00::/7. */
const WIDEST = { ipv4: 8, ipv6: 7 } as const;

/** What is wrong with a network that is to be opened, in words that follow it; null: nothing. It is CIDR notation already. */
export function networkProblem(network: string): string | null {
  const [address = '', length = ''] = network.split('/');
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const bits = Number(length);
  if (bits < WIDEST[family]) return `is too wide: at least /${WIDEST[family]}, or name several.`;
  if (network !== LOOPBACK && family === 'ipv6' && dressed.check(address, 'ipv6')) {
    return 'is of IPv4 addresses written as IPv6. Write them as IPv4.';
  }
  if (!isFirst(address, family, bits)) {
    return `is not the first address of its network: all of the /${bits} would be opened. For one address write /${family === 'ipv4' ? 32 : 128}.`;
  }
  return null;
}

const LOOPBACK = '::1/128';
const dressed = new BlockList();
dressed.addSubnet('::', 32, 'ipv6');

/** Whether no bit is set behind the prefix. */
function isFirst(address: string, family: 'ipv4' | 'ipv6', bits: number): boolean {
  const groups = family === 'ipv4' ? address.split('.').map(Number) : groupsOf(address);
  const size = family === 'ipv4' ? 8 : 16;
  return groups.every((group, index) => {
    const behind = Math.min(size, Math.max(0, (index + 1) * size - bits));
    return group % 2 ** behind === 0;
  });
}

/** The eight groups of an IPv6 address, as a URL spells it: hexadecimal alone. */
function groupsOf(address: string): number[] {
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const read = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [first, last] = [read(head), read(tail ?? '')];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}
