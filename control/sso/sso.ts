import type { Approvals } from '../approvals/index.ts';
import type { Reached, Throttle } from '../identity/index.ts';
import { notFound, type OutboundNetwork, type Platform } from '../platform/index.ts';
import { checkIssuer, type IssuerCheck } from './check.ts';
import { createClients } from './client.ts';
import { createIssuers, type Issuers } from './issuers.ts';
import { createOidcSignIn, type OidcSignIn } from './sign-in.ts';

export interface SsoDeps {
  platform: Platform;
  approvals: Approvals;
  reached: Reached;
  throttle: Throttle;
  /** What stands before the paths of the API, such as `/api/v1`. */
  base: string;
  /** What reaching issuers needs from this machine. */
  network: OutboundNetwork;
}

/** Issuers that vouch for people, and signing in through them. */
export interface Sso {
  issuers: Issuers;
  signIn: OidcSignIn;
  /** Whether an issuer can be reached now, and what it says of itself. Throws Problem 404. */
  check(id: string): Promise<IssuerCheck>;
}

export function createSso({ platform, approvals, reached, throttle, base, network }: SsoDeps): Sso {
  // One per issuer: an answer of one can not be taken for another's (RFC 9700 §4.4.2).
  const redirectUri = (id: string): string =>
    `${reached.origins[0] ?? ''}${base}/session/oidc/${id}/callback`;
  const issuers = createIssuers({ platform, approvals, redirectUri });
  const clients = createClients(network, () => platform.clock.now());
  return {
    issuers,
    signIn: createOidcSignIn({ platform, throttle, issuers, clients, redirectUri }),
    async check(id) {
      const row = await issuers.find(id);
      if (row === null) throw notFound('issuer');
      return checkIssuer(clients, row);
    },
  };
}
