import type { Approval, IssuerFacts, Move } from '../api/trust-types.ts';
import type { PackRow, Upstream } from '../api/types.ts';
import { upstreamOf } from '../connect/upstream.ts';
import { m } from '../messages/en.ts';
import { roleNames } from '../people/words.ts';

const words = m.approvals;

const personActs = {
  'person.invite': 'invite',
  'person.invite_again': 'again',
  'person.change': 'change',
  'person.reset_factors': 'factors',
} as const;
type PersonAct = (typeof personActs)[keyof typeof personActs];

/** What somebody asked for, as far as this console knows the act. */
export type Asked =
  | { kind: 'move'; move: Move }
  | { kind: 'credential'; name: string; to: Upstream }
  | { kind: 'admin'; name: string; to: Upstream; isOwnPack: boolean }
  | { kind: 'person'; act: PersonAct; email: string; roles: string[]; accessEnds: string | null }
  | { kind: 'issuer'; from: IssuerFacts | null; to: IssuerFacts }
  | { kind: 'setting'; to: boolean }
  | { kind: 'egress' }
  | { kind: 'other' };

export function askedOf({ act, what }: Approval): Asked {
  const { name, from, to, host } = what;
  if (act === 'connection.change' && typeof name === 'string' && isUpstream(from) && isUpstream(to))
    return { kind: 'move', move: { name, from, to } };
  if (act === 'credential.enter' && typeof name === 'string' && typeof host === 'string') {
    const upstream = upstreamOf(host, what.private === true);
    if (upstream !== null) return { kind: 'credential', name, to: upstream };
  }
  if (act === 'vendor_admin.enter' && typeof name === 'string' && isUpstream(what)) {
    const { scheme, port, private: isPrivate } = what;
    const upstream = { scheme, host: what.host, port, private: isPrivate };
    return { kind: 'admin', name, to: upstream, isOwnPack: what.pack === 'entered' };
  }
  if (act === 'usage_credential.enter' && typeof name === 'string' && isUpstream(what)) {
    const { scheme, port, private: isPrivate } = what;
    return { kind: 'credential', name, to: { scheme, host: what.host, port, private: isPrivate } };
  }
  if (act === 'setting.write' && typeof to === 'boolean') return { kind: 'setting', to };
  if (act === 'egress.change') return { kind: 'egress' };
  if (act === 'issuer.add' && isIssuer(what)) return { kind: 'issuer', from: null, to: what };
  if (act === 'issuer.change' && isIssuer(from) && isIssuer(to)) return { kind: 'issuer', from, to };
  return personOf(act, what) ?? { kind: 'other' };
}

function personOf(act: string, { person, roles, accessEnds }: Record<string, unknown>): Asked | null {
  const known = Object.entries(personActs).find(([name]) => name === act);
  if (known === undefined || !Array.isArray(roles)) return null;
  const email = isObject(person) && typeof person.email === 'string' ? person.email : m.common.unknown;
  return {
    kind: 'person',
    act: known[1],
    email,
    roles: roles.map(String),
    accessEnds: typeof accessEnds === 'string' ? accessEnds : null,
  };
}

const isObject = (given: unknown): given is Record<string, unknown> =>
  typeof given === 'object' && given !== null;

function isUpstream(given: unknown): given is Upstream {
  return isObject(given) && typeof given.host === 'string' && typeof given.port === 'number';
}

function isIssuer(given: unknown): given is IssuerFacts {
  return isObject(given) && typeof given.issuer === 'string' && Array.isArray(given.domains);
}

/** What is to be done, in a sentence. */
export function sentenceOf(approval: Approval): string {
  const asked = askedOf(approval);
  switch (asked.kind) {
    case 'move':
      return words.move(asked.move.name, asked.move.to.host);
    case 'credential':
      return words.credential(asked.name, asked.to.host);
    case 'admin':
      return words.admin(asked.name, asked.to.host);
    case 'person':
      return words.person[asked.act](asked.email, roleNames(asked.roles));
    case 'issuer':
      return asked.from === null ? words.issuerAdd(asked.to.name) : words.issuerChange(asked.from.name);
    case 'setting':
      return asked.to ? words.settingOn : words.settingOff;
    case 'egress':
    case 'other':
      return m.audit.acts[approval.act] ?? approval.act;
  }
}

/** What the vendor's pack says about a host: the region that it names it for, that it names no such host, or nothing. */
export type Known = { region: string } | 'unknown host' | null;

export function knownHost(
  packs: readonly PackRow[] | undefined,
  { vendor, service }: { vendor: string; service: string },
  host: string,
): Known {
  const regions = packs
    ?.find((pack) => pack.vendor === vendor)
    ?.services.find((one) => one.id === service)?.regions;
  if (regions === undefined) return null;
  const region = regions.find((one) => one.host === host);
  if (region !== undefined) return { region: `${region.name} (${region.jurisdiction})` };
  // Where customers name their own host, the pack can't know it.
  return regions.some(({ ownHost }) => ownHost) ? null : 'unknown host';
}
