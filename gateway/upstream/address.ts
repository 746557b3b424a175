import ipaddr from 'ipaddr.js';

/** Ranges in which no request can be meant for a server, whatever a connection allows. */
const neverAServer = new Set(['multicast', 'broadcast', 'unspecified', 'discard']);

/**
 * IPv4 addresses dressed as IPv6: routers and translators unpack them, so what counts is the IPv4 address within.
 * `::a.b.c.d` (RFC 4291, deprecated) is not in the library's list of ranges.
 */
function embeddedIPv4(address: ipaddr.IPv6): ipaddr.IPv4 | null {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const [a, b, c, d, e, f, high = 0, low = 0] = address.parts;
  if (a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0 && (high !== 0 || low > 1)) {
    return new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255]);
  }
  return null;
}

/**
 * Which kind of address this is, in the IANA registries' words: `unicast` for the public internet, else `private`,
 * `loopback`, `linkLocal`, `carrierGradeNat`, `uniqueLocal`, `rfc6052` (NAT64), `6to4`, …; `invalid` for no address.
 */
export function addressRange(address: string): string {
  if (!ipaddr.isValid(address)) return 'invalid';
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6) {
    const embedded = embeddedIPv4(parsed);
    if (embedded !== null) return embedded.range();
  }
  return parsed.range();
}

/**
 * Whether a connection may send to this address. Public addresses always; with `allowPrivate` also private, loopback,
 * link-local and other special ranges, but never multicast, broadcast or unspecified ones.
 */
export function addressAllowed(address: string, allowPrivate: boolean): boolean {
  const range = addressRange(address);
  if (range === 'invalid' || neverAServer.has(range)) return false;
  return range === 'unicast' || allowPrivate;
}

/** An address in its one spelling: IPv4 as such where it is dressed as IPv6, IPv6 as in RFC 5952. Of no address: as it is. */
export function plainAddress(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.parse(address);
  const embedded = parsed instanceof ipaddr.IPv6 ? embeddedIPv4(parsed) : null;
  return (embedded ?? parsed).toString();
}
