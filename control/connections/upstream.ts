import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Connection } from '@drawbridge/protocol';
import { invalid } from '../platform/index.ts';

export type Upstream = Connection['upstream'];

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/;
const OUR_OWN_NAMES = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/**
 * The upstream in its one spelling. Throws Problem 422 where it is no host, where it is a private address without
 * `private` being said, or where it would carry the credential in clear to a public one. What a name resolves to is
 * the gateway's to check, at each connection.
 */
export function checkedUpstream(given: Upstream): Upstream {
  const host = given.host
    .trim()
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (isIP(host) === 0 && !HOST_NAME.test(host)) {
    throw invalid('upstream.host', 'is not a host name or address; give it without scheme, port and path');
  }
  // A name of digits only, such as 127.1 or 2130706433, is read as an address by some resolvers.
  if (isIP(host) === 0 && /^[\d.]+$|^0x/.test(host)) {
    throw invalid('upstream.host', 'is not an address in its usual form');
  }
  if (!given.private && isPrivateHost(host)) {
    throw invalid(
      'upstream.private',
      'this host is in a private network; say private: true if that is meant',
    );
  }
  if (!given.private && given.scheme === 'http') {
    throw invalid(
      'upstream.scheme',
      'http would carry the credential in clear; only a private upstream may be called so',
    );
  }
  return { scheme: given.scheme, host, port: given.port, private: given.private };
}

/** Whether a credential bound to one upstream may not be used at the other. */
export function isElsewhere(one: Upstream, other: Upstream): boolean {
  return one.scheme !== other.scheme || one.host !== other.host || one.port !== other.port;
}

/** Whether a host, by its name or as the address that it is, lies in a private or otherwise special network. */
export function isPrivateHost(host: string): boolean {
  if (isIP(host) === 0) return OUR_OWN_NAMES.test(host);
  return privateRanges.check(host, isIPv4(host) ? 'ipv4' : 'ipv6');
}

const privateRanges = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  privateRanges.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  privateRanges.addSubnet(network, bits, 'ipv6');
}
