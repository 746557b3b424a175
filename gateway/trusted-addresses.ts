import { BlockList, isIP, isIPv6 } from 'node:net';
import { isLoopback } from './listen-address.ts';

/** Reads addresses and ranges of them with commas between, or says what is wrong. */
export function readAddresses(text: string): BlockList | { wrong: string } {
  const list = new BlockList();
  for (const each of text.split(',').map((part) => part.trim())) {
    const [address = '', bits, more] = each.split('/');
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    const isRange = bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most;
    if (family === 0 || more !== undefined || (bits !== undefined && !isRange))
      return { wrong: `"${each.slice(0, 60)}" is no address and no range of addresses` };
    const type = family === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  return list;
}

/** Whether a connection from this address is served where proxies are named: from them, or from this machine. */
export function isTrusted(address: string | undefined, proxies: BlockList): boolean {
  return isLoopback(address) || isNamed(address, proxies);
}

/** Whether an address is among those that were named. */
export function isNamed(address: string | undefined, named: BlockList): boolean {
  if (address === undefined) return false;
  const bare = bareAddress(address);
  return named.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4');
}

/** An IPv4 address as such, where a socket for both families writes it as IPv6. */
export function bareAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
