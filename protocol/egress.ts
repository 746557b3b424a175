import { isIP } from 'node:net';
import { z } from 'zod';
import { type EgressMode, egressModes } from './vocabulary.ts';

export { type EgressMode, egressModes };

/**
 * The egress proxy's rules: which hosts a workload may reach that is not behind a connection. Both planes judge with the
 * same function, so that what the console says would be refused is what gateways refuse.
 */

const Id = z.string().min(1).max(60);

/** What stands in a leaf where a crossing has no connection, service and contract. No slug and no id is written so. */
export const EGRESS = '@egress';
/** In a leaf of the egress proxy: the host is of no vendor that is known. */
export const UNKNOWN_VENDOR = '@unknown';

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const MOST_NAME = 253;

/** A name whose last label is a number is an address to whoever connects (`127.1`, `0x7f.0.0.1`): it names no host. */
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

/**
 * A host in its one spelling: lower case, A-labels, no dot at its end; or an address, IPv6 without brackets and as RFC 5952
 * has it, IPv4 never as IPv6. What is spelled otherwise would stand in a list and match nothing.
 */
export function isEgressHost(text: string): boolean {
  if (text.length > MOST_NAME) return false;
  return isIP(text) === 0
    ? NAME.test(text) && !ENDS_IN_NUMBER.test(text)
    : oneSpelling(text.includes(':') ? `[${text}]` : text) === text;
}

/** As a URL spells it; null: it can't stand in one. */
function oneSpelling(host: string): string | null {
  const url = URL.parse(`http://${host}/`);
  if (url === null) return null;
  const bare = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/(?<=[^.])\.$/, '');
  // An IPv4 address dressed as IPv6 leads to that IPv4 address, and is judged as it.
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(bare) ?? [];
  if (high === undefined || low === undefined) return bare;
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join('.');
}

export const EgressHostSchema = z
  .string()
  .max(MOST_NAME)
  .refine(isEgressHost, 'a host name in lower case, such as api.example.com, or an address');

/** A host as a record has it: also one that was spelled as lists no longer take it. */
export const RecordedHostSchema = z
  .string()
  .max(MOST_NAME)
  .refine((text) => isIP(text) !== 0 || NAME.test(text), 'a host name in lower case, or an address');

/** `api.example.com`, `*.example.com` (all below it, not itself), or an address. */
export const EgressPatternSchema = z
  .string()
  .max(MOST_NAME + 2)
  .refine(
    (text) =>
      text.startsWith('*.') ? NAME.test(text.slice(2)) && !ENDS_IN_NUMBER.test(text) : isEgressHost(text),
    'a host name in lower case, such as api.example.com or *.example.com, or an address',
  );

const patterns = z.array(EgressPatternSchema).max(5000);
const vendors = z.array(Id).max(2000);
const ports = z.array(z.int().min(1).max(65_535)).max(100);

export const EgressSchema = z.strictObject({
  mode: z.enum(egressModes),
  /** Apps whose secret keys may use the proxy. */
  apps: z.array(Id).max(10_000),
  /** Ports that CONNECT may name, and that plain HTTP may. */
  ports: z.strictObject({ connect: ports, http: ports }),
  allow: z.strictObject({
    vendors,
    hosts: patterns,
    /** Of the vendor's seat, ISO 3166-1 alpha-2; a vendor whose seat is not known is in none. */
    countries: z.array(z.string().regex(/^[A-Z]{2}$/)).max(250),
  }),
  deny: z.strictObject({ vendors, hosts: patterns }),
  /** Cut off, beside those whose connections are severed. */
  severed: vendors,
  /** Whose hosts are known: a host is of the vendor with the longest domain that it is or lies below. */
  vendors: z
    .array(
      z.strictObject({
        id: Id,
        country: z
          .string()
          .regex(/^[A-Z]{2}$/)
          .nullable(),
        domains: z.array(EgressHostSchema).max(500),
      }),
    )
    .max(5000),
  /** Networks that are not public and may be reached all the same. */
  networks: z.array(z.union([z.cidrv4(), z.cidrv6()])).max(100),
  /** Whether the name in a TLS greeting has to be the host that was asked for. */
  sni: z.boolean(),
});
export type EgressConfig = z.infer<typeof EgressSchema>;

/** Why a host is not let through. */
export const egressReasons = [
  'egress_severed',
  'egress_denied',
  'egress_address',
  'egress_not_listed',
] as const;
export type EgressReason = (typeof egressReasons)[number];

