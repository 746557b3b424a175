/** What the API answers of coverage. Held against its schemas. */

export interface CoverageShare {
  value: number;
  low: number;
  high: number;
}

export type CoverageUnit = 'requests' | 'tokens';
export type CoverageCounted = CoverageUnit | 'connections' | 'lookups' | 'crossings' | 'millionths';

export interface CoverageDay {
  day: string;
  state: 'whole' | 'part' | 'unknown';
  crossings: number;
  reported: number | null;
  seen: number | null;
  past: number | null;
  unsure: number | null;
  more: number | null;
}

export interface CoverageSource {
  kind: 'usage_report' | 'traffic' | 'egress_proxy';
  name: string;
  detail: string;
  measured: boolean;
  days: number;
  first: string | null;
  last: string | null;
  counts: CoverageCounted | null;
  amount: number | null;
  seesGateway: boolean | null;
}

export type CoverageFindingKind =
  | 'unknown_key'
  | 'held_key'
  | 'connection_key'
  | 'past_gateway'
  | 'not_reported'
  | 'more_than_reported'
  | 'charged'
  | 'host_past_gateway'
  | 'other_host'
  | 'tunnel';

export type CoverageEvidence =
  | { kind: 'import'; import: string; line: number }
  | { kind: 'file'; source: string; file: string; lines: number[] }
  | { kind: 'crossings' };

export interface CoverageFinding {
  id: string;
  kind: CoverageFindingKind;
  strength: 'strong' | 'plain' | 'weak';
  subject: string;
  name: string | null;
  where: string;
  unit: CoverageCounted;
  amount: number;
  days: { day: string; amount: number; evidence: CoverageEvidence }[];
  state: 'open' | 'settled';
  reopened: boolean;
  settled: { reason: string; by: string; at: string } | null;
}

export interface Coverage {
  vendor: string;
  from: string;
  to: string;
  share: CoverageShare | 'unknown';
  unit: CoverageUnit | null;
  reported: number | null;
  more: number | null;
  batch: number;
  of: string[];
  missing: string[];
  wholeDays: number;
  standing: { coverage: 'proven' | 'seen'; text: string };
  tolerance: number;
  days: CoverageDay[];
  sources: CoverageSource[];
  keys: {
    key: string;
    connection: string | null;
    name: string | null;
    held: string | null;
    amount: number;
  }[];
  findings: CoverageFinding[];
}

/** One vendor over the last 30 days. */
export interface CoverageSummary {
  vendor: string;
  share: CoverageShare | 'unknown';
  unit: CoverageUnit | null;
  wholeDays: number;
  open: number;
  strong: number;
}

export interface UsageImport {
  id: string;
  vendor: string;
  account: string;
  shape: string;
  of: string;
  name: string;
  sha256: string;
  bytes: number;
  buckets: number;
  rows: number;
  firstDay: string;
  lastDay: string;
  more: boolean;
  asOf: string;
  at: string;
  by: string;
}

interface FetchError {
  code: string;
  text: string;
}

/** Reports of one account that are fetched from the vendor. */
export interface UsageFetch {
  id: string;
  vendor: string;
  account: string;
  upstream: { scheme: 'https' | 'http'; host: string; port: number; private: boolean };
  everyHours: number | null;
  state: 'waiting' | 'fetching';
  nextAt: string | null;
  triedAt: string | null;
  fetchedAt: string | null;
  failed: number;
  error: FetchError | null;
  enteredAt: string;
  enteredBy: string;
  reports: {
    of: string;
    triedAt: string;
    fetchedAt: string | null;
    lastDay: string | null;
    import: string | null;
    error: FetchError | null;
  }[];
}

export interface UsageFetching {
  /** Null: it is not known how reports of this vendor are fetched. */
  api: { host: string; credential: string; of: string[] } | null;
  items: UsageFetch[];
}
