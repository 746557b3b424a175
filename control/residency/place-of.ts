import { addressOf, isOwn } from './address.ts';
import { placeInName } from './cloud-regions.ts';
import type { Place } from './place.ts';
import type { RangeTable } from './range-table.ts';

/** How a place was found out, in the order in which they are asked. */
export const placeMethods = ['vendor_rule', 'host_name', 'range', 'edge', 'nothing'] as const;

export interface Found {
  /** `EDGE` and `UNKNOWN` say nothing of where data lies. */
  place: Place;
  by: (typeof placeMethods)[number];
  /** Why, as one sentence. */
  says: string;
}

/** A vendor's own word on a host: `is` with `*` for characters of one label. */
export interface HostRule {
  is: string;
  region: Place;
  /** Where it was read. */
  source: string;
  asOf: string;
}

export interface PlaceFacts {
  rules: readonly HostRule[];
  /** Null: no table was brought in. */
  ranges: RangeTable | null;
}

/**
 * Where the far end of a connection is: by the vendor's own rule for the host, by what the cloud's naming says, by the networks
 * that providers publish. Never by a registry of addresses or a geographic database: those put most of the clouds' addresses
 * in the country of their owner. `host`, `address`: null where that is not known.
 */
export function placeOf(host: string | null, address: string | null, { rules, ranges }: PlaceFacts): Found {
  const name = host?.toLowerCase().replace(/\.$/, '') ?? null;
  const rule = name === null ? undefined : ruleFor(name, rules);
  if (rule !== undefined) {
    return {
      place: rule.region,
      by: 'vendor_rule',
      says: `The vendor says that ${name} is in ${rule.region} (${rule.source}, ${rule.asOf}).`,
    };
  }
  const named = name === null ? null : placeInName(name);
  if (named === 'EDGE') return edge(`${name} is a network that answers near the caller`);
  if (named !== null)
    return { place: named, by: 'host_name', says: `The host’s name holds the region ${named}.` };
  const parsed = address === null ? null : addressOf(address);
  if (address === null || parsed === null)
    return nothing('Neither the name of the host nor an address says where it is.');
  if (isOwn(parsed))
    return nothing(`${address} is in a network of our own: a proxy on the way out, or a server of ours.`);
  if (ranges === null) return nothing('No table of the providers’ networks was brought in.');
  const section = ranges.find(address);
  if (section === null) return nothing(`No provider in the table lists ${address}.`);
  if (section.place === 'EDGE')
    return edge(`${address} is in ${section.name}, which answers near the caller`);
  return { place: section.place, by: 'range', says: `${address} is in the networks of ${section.name}.` };
}

const edge = (because: string): Found => ({
  place: 'EDGE',
  by: 'edge',
  says: `${because}: it proves nothing of where data lies.`,
});
const nothing = (says: string): Found => ({ place: 'UNKNOWN', by: 'nothing', says });

/** An exact rule before one with `*`; of those the longest. */
function ruleFor(host: string, rules: readonly HostRule[]): HostRule | undefined {
  const exact = rules.find(({ is }) => is === host);
  if (exact !== undefined) return exact;
  return rules
    .filter(({ is }) => is.includes('*') && fits(host, is))
    .sort((a, b) => b.is.length - a.is.length)[0];
}

function fits(host: string, pattern: string): boolean {
  const have = host.split('.');
  const want = pattern.split('.');
  return have.length === want.length && want.every((label, index) => labelFits(have[index] ?? '', label));
}

/** `*` stands for one or more characters; labels have at most 63, so trying each place is bounded. */
function labelFits(label: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return label === pattern;
  if (!label.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1;
    const next = isLast ? label.length - part.length : label.indexOf(part, at + 1);
    if (next <= at || next < 0 || !label.startsWith(part, next)) return next > at && part === '';
    at = next + part.length;
  }
  return true;
}
