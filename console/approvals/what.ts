import type { Approval, Move } from '../api/trust-types.ts';
import type { PackRow, Upstream } from '../api/types.ts';
import { upstreamOf } from '../connect/upstream.ts';
import { m } from '../messages/en.ts';

const words = m.approvals;

/** What somebody asked for, as far as this console knows the act. */
export type Asked =
  | { kind: 'move'; move: Move }
  | { kind: 'credential'; name: string; to: Upstream }
  | { kind: 'setting'; to: boolean }
  | { kind: 'other' };

export function askedOf({ act, what }: Approval): Asked {
  const { name, from, to, host } = what;
  if (act === 'connection.change' && typeof name === 'string' && isUpstream(from) && isUpstream(to))
    return { kind: 'move', move: { name, from, to } };
  if (act === 'credential.enter' && typeof name === 'string' && typeof host === 'string') {
    const upstream = upstreamOf(host, what.private === true);
    if (upstream !== null) return { kind: 'credential', name, to: upstream };
  }
  if (act === 'setting.write' && typeof to === 'boolean') return { kind: 'setting', to };
  return { kind: 'other' };
}

function isUpstream(given: unknown): given is Upstream {
  return typeof given === 'object' && given !== null && 'host' in given && 'port' in given;
}

/** What is to be done, in a sentence. */
export function sentenceOf(approval: Approval): string {
  const asked = askedOf(approval);
  if (asked.kind === 'move') return words.move(asked.move.name, asked.move.to.host);
  if (asked.kind === 'credential') return words.credential(asked.name, asked.to.host);
  if (asked.kind === 'setting') return asked.to ? words.settingOn : words.settingOff;
  return words.other(m.audit.acts[approval.act] ?? approval.act);
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
