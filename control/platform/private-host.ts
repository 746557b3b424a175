import { BlockList, isIP, isIPv4 } from 'node:net';

const OUR_OWN_NAMES = /(^|\.)(localhost|local|internal|home\.arpa)$/;

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
