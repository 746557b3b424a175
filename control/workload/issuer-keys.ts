import {
  createLocalJWKSet,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
  errors as joseErrors,
} from 'jose';
import { z } from 'zod';
import { callOut, OutboundError, type OutboundNetwork, readOut } from '../platform/index.ts';

const MOST_KEYS = 100;
const MOST_BYTES = 256 * 1024;
const TIMEOUT_MS = 5_000;
/** Keys that were read are used for this long. */
const FRESH_MS = 10 * 60_000;
/** A key that is not among them has them read again, at most this often: strangers name keys as they like. */
const AGAIN_MS = 30_000;
const WHO = 'The issuer';

const KeySchema = z.looseObject({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  kid: z.string().max(500).optional(),
  use: z.string().max(20).optional(),
  d: z.never().optional(),
  k: z.never().optional(),
});
const SetSchema = z.object({ keys: z.array(z.unknown()).max(MOST_KEYS) });
const DiscoverySchema = z.looseObject({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https$/ }) });

/** Public keys that sign, out of a set that may hold others, which are left out. */
function signingKeys(set: z.infer<typeof SetSchema>): JSONWebKeySet {
  const keys = set.keys.flatMap((key) => {
    const read = KeySchema.safeParse(key);
    return read.success && read.data.use !== 'enc' ? [key as JWK] : [];
  });
  return { keys };
}

/** What is wrong with a set of keys that a person entered, to stand after the name of a field; null: nothing. */
export function wrongKeySet(given: unknown): string | null {
  const set = SetSchema.safeParse(given);
  if (!set.success) return `is no JWKS: an object with at most ${MOST_KEYS} "keys"`;
  const bad = set.data.keys.findIndex((key) => !KeySchema.safeParse(key).success);
  if (bad >= 0)
    return `holds at keys.${bad} what is no public key of RSA, EC or OKP. A private or shared key does not belong here: whoever has it can make tokens`;
  return signingKeys(set.data).keys.length === 0 ? 'holds no key that signs' : null;
}

export const keysFrom = (given: unknown): JWTVerifyGetKey =>
  createLocalJWKSet(signingKeys(SetSchema.parse(given)));

/** The keys of issuers, read where they publish them (OpenID Connect Discovery 1.0 §4), and kept for ten minutes. */
export interface IssuerKeys {
  /** For `jwtVerify`; throws OutboundError where they can't be read. */
  of(issuer: string, isPrivate: boolean): JWTVerifyGetKey;
}

interface Kept {
  keys: JWTVerifyGetKey;
  readAt: number;
}

export function createIssuerKeys(network: OutboundNetwork, now: () => number): IssuerKeys {
  const kept = new Map<string, Kept>();
  const reading = new Map<string, Promise<Kept>>();

  /** One reading at a time of each issuer, however many ask. */
  function read(issuer: string, isPrivate: boolean): Promise<Kept> {
    const name = `${isPrivate} ${issuer}`;
    const under = reading.get(name);
    if (under !== undefined) return under;
    const begun = readKeys(issuer, isPrivate, network)
      .then((keys) => {
        const fresh = { keys, readAt: now() };
        kept.set(name, fresh);
        return fresh;
      })
      .finally(() => reading.delete(name));
    reading.set(name, begun);
    return begun;
  }

  return {
    of: (issuer, isPrivate) => async (header, token) => {
      const known = kept.get(`${isPrivate} ${issuer}`);
      const isFresh = known !== undefined && now() - known.readAt < FRESH_MS;
      const used = isFresh ? known : await read(issuer, isPrivate);
      try {
        return await used.keys(header, token);
      } catch (error) {
        const isOld = now() - used.readAt >= AGAIN_MS;
        if (!(error instanceof joseErrors.JWKSNoMatchingKey) || !isOld) throw error;
        return (await read(issuer, isPrivate)).keys(header, token);
      }
    },
  };
}

async function readKeys(
  issuer: string,
  isPrivate: boolean,
  network: OutboundNetwork,
): Promise<JWTVerifyGetKey> {
  const asked = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = DiscoverySchema.safeParse(await readJson(asked, isPrivate, network));
  if (!found.success) throw unusable('does not say where its keys are');
  // Else whoever is asked could answer with another one's keys, and the other way round.
  if (found.data.issuer !== issuer) throw unusable('says that it is another issuer');
  const set = SetSchema.safeParse(await readJson(found.data.jwks_uri, isPrivate, network));
  if (!set.success) throw unusable('has no usable keys');
  return createLocalJWKSet(signingKeys(set.data));
}

async function readJson(address: string, isPrivate: boolean, network: OutboundNetwork): Promise<unknown> {
  const answer = await callOut(
    {
      method: 'GET',
      url: new URL(address),
      body: '',
      headers: { accept: 'application/json' },
      isPrivate,
      timeoutMs: TIMEOUT_MS,
      signal: AbortSignal.timeout(2 * TIMEOUT_MS),
      who: WHO,
    },
    network,
  );
  const body = await readOut(answer, MOST_BYTES, WHO);
  if (answer.statusCode !== 200) throw unusable(`answered ${answer.statusCode}`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw unusable('answered with what is no JSON', cause);
  }
}

const unusable = (what: string, cause?: unknown): OutboundError =>
  new OutboundError('unreachable', `${WHO} ${what}.`, { cause });
