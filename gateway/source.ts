import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { isNamed } from './trusted-addresses.ts';

/** Where a request comes from. */

/** Longest list of addresses that is looked through for the last one that is no proxy. */
const MOST_HOPS = 20;

/**
 * The caller's address: of the connection, or where that is a proxy named in the settings, the last one in
 * `x-forwarded-for` that is none. Null where it can't be told: a proxy that says nothing, or something else.
 */
export function callerOf(request: IncomingMessage, proxies: BlockList | null): string | null {
  const peer = plainAddress(request.socket.remoteAddress);
  if (peer === null || proxies === null || !isNamed(peer, proxies)) return peer;
  const given = request.headers['x-forwarded-for'];
  const hops = (typeof given === 'string' ? given.split(',') : []).slice(-MOST_HOPS);
  for (const hop of hops.reverse()) {
    const address = plainAddress(hop.trim());
    if (address === null || !isNamed(address, proxies)) return address;
  }
  return null;
}

/** Without the zone of a link-local address, and IPv4 as such where it comes wrapped in IPv6. Null: no address. */
function plainAddress(text: string | undefined): string | null {
  if (text === undefined) return null;
  const bare = text.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return isIP(bare) === 0 ? null : bare;
}

/** Networks to look addresses up in. `networks`: in CIDR notation. */
export function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

export function isWithin(address: string, networks: BlockList): boolean {
  return networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

const known = new Map<string, string>();
const REMEMBERED = 4096;

/** The /24 (IPv4) or /48 (IPv6) that an address lies in: of a workload it says which site it runs at, and no more. */
export function networkOf(address: string): string {
  const before = known.get(address);
  if (before !== undefined) return before;
  if (known.size >= REMEMBERED) known.clear();
  const network = isIPv4(address) ? `${address.slice(0, address.lastIndexOf('.'))}.0/24` : wide(address);
  known.set(address, network);
  return network;
}

function wide(address: string): string {
  if (address === '::1') return '::1/128';
  const [head = '', tail] = address.toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted end stands for two groups.
  const written = first.length + last.length + (address.includes('.') ? 1 : 0);
  const groups = [...first, ...Array.from({ length: Math.max(0, 8 - written) }, () => '0'), ...last];
  const three = groups.slice(0, 3).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${three.join(':')}::/48`;
}
