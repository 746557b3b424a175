import {
  type Action,
  guardText,
  type LiftedObservations,
  type Observations,
  shapeOfText,
  treatText,
} from '@drawbridge/minimise';
import type { AuthPlacement } from '@drawbridge/protocol';
import type { FoundKey } from '../crossing.ts';
import { basicPart, withoutPrefix } from '../inspect/index.ts';
import type { CompiledContract } from './contract.ts';

/** How bytes are packed and what answer is wanted: not data about anyone, and without them nothing works. */
const PROTOCOL = new Set(['content-type', 'content-encoding', 'accept', 'accept-encoding']);

/** Of this hop (RFC 9110, 7.6.1), or about the client's own session: whatever a pack lists. */
const NEVER = new Set([
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'cookie2',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'origin',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);

const CLIENT_ADDRESS = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-original-forwarded-for',
  'x-original-remote-addr',
  'x-forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-appengine-user-ip',
  'x-remote-addr',
  'remote-addr',
  'client-ip',
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-pseudo-ipv4',
]);

/** Whether a header never goes to a vendor, whatever pack and contract say. `name` in lower case. */
export function neverCrosses(name: string): boolean {
  return (
    NEVER.has(name) || CLIENT_ADDRESS.has(name) || name.startsWith('x-forwarded') || name.startsWith('cf-')
  );
}

/**
 * The headers as the vendor gets them: protocol headers as they are, those that the pack lists by the treatment of
 * their class, the real credential where the key stood, and nothing else. Raw pairs; names keep their case.
 * `lifted`: where nothing is changed, what is seen by; then all that the app sent crosses, but what never does.
 */
export function minimiseHeaders(
  headers: readonly string[],
  contract: CompiledContract,
  found: readonly FoundKey[],
  credential: string | null,
  seen: Observations,
  lifted: LiftedObservations | null,
): string[] {
  const out: string[] = [];
  const inHop = namesOfThisHop(headers);
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at];
    const value = headers[at + 1];
    if (name === undefined || value === undefined) continue;
    const lower = name.toLowerCase();
    const withCredential = credentialIn(lower, value, found, credential);
    if (withCredential !== null) out.push(name, withCredential);
    else if (PROTOCOL.has(lower)) out.push(name, ofProtocol(value, contract, seen));
    else if (CLIENT_ADDRESS.has(lower)) {
      const shape = shapeOfText(value);
      if (lifted === null) treatText(value, shape, contract.clientAddress, seen);
      else lifted.instead(contract.clientAddress, 'drop', 'drop', shape);
    } else if (!inHop.has(lower) && !isKeyPlace(lower, found)) {
      const crossing =
        lifted === null
          ? treatListed(lower, value, contract, seen)
          : asSent(lower, value, contract, found, lifted);
      if (crossing !== null) out.push(name, crossing);
    }
  }
  return out;
}

/** Crosses as it is, but no secret in it. */
function ofProtocol(value: string, { unlistedHeader }: CompiledContract, seen: Observations): string {
  if (unlistedHeader.guard !== null && value !== 'application/json')
    guardText(value, unlistedHeader, unlistedHeader.guard, seen);
  return value;
}

/** A header that nothing is done with, unless it never crosses. What holds the key crosses nowhere else. */
function asSent(
  name: string,
  value: string,
  contract: CompiledContract,
  found: readonly FoundKey[],
  seen: LiftedObservations,
): string | null {
  if (name !== 'origin' && neverCrosses(name)) return null;
  if (found.some(({ key }) => value.includes(key))) return null;
  const action = listedAction(name, contract) ?? contract.unlistedHeader;
  const treated = treatText(value, shapeOfText(value), action, seen);
  return seen.leaves(action) ? value : treated;
}

function treatListed(
  name: string,
  value: string,
  contract: CompiledContract,
  seen: Observations,
): string | null {
  if (neverCrosses(name)) return null;
  const action = listedAction(name, contract);
  return action === undefined ? null : treatText(value, shapeOfText(value), action, seen);
}

function listedAction(name: string, { headers: { exact, prefixes } }: CompiledContract): Action | undefined {
  return exact.get(name) ?? prefixes.find(({ prefix }) => name.startsWith(prefix))?.action;
}

/** The header with the credential in the key's place, or null when no key stood in it, or credentials stand nowhere. */
function credentialIn(
  name: string,
  value: string,
  found: readonly FoundKey[],
  credential: string | null,
): string | null {
  if (credential === null) return null;
  for (const { placement, key } of found) {
    if (placement.in === 'header' && placement.name.toLowerCase() === name) {
      const prefix = placement.prefix ?? '';
      if (withoutPrefix(value, prefix) === key) return prefix + credential;
    }
    if (placement.in === 'basic' && name === 'authorization' && basicPart(value, placement.part) === key) {
      return basicWith(placement, credential);
    }
  }
  return null;
}

/** The other half of the pair is left empty: it is nobody's field, and might hold anything. */
function basicWith(placement: Extract<AuthPlacement, { in: 'basic' }>, credential: string): string {
  const pairs = { username: `${credential}:`, password: `:${credential}`, pair: credential };
  const pair = pairs[placement.part];
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function isKeyPlace(name: string, found: readonly FoundKey[]): boolean {
  return found.some(({ placement }) => placement.in === 'header' && placement.name.toLowerCase() === name);
}

const NONE: ReadonlySet<string> = new Set();

/** What `Connection` names is of this hop too, however many of it there are. */
function namesOfThisHop(headers: readonly string[]): ReadonlySet<string> {
  let names: Set<string> | null = null;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() !== 'connection') continue;
    names ??= new Set();
    for (const name of headers[at + 1]?.toLowerCase().split(',') ?? []) names.add(name.trim());
  }
  return names ?? NONE;
}
