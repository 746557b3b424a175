import type { FieldClass } from '@drawbridge/protocol/vocabulary';

/** Where vendors keep data, as the API at /api/v1/residency answers. Times are ISO 8601, places as docs/residency.md says. */

export type Verdict = 'contradicts' | 'unknown' | 'not_provable' | 'consistent';
export type PlaceKind = 'storage' | 'processing' | 'support' | 'backup' | 'sub_processors' | 'telemetry';

export type TransferBasis =
  | { kind: 'eea' }
  | { kind: 'adequacy'; country: string }
  | { kind: 'dpf'; certified: boolean | null; active: boolean | null; coversHr: boolean | null }
  | { kind: 'scc'; modules: number[]; assessedOn: string | null }
  | { kind: 'bcr' }
  | { kind: 'derogation'; letter: 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' };

export interface ResidencyStatement {
  id: string;
  version: number;
  vendor: string;
  service: string | null;
  class: FieldClass | null;
  kind: PlaceKind;
  place: string;
  jurisdiction: string | null;
  bases: TransferBasis[];
  conditions: { plan?: string | undefined; region?: string | undefined; option?: string | undefined };
  source: string;
  asOf: string;
  withdrawn: boolean;
  statedAt: string;
  statedBy: string;
  reason: string;
}

export interface SeenPlace {
  source: 'gateway' | 'egress' | 'evidence';
  connection: { id: string; name: string } | null;
  service: string | null;
  host: string | null;
  address: string | null;
  found: { place: string; by: 'vendor_rule' | 'host_name' | 'range' | 'edge' | 'nothing'; says: string };
  crossings: number;
  firstAt: string;
  lastAt: string;
  lastCrossing: string | null;
  evidence: { source: string; file: string } | null;
}

export interface JudgedStatement {
  statement: ResidencyStatement;
  verdict: Verdict;
  says: string;
  seen: SeenPlace[];
}

export type ResidencyContradiction = JudgedStatement & { name: string };

export interface WhereVendorIs {
  vendor: string;
  name: string;
  verdict: Verdict | null;
  statements: JudgedStatement[];
  seen: SeenPlace[];
  classes: string[];
  people: number;
}

export interface World {
  home: string | null;
  vendors: number;
  contradictions: number;
  places: {
    place: string;
    verdicts: Record<string, number>;
    observed: number;
    declared: number;
    crossings: number;
    against: number;
    vendors: { vendor: string; name: string; layers: ('declared' | 'observed')[]; verdict: Verdict | null }[];
  }[];
}

export interface AffectedFlow {
  vendor: string;
  name: string;
  service: string | null;
  classes: string[];
  people: number;
  layer: 'declared' | 'observed';
  kind: PlaceKind | null;
  place: string;
  why: 'declared' | 'place';
  fallback: 'adequacy' | 'scc' | 'bcr' | null;
  says: string;
  statement: string | null;
}

export interface AffectedPage {
  items: AffectedFlow[];
  next: string | null;
  falls: string;
  affected: number;
  vendors: number;
  uncovered: number;
}

export interface TransferLaw {
  asOf: string;
  eu: string[];
  eea: string[];
  adequacy: {
    country: string;
    name: string;
    covers: 'whole' | 'part';
    scope: string | null;
    decision: string;
    validFrom: string;
    validUntil: string | null;
    status: 'in_force' | 'challenged' | 'ended';
    note: string | null;
    source: string;
    asOf: string;
  }[];
}

/** A table of the networks that providers publish. */
export interface ProviderRanges {
  version: number;
  sha256: string;
  sources: { provider: string; asOf: string; sha256: string; url: string }[];
  ranges: number;
  broughtAt: string;
  broughtBy: string;
  reason: string;
}

export interface RegionDemand {
  connection: { id: string; name: string };
  vendor: string;
  place: string;
  host: string;
  found: SeenPlace['found'];
  met: boolean;
  instead: { host: string; place: string } | null;
  says: string;
  demandedAt: string;
  demandedBy: string;
  reason: string;
}
