import { isIP } from 'node:net';
import type { Connection } from '@drawbridge/protocol';
import { invalid, isPrivateHost } from '../platform/index.ts';

export type Upstream = Connection['upstream'];

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/;

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

/** Whether what crosses may come to a place where it could not before: another host, or the same name in a private network. */
export function leadsElsewhere(from: Upstream, to: Upstream): boolean {
  return isElsewhere(from, to) || (to.private && !from.private);
}
