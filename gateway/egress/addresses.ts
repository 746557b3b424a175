import { Resolver } from 'node:dns/promises';
import { type BlockList, isIP } from 'node:net';
import { Refusal } from '../refusal/index.ts';
import { isWithin } from '../source.ts';
import { addressRange, type Lookup, plainAddress } from '../upstream/index.ts';

/** Ranges in which no request can be meant for a server, whatever networks are listed. */
const never = new Set(['invalid', 'multicast', 'broadcast', 'unspecified', 'discard']);
/** IPv6 addresses that a translator or relay turns into IPv4 ones: what they lead to would not be looked at. */
const translated = new Set(['rfc6052', 'rfc6145', '6to4', 'teredo']);
/** Where clouds hand out credentials of the machine. Some lie in public ranges; no list opens them. */
const metadata = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
]);

/** Whether the proxy may connect to an address: public ones, and those in listed networks. */
export function mayReach(address: string, networks: BlockList): boolean {
  const range = addressRange(address);
  const plain = plainAddress(address);
  if (never.has(range) || translated.has(range) || metadata.has(plain)) return false;
  return range === 'unicast' || isWithin(plain, networks);
}

/** Throws Refusal `egress_private` where one of the addresses may not be reached. */
export function expectReachable(addresses: readonly string[], networks: BlockList): void {
  for (const each of addresses) {
    if (mayReach(each, networks)) continue;
    throw new Refusal(
      'egress_private',
      'forward',
      `The host has an address that the egress proxy does not reach (${addressRange(each)}). A network of your own can be listed in Drawbridge, under Egress.`,
    );
  }
}

/**
 * The addresses of a host, looked up once: what is connected to is one of these, and nothing is looked up again. All
 * answers are checked: one that may not be reached refuses the host, as a name that mixes public and private addresses is
 * how rebinding begins. Throws Refusal `egress_unresolved`, `egress_private`.
 */
export async function addressesOf(
  host: string,
  networks: BlockList,
  lookup: Lookup,
): Promise<readonly string[]> {
  const found = isIP(host) === 0 ? await lookedUp(host, lookup) : [host];
  expectReachable(found, networks);
  return found;
}

async function lookedUp(host: string, lookup: Lookup): Promise<readonly string[]> {
  let found: readonly string[] = [];
  try {
    found = await lookup(host);
  } catch {
    // What name servers answer is theirs: a name that leads nowhere is no error of ours.
    throw new Refusal('egress_unresolved', 'forward', 'No address was found for the host.');
  }
  if (found.length > 0) return found;
  throw new Refusal('egress_unresolved', 'forward', 'No address was found for the host.');
}

const LOOKUP = { timeout: 2_500, tries: 2 };

/**
 * Asks the machine's name servers directly. `getaddrinfo` would take one of the few threads that the journal's disk writes
 * need too, and an app could hold them all with names that answer slowly. It reads no hosts file.
 */
export function nameServers(): Lookup {
  const resolver = new Resolver(LOOKUP);
  return async (host) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length === 0 && four.status === 'rejected') throw four.reason;
    return found;
  };
}