export interface EgressVerdict {
  /** Whose host it is; null: no vendor is known for it. */
  vendor: string | null;
  /** Null: the rules let it through. `egress_severed` holds in every mode, the others in `enforce`. */
  reason: EgressReason | null;
}

export interface EgressRules {
  /** Judges a host in its one spelling. Takes time by the number of its labels. */
  judge(host: string): EgressVerdict;
  vendorOf(host: string): string | null;
  /** Whether a vendor is cut off, whatever its hosts are. */
  isSevered(vendor: string): boolean;
}

/** What is severed beside the rules' own list: vendors, and single hosts of connections. */
export interface Severed {
  vendors: Iterable<string>;
  hosts: Iterable<string>;
}

/** Prepares rules for judging. Severed comes before denied, denied before allowed. */
export function compileEgress(config: EgressConfig, severed: Severed): EgressRules {
  const owners = new Map(config.vendors.flatMap(({ id, domains }) => domains.map((is) => [is, id] as const)));
  const countries = new Set(config.allow.countries);
  const ofCountry = config.vendors.filter(({ country }) => country !== null && countries.has(country));
  const allowed = new Set([...config.allow.vendors, ...ofCountry.map(({ id }) => id)]);
  const denied = new Set(config.deny.vendors);
  const cut = new Set([...config.severed, ...severed.vendors]);
  const cutHosts = new Set(severed.hosts);
  const allowedHost = matcherOf(config.allow.hosts);
  const deniedHost = matcherOf(config.deny.hosts);

  function vendorOf(host: string): string | null {
    if (isIP(host) !== 0) return owners.get(host) ?? null;
    for (const rest of withParents(host)) {
      const owner = owners.get(rest);
      if (owner !== undefined) return owner;
    }
    return null;
  }
  return {
    vendorOf,
    isSevered: (vendor) => cut.has(vendor),
    judge(host) {
      const vendor = vendorOf(host);
      return { vendor, reason: reasonOf(host, vendor) };
    },
  };

  function reasonOf(host: string, vendor: string | null): EgressReason | null {
    if (cutHosts.has(host) || (vendor !== null && cut.has(vendor))) return 'egress_severed';
    if (deniedHost(host) || (vendor !== null && denied.has(vendor))) return 'egress_denied';
    if (allowedHost(host)) return null;
    if (isIP(host) !== 0) return 'egress_address';
    return vendor !== null && allowed.has(vendor) ? null : 'egress_not_listed';
  }
}

function matcherOf(list: readonly string[]): (host: string) => boolean {
  const exact = new Set(list.filter((pattern) => !pattern.startsWith('*.')));
  const below = new Set(list.flatMap((pattern) => (pattern.startsWith('*.') ? [pattern.slice(2)] : [])));
  return (host) => {
    if (exact.has(host)) return true;
    if (below.size === 0 || isIP(host) !== 0) return false;
    let isFirst = true;
    for (const rest of withParents(host)) {
      if (!isFirst && below.has(rest)) return true;
      isFirst = false;
    }
    return false;
  };
}

/** The name, and what it lies below: `a.b.c`, `b.c`, `c`. */
function* withParents(host: string): Generator<string> {
  for (let at = 0; ; ) {
    yield host.slice(at);
    const dot = host.indexOf('.', at);
    if (dot < 0) return;
    at = dot + 1;
  }
}

/** A host and port that a client asks for. */
export interface Authority {
  /** In its one spelling. */
  host: string;
  port: number;
}

const LONGEST_AUTHORITY = 512;

/**
 * Reads `host:port` as it stands in a CONNECT or a URL. A name becomes A-labels in lower case without a dot at its end;
 * an address its usual spelling (`0x7f.1` is 127.0.0.1). Null where it is none. `port`: taken where the text has none.
 */
export function readAuthority(text: string, port: number | null): Authority | null {
  if (text.length > LONGEST_AUTHORITY) return null;
  const parts = /^(\[[0-9a-fA-F:.]+\]|[^\s/\\@?#%:[\]<>^|`{}"]+)(?::(\d{1,5}))?$/u.exec(text);
  const named = parts?.[2] === undefined ? port : Number(parts[2]);
  if (parts?.[1] === undefined || named === null || named < 1 || named > 65_535) return null;
  const host = oneSpelling(parts[1]);
  return host !== null && isEgressHost(host) ? { host, port: named } : null;
}
