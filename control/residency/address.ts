import { isIPv4, isIPv6 } from 'node:net';

/** An address as a number, with its family; null: it is none. IPv4 in IPv6 (`::ffff:192.0.2.1`) is IPv4. */
export function addressOf(text: string): { family: 4 | 6; value: bigint } | null {
  const plain = text.split('%')[0] ?? '';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
  if (isIPv4(mapped)) return { family: 4, value: quad(mapped) };
  if (!isIPv6(plain)) return null;
  const value = groups(plain);
  // The same address in hexadecimal: ::ffff:c000:201.
  if (value >> 32n === 0xffffn) return { family: 4, value: value & 0xffff_ffffn };
  return { family: 6, value };
}

function quad(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function groups(text: string): bigint {
  const last = text.lastIndexOf(':');
  const tail = text.slice(last + 1);
  if (tail.includes('.')) {
    const value = quad(tail);
    return groups(
      `${text.slice(0, last + 1)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`,
    );
  }
  const [head = '', rest] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = rest === undefined || rest === '' ? [] : rest.split(':');
  const zeros = rest === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return all.reduce((value, part) => value * 65_536n + BigInt(`0x${part}`), 0n);
}

/**
 * First and last address of a range (`192.0.2.0/24`, one address alone); null: it is none, or has bits behind its prefix. A range
 * of IPv4 in IPv6 (`::ffff:192.0.2.0/120`) is one of IPv4.
 */
export function rangeOf(cidr: string): { family: 4 | 6; from: bigint; to: bigint; bits: number } | null {
  const [base = '', prefix, more] = cidr.split('/');
  const address = addressOf(base);
  if (address === null || more !== undefined) return null;
  const width = address.family === 4 ? 32 : 128;
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return null;
  const isMapped = address.family === 4 && base.includes(':');
  const bits = prefix === undefined ? width : Number(prefix) - (isMapped ? 96 : 0);
  if (bits < 0 || bits > width) return null;
  const size = 1n << BigInt(width - bits);
  if (address.value % size !== 0n) return null;
  return { family: address.family, from: address.value, to: address.value + size - 1n, bits };
}

const inside = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '100.64.0.0/10',
];
const insideSix = ['::1/128', 'fc00::/7', 'fe80::/10'];
const ownRanges = [...inside, ...insideSix].flatMap((cidr) => rangeOf(cidr) ?? []);

/** Whether an address is of a network of one's own: a proxy on the way out, or a model of one's own. */
export function isOwn({ family, value }: { family: 4 | 6; value: bigint }): boolean {
  return ownRanges.some((range) => range.family === family && range.from <= value && value <= range.to);
}

/** The address in `192.0.2.7:443` and `[2001:db8::1]:443`, as gateways note where they connected to. */
export function withoutPort(remote: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(remote)?.[1];
  if (bracketed !== undefined) return bracketed;
  return remote.split(':').length === 2
    ? (remote.split(':')[0] ?? '')
    : remote.replace(/^(.*\..*):\d+$/, '$1');
}
