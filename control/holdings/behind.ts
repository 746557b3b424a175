import type { Edge } from '../chain/index.ts';
import type { BehindView } from './schemas.ts';
import { notSeenIn, type SeenDetail, type SeenParty, type VisitDays } from './seen.ts';

interface BehindFrom {
  vendor: string;
  /** Of this vendor. */
  parties: readonly SeenParty[];
  /** Edges that declare parties for data of accounts. */
  declaring: readonly Edge[];
  days: VisitDays | undefined;
  details: readonly SeenDetail[];
  names: ReadonlyMap<string, string>;
}

/** Who stands behind a console: who was seen, marked where it is declared too; then who is only declared. */
export function behindOf({ parties, declaring, days, details, names }: BehindFrom): BehindView[] {
  const edgeTo = new Map(declaring.map((edge) => [edge.to, edge]));
  const seen = parties.map((one): BehindView => {
    const edge = edgeTo.get(one.party);
    const hosts = new Set(one.hosts);
    const values = (kind: SeenDetail['kind']): string[] => [
      ...new Set(
        details.filter((detail) => detail.kind === kind && hosts.has(detail.host)).map(({ value }) => value),
      ),
    ];
    return {
      party: one.party,
      name: names.get(one.party) ?? one.party,
      known: one.known,
      firstParty: one.firstParty,
      layer: 'observed',
      hosts: one.hosts,
      calls: one.calls,
      fields: values('field').sort(),
      addresses: values('address').sort(),
      firstSeen: one.first,
      lastSeen: one.last,
      notSeenIn: notSeenIn(one.last, days),
      declared: edge !== undefined,
      scopes: edge === undefined ? null : [...edge.scopes],
      source: one.first === one.last ? `The visit of ${one.last}` : `Visits from ${one.first} to ${one.last}`,
    };
  });
  const known = new Set(seen.map(({ party }) => party));
  const only = declaring
    .filter(({ to }) => !known.has(to))
    .map(
      (edge): BehindView => ({
        party: edge.to,
        name: names.get(edge.to) ?? edge.to,
        known: true,
        firstParty: false,
        layer: 'declared',
        hosts: [],
        calls: null,
        fields: [],
        addresses: [],
        firstSeen: null,
        lastSeen: null,
        notSeenIn: null,
        declared: true,
        scopes: [...edge.scopes],
        source: edge.source.text,
      }),
    );
  return [...seen, ...only].sort(
    (a, b) =>
      Number(b.layer === 'observed') - Number(a.layer === 'observed') ||
      (b.calls ?? 0) - (a.calls ?? 0) ||
      (a.party < b.party ? -1 : 1),
  );
}
