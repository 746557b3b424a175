import { isIP } from 'node:net';
import {
  drillOf,
  type EgressMode,
  type EgressReason,
  type RecoveryDrill,
  virtualKeyId,
} from '@drawbridge/protocol';
import { authenticate, keyExpired } from '../authenticate/index.ts';
import type { FoundKey, LiveEgress, LiveKey } from '../crossing.ts';
import { Refusal } from '../refusal/index.ts';
import type { Live } from '../snapshot/index.ts';
import { isWithin } from '../source.ts';
import { expectReachable } from './addresses.ts';
import type { Ask } from './ask.ts';

/** Who asks, and whether they may: the part of a walk before the record. */

const LONGEST_HEADER = 1024;
const PLACEMENT = { in: 'header', name: 'proxy-authorization', prefix: '' } as const;

/**
 * The virtual key in Proxy-Authorization: the password of Basic, whose user name is not looked at, or a Bearer token.
 * Throws Refusal `key_missing`, `key_unknown`, `key_expired`; no message holds the key.
 */
export function proxyKey(
  header: string | undefined,
  keys: ReadonlyMap<string, LiveKey>,
  now: number,
): LiveKey {
  return authenticate(shownKeys(header), keys, now);
}

/** The key that a header shows, whoever's it is. */
export function shownKeys(header: string | undefined): FoundKey[] {
  if (header === undefined || header.length > LONGEST_HEADER) return [];
  const [, scheme = '', value = ''] = /^(basic|bearer) +([!-~]+)$/i.exec(header) ?? [];
  if (scheme === '') return [];
  if (scheme.toLowerCase() === 'bearer') return [{ placement: PLACEMENT, key: value }];
  const clear = Buffer.from(value, 'base64').toString('latin1');
  const colon = clear.indexOf(':');
  if (colon < 0) return [];
  const password = clear.slice(colon + 1);
  // `http://dbk_…@proxy` is how some write it.
  const key =
    password === '' && virtualKeyId(clear.slice(0, colon)) !== null ? clear.slice(0, colon) : password;
  return key === '' ? [] : [{ placement: PLACEMENT, key }];
}

/** The rules that are in force. Throws Refusal `egress_off`. */
export function egressOf(live: Live): LiveEgress {
  if (live.egress !== null) return live.egress;
  throw new Refusal(
    'egress_off',
    'admit',
    'The egress proxy is not set up in Drawbridge: nobody may use it yet.',
  );
}

/** What the key itself allows. `address`: the caller's; null: it can't be told. Throws Refusal. */
export function admitProxyKey(key: LiveKey, egress: LiveEgress, address: string | null): void {
  const { app, kind } = key.config;
  if (kind !== 'secret') {
    throw refused(
      'egress_app',
      'A publishable key can be read by anyone, so it does not open the egress proxy. Use a secret key.',
    );
  }
  if (!egress.apps.has(app)) {
    throw refused(
      'egress_app',
      'This app may not use the egress proxy. It can be let in Drawbridge, under Egress.',
    );
  }
  if (key.networks === null || (address !== null && isWithin(address, key.networks))) return;
  throw refused(
    'network_not_allowed',
    "This virtual key may not be used from this network. Its app's owner can see and change its networks in Drawbridge.",
  );
}

/** Vendors whose names led to an address lately. */
export type VendorsAt = (address: string) => readonly string[];

/** What the rules say of a host: whose it is, and what stands against it. */
export interface Judged {
  vendor: string | null;
  mode: EgressMode;
  /** What `enforce` would refuse it for, where it is let through all the same; null: nothing. */
  would: EgressReason | 'internal' | null;
}

const messages: Readonly<Record<EgressReason, string>> = {
  egress_severed:
    'This vendor is cut off for now: nothing goes to it until it is opened again in Drawbridge.',
  egress_denied:
    'This host, or its vendor, is on the list of those that may not be reached. It is kept in Drawbridge, under Egress.',
  egress_address:
    'The host is an address, and only listed addresses may be asked for. Use its name, or have the address listed in Drawbridge, under Egress.',
  egress_not_listed:
    'This host is not on the list of those that may be reached. It can be allowed in Drawbridge, under Egress.',
};

/**
 * Judges where it is to go. In every mode: ports that are not listed and severed vendors are refused, these also by an
 * address that their names led to lately; in `enforce` whatever the lists do not let through, and whatever can't be judged.
 * Throws Refusal.
 */
