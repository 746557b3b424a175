import { isIP, isIPv4 } from 'node:net';
import { domainToASCII } from 'node:url';

/** What a text that should name a host does name. `inside`: a name that means nothing to the outside. */
export type Place = { host: string } | { address: string } | 'inside' | 'no_name';

/** Ends of names that no public name has: RFC 6761, RFC 6762, RFC 8375, and what routers and companies use for themselves. */
const inside = new Set([
  'local',
  'internal',
  'arpa',
  'localhost',
  'localdomain',
  'lan',
  'home',
  'corp',
  'intranet',
  'private',
  'test',
  'invalid',
]);

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const PLAIN = /^[a-z0-9._-]+$/;
/** A name has at most 253 characters; with what may stand around it. */
const LONGEST = 1024;

/**
 * A host as evidence keeps it: lower case, ASCII (a name in another script as punycode), no dot at its end. `text` is a name, or
 * an address, alone: no scheme, no port.
 */
export function placeOf(text: string): Place {
  if (text.length > LONGEST) return 'no_name';
  let name = text.trim().toLowerCase();
  if (name.startsWith('[') && name.endsWith(']')) name = name.slice(1, -1);
  if (name.endsWith('.')) name = name.slice(0, -1);
  if (isIP(name) !== 0) return { address: name };
  if (!PLAIN.test(name)) {
    if (/[\s/?#@:%\\[\]]/.test(name)) return 'no_name';
    name = domainToASCII(name);
    if (name.endsWith('.')) name = name.slice(0, -1);
    if (isIP(name) !== 0) return { address: name };
  }
  if (name === '' || name.length > 253) return 'no_name';
  const labels = name.split('.');
  if (!labels.every((label) => LABEL.test(label))) return 'no_name';
  const last = labels.at(-1) ?? '';
  if (labels.length === 1 || inside.has(last)) return 'inside';
  return /[a-z]/.test(last) ? { host: name } : 'no_name';
}

export interface Target {
  place: Place;
  /** As it stands there, or null. */
  scheme: string | null;
  port: number | null;
}

const AUTHORITY = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{0,5}))?$/;

/**
 * Where a URL, `host:port` or `//host/path` leads. What stands before an `@` may be a password: it is looked past, and kept
 * nowhere; so are path and query.
 */
export function targetOf(url: string): Target {
  const [, scheme, rest = url] = /^([a-z][a-z0-9+.-]{0,31}):\/\/(.*)$/is.exec(url) ?? [];
  const open = scheme === undefined && rest.startsWith('//') ? rest.slice(2) : rest;
  const end = open.search(/[/?#\\]/);
  const whole = end === -1 ? open : open.slice(0, end);
  const authority = whole.slice(whole.lastIndexOf('@') + 1);
  const isBare = scheme === undefined && isIP(authority) === 6;
  const [, six, name, port] = isBare ? [null, authority] : (AUTHORITY.exec(authority) ?? []);
  const text = six ?? name;
  return {
    place: text === undefined || text === null ? 'no_name' : placeOf(text),
    scheme: scheme?.toLowerCase() ?? null,
    port: port === undefined || port === null || port === '' ? null : Number(port),
  };
}

/** How a host was spoken to, where that says more than "over HTTPS". */
export function detailOf(
  via: string,
  { scheme, port }: { scheme: string | null; port: number | null },
): Record<string, string> {
  const isUsual = port === null || port === 443 || port === 80;
  return {
    via,
    ...(scheme === null || scheme === 'https' ? {} : { scheme }),
    ...(isUsual ? {} : { port: String(port) }),
  };
}

/** Whether a host is one of these names, or below one. */
export function isOwn(host: string, own: readonly string[]): boolean {
  return own.some((name) => host === name || (host.endsWith(name) && host.at(-name.length - 1) === '.'));
}

/** An address that can be reached from anywhere: kept beside a name. Not those of an inside network, of this machine or of none. */
export function isPublicAddress(text: string): boolean {
  const version = isIP(text);
  if (version === 0) return false;
  if (version === 6) {
    const mapped = /^::ffff:([0-9.]+)$/i.exec(text)?.[1];
    if (mapped !== undefined) return isIPv4(mapped) && isPublicAddress(mapped);
    return !/^(?:::|f[cd]|fe[89ab]|ff)/i.test(text);
  }
  const [a = 0, b = 0] = text.split('.').map(Number);
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100) return b < 64 || b > 127;
  if (a === 169) return b !== 254;
  if (a === 172) return b < 16 || b > 31;
  return !(a === 192 && b === 168);
}
