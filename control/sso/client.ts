import { type Configuration, customFetch, discovery, enableNonRepudiationChecks, None } from 'openid-client';
import { callOut, type OutboundNetwork, readOut } from '../platform/index.ts';
import type { IssuerRow } from './issuers.ts';

const TIMEOUT_S = 10;
const MOST_BYTES = 512 * 1024;
/** What an issuer says of itself is used for this long. */
const FRESH_MS = 10 * 60_000;
const WHO = 'The issuer';

/** The issuer says that it is another one than was configured. */
export class WrongIssuerError extends Error {
  readonly code = 'wrong_issuer';
}

/** Issuers as they say that they are reached, and asked as a public client: nothing secret of ours is needed there. */
export interface Clients {
  of(issuer: IssuerRow): Promise<Configuration>;
  /** As `of`, and asked now, whatever was kept. */
  anew(issuer: IssuerRow): Promise<Configuration>;
}

export function createClients(network: OutboundNetwork, now: () => number): Clients {
  const kept = new Map<string, { made: Promise<Configuration>; at: number }>();
  const nameOf = (row: IssuerRow) => JSON.stringify([row.issuer, row.client_id, row.private]);
  function anew(row: IssuerRow): Promise<Configuration> {
    const name = nameOf(row);
    const made = configure(row, network);
    kept.set(name, { made, at: now() });
    made.catch(() => kept.delete(name));
    return made;
  }
  return {
    anew,
    of(row) {
      const known = kept.get(nameOf(row));
      return known !== undefined && now() - known.at < FRESH_MS ? known.made : anew(row);
    },
  };
}

async function configure(
  { issuer, client_id: clientId, private: isPrivate }: IssuerRow,
  network: OutboundNetwork,
): Promise<Configuration> {
  const config = await discovery(new URL(issuer), clientId, {}, None(), {
    timeout: TIMEOUT_S,
    [customFetch]: (url, options) => ask(url, options, isPrivate, network),
    // Else the library takes an ID token for the issuer's own because it came over TLS.
    execute: [enableNonRepudiationChecks],
  });
  // The library lets some issuers answer for others, of many tenants.
  if (config.serverMetadata().issuer !== issuer)
    throw new WrongIssuerError('The issuer says that it is another one than was configured.');
  return config;
}

interface Asked {
  method?: string;
  headers?: Record<string, string> | Headers;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** What the library would do with fetch, within what protects every call to an address that was set. */
async function ask(
  address: string,
  { method, headers, body, signal }: Asked,
  isPrivate: boolean,
  network: OutboundNetwork,
): Promise<Response> {
  const url = new URL(address);
  if (url.protocol !== 'https:')
    throw new WrongIssuerError('The issuer leads to an address that is not https.');
  const answer = await callOut(
    {
      method: method === 'POST' ? 'POST' : 'GET',
      url,
      headers: Object.fromEntries(new Headers(headers)),
      body: body instanceof URLSearchParams || typeof body === 'string' ? body.toString() : '',
      isPrivate,
      timeoutMs: TIMEOUT_S * 1000,
      signal: signal ?? AbortSignal.timeout(TIMEOUT_S * 1000),
      who: WHO,
    },
    network,
  );
  const read = await readOut(answer, MOST_BYTES, WHO);
  const type = answer.headers['content-type'];
  return new Response(read.length === 0 ? null : new Uint8Array(read), {
    status: answer.statusCode ?? 500,
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
  });
}
