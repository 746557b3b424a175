import { isIP } from 'node:net';
import { addressAllowed, addressRange } from './address.ts';

/** Looks up all addresses of a host name. Throws when there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Where requests for one host go until the next change: one address, the others kept for when it fails. */
export interface Pin {
  readonly address: string;
  readonly others: readonly string[];
  /** Monotonic milliseconds of the lookup. */
  readonly at: number;
}

/** - `forbidden`: an address lies in a range that the connection may not reach. - `unresolved`: no address was found. */
export class PinError extends Error {
  readonly code: 'forbidden' | 'unresolved';
  constructor(code: 'forbidden' | 'unresolved', message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PinError';
    this.code = code;
  }
}

/**
 * Resolves a host and checks every address: one that is forbidden refuses the host, because a name that mixes public
 * and private addresses is how rebinding begins. `host` may be an address itself. Throws PinError.
 */
export async function resolvePin(
  host: string,
  allowPrivate: boolean,
  lookup: Lookup,
  now: number,
): Promise<Pin> {
  const addresses = await addressesOf(host, lookup);
  const [address, ...others] = addresses;
  if (address === undefined) {
    throw new PinError('unresolved', `No address was found for the vendor's host ${host}.`);
  }
  for (const each of addresses) {
    if (addressAllowed(each, allowPrivate)) continue;
    throw new PinError(
      'forbidden',
      `The vendor's host ${host} has an address in a range that this connection may not reach (${addressRange(each)}). ` +
        'If it really is on a private network, set "private" on the connection.',
    );
  }
  return { address, others, at: now };
}

/**
 * The pin of a host that a proxy resolves: its name, or the address that it is. What we can see is checked all the same:
 * an address, and what the name leads to here; a name that leads nowhere here is the proxy's to know. Throws PinError.
 */
export async function resolveNamedPin(host: string, lookup: Lookup, now: number): Promise<Pin> {
  try {
    await resolvePin(host, false, lookup, now);
  } catch (cause) {
    if (!(cause instanceof PinError) || cause.code === 'forbidden') throw cause;
  }
  return { address: host.replace(/^\[(.*)\]$/, '$1'), others: [], at: now };
}

async function addressesOf(host: string, lookup: Lookup): Promise<readonly string[]> {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0) return [bare];
  try {
    return await lookup(bare);
  } catch (cause) {
    throw new PinError('unresolved', `The vendor's host ${host} could not be resolved.`, cause);
  }
}

/** The pin after its address failed: the next one first, the failed one last. Null when there is no other. */
export function rotatePin(pin: Pin): Pin | null {
  const [next, ...rest] = pin.others;
  return next === undefined ? null : { address: next, others: [...rest, pin.address], at: pin.at };
}

/** Whether a fresh lookup still lists the pinned address, so that its open connections stay good. */
export function keepsAddress(pin: Pin, fresh: Pin): boolean {
  return fresh.address === pin.address || fresh.others.includes(pin.address);
}