export function judge(ask: Ask, egress: LiveEgress, vendorsAt: VendorsAt): Judged {
  const { mode } = egress.config;
  const ports = ask.via === 'connect' ? egress.connectPorts : egress.httpPorts;
  if (!ports.has(ask.target.port)) {
    throw new EgressRefusal(
      'egress_port',
      'The egress proxy does not open this port. Its ports are listed in Drawbridge, under Egress.',
      vendorOf(ask, egress),
    );
  }
  const { vendor, reason } = verdictOn(ask, egress, vendorsAt);
  if (reason === null) return { vendor, mode, would: null };
  if (mode !== 'enforce' && reason !== 'egress_severed') return { vendor, mode, would: reason };
  throw new EgressRefusal(
    reason,
    reason === 'internal' ? 'The rules could not be evaluated, so nothing was sent.' : messages[reason],
    vendor,
  );
}

/** An error in the rules is a reason against: it refuses in `enforce`, and is recorded in the other modes. */
function verdictOn(
  ask: Ask,
  { rules }: LiveEgress,
  vendorsAt: VendorsAt,
): { vendor: string | null; reason: EgressReason | 'internal' | null } {
  try {
    const { host } = ask.target;
    if (isIP(host) !== 0) {
      const vendor = vendorsAt(host).find((id) => rules.isSevered(id));
      if (vendor !== undefined) return { vendor, reason: 'egress_severed' };
    }
    return rules.judge(host);
  } catch {
    return { vendor: null, reason: 'internal' };
  }
}

function vendorOf(ask: Ask, { rules }: LiveEgress): string | null {
  try {
    return rules.vendorOf(ask.target.host);
  } catch {
    return null;
  }
}

/** A refusal of a host whose vendor may be known. */
export class EgressRefusal extends Refusal {
  readonly vendor: string | null;
  constructor(code: Refusal['code'], message: string, vendor: string | null) {
    super(code, 'authorise', message);
    this.vendor = vendor;
  }
}

export interface UnderWay {
  ask: Ask;
  key: LiveKey;
  /** The caller's. */
  address: string | null;
  /** Addresses that the exchange leads to; none: it is not open yet, or only a proxy knows. */
  reached: readonly string[];
}

/** Why what is under way may not go on under what is in force now; null: it may. `now`: milliseconds since 1970. */
export function withdrawn(
  { ask, key: known, address, reached }: UnderWay,
  live: Live,
  vendorsAt: VendorsAt,
  now: number,
): Refusal | null {
  const key = live.keys.get(known.config.id);
  if (key === undefined || !key.hash.equals(known.hash)) {
    return new Refusal('key_unknown', 'forward', 'This virtual key was revoked while it was in use.');
  }
  if (key.config.expires_at !== null && key.config.expires_at <= now) return keyExpired('forward');
  try {
    const egress = egressOf(live);
    admitProxyKey(key, egress, address);
    judge(ask, egress, vendorsAt);
    expectReachable(reached, egress.networks);
    return null;
  } catch (cause) {
    if (cause instanceof Refusal) return cause;
    throw cause;
  }
}

/**
 * The recovery drill that an exchange is part of: whose vendor the host is of, a connection to that vendor has as its host, or whose
 * names led to the address lately. The same answer for the same exchange as long as the drill runs. `now`: milliseconds since 1970.
 */
export function drillFor(
  { ask, key, id, vendor }: Pick<UnderWay, 'ask' | 'key'> & { id: string; vendor: string | null },
  { drills, connections }: Live,
  vendorsAt: VendorsAt,
  now: number,
): RecoveryDrill | null {
  if (drills === null) return null;
  const { host } = ask.target;
  const vendors = new Set(isIP(host) === 0 ? [] : vendorsAt(host));
  if (vendor !== null) vendors.add(vendor);
  for (const { config } of connections.values())
    if (config.upstream.host === host) vendors.add(config.vendor);
  const about = drills.filter((drill) => vendors.has(drill.vendor));
  return drillOf(about, key.config.app, id, now);
}

/** Of a vendor that a drill treats as lost. */
export function vendorLost({ vendor }: RecoveryDrill): EgressRefusal {
  return new EgressRefusal(
    'vendor_lost',
    'A recovery drill treats this vendor as lost for some minutes, so that it is seen what breaks. Nothing more is sent. Try again later, or stop the drill in Drawbridge.',
    vendor,
  );
}

function refused(code: 'egress_app' | 'network_not_allowed', message: string): Refusal {
  return new Refusal(code, 'admit', message);
}
