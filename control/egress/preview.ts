import type { EgressReason } from '@drawbridge/protocol';
import type { ObservedHost } from './hosts.ts';

/** Why rules would refuse a host in `enforce`; null: they let it through. */
type Judge = (host: string) => EgressReason | null;

/** What `enforce` would refuse of what was seen in the last days. */
export interface Consequence {
  days: number;
  /** Hosts that were used, and of them those that would be refused, with how many apps use these. */
  hosts: number;
  refused: number;
  apps: number;
}

/** A host of which other rules judge otherwise. */
export interface ChangedHost {
  host: string;
  vendor: string | null;
  /** Ids. */
  apps: string[];
  /** Since it was first seen. */
  crossings: number;
  /** Why it would be refused now; null: it would pass. */
  reason: EgressReason | null;
}

/** Hosts that a change lets through or shuts out: how many, and those that are used most. */
export interface Changed {
  count: number;
  hosts: ChangedHost[];
}

export interface Preview {
  /** It opens more than the rules in force do. */
  loosens: boolean;
  before: Consequence;
  after: Consequence;
  opened: Changed;
  shut: Changed;
}

/** Hosts of each kind that are told one by one. */
const MOST_TOLD = 50;

export function consequenceIn(seen: readonly ObservedHost[], judge: Judge, days: number): Consequence {
  const refused = seen.filter(({ host }) => judge(host) !== null);
  return {
    days,
    hosts: new Set(seen.map(({ host }) => host)).size,
    refused: new Set(refused.map(({ host }) => host)).size,
    apps: new Set(refused.map(({ app }) => app)).size,
  };
}

/** Hosts that would pass and did not, and the other way round; those that are used most first. */
export function changedIn(
  seen: readonly ObservedHost[],
  was: Judge,
  will: Judge,
): Pick<Preview, 'opened' | 'shut'> {
  const changed = [...Map.groupBy(seen, ({ host }) => host)]
    .map(([host, some]): ChangedHost & { before: EgressReason | null } => ({
      host,
      vendor: some.find(({ vendor }) => vendor !== null)?.vendor ?? null,
      apps: [...new Set(some.map(({ app }) => app))].sort(),
      crossings: some.reduce((sum, { crossings }) => sum + Number(crossings), 0),
      before: was(host),
      reason: will(host),
    }))
    .sort((a, b) => b.crossings - a.crossings || (a.host < b.host ? -1 : 1));
  const told = (some: typeof changed): Changed => ({
    count: some.length,
    hosts: some.slice(0, MOST_TOLD).map(({ before: _, ...one }) => one),
  });
  return {
    opened: told(changed.filter(({ before, reason }) => before !== null && reason === null)),
    shut: told(changed.filter(({ before, reason }) => before === null && reason !== null)),
  };
}
