/** What a breach at a vendor touches, as the API at /api/v1/blast-radius answers. Times are ISO 8601; null is unknown. */

export type BlastLayer = 'observed' | 'declared' | 'inferred' | 'unknown';

interface Named {
  id: string;
  name: string;
}

export interface BlastRow {
  vendor: Named;
  class: string;
  label: string;
  treatment: string;
  layer: BlastLayer;
  people: number | null;
  peopleInWindow: number | null;
  peopleAsDeclared: number | null;
  organisations: number | null;
  crossings: number | null;
  apps: Named[];
  firstSeenAt: string | null;
  lastSeenAt: string | null;
  retention: { days: number | null; source: string; asOf: string } | null;
  deletion: { on: string; isProven: boolean; source: string } | null;
  source: string;
  /** Where the party is said to keep it, or was seen; empty: unknown. */
  places: {
    kind: string;
    place: string;
    jurisdiction: string | null;
    layer: 'declared' | 'observed';
    source: string;
  }[];
}

export interface BlastGroup {
  people: number;
  classes: { class: string; label: string; treatment: string }[];
  quotes: { class: string; label: string; coarse: boolean; weight: number }[];
  phishability: { total: number; reach: number; name: number; facts: number };
}

export interface BlastRadius {
  party: { id: string; name: string; status: string; connected: boolean };
  from: string;
  to: string;
  asOf: string | null;
  whose: { ourData: boolean; ourAccounts: boolean; text: string };
  ways: { through: Named[]; layer: BlastLayer; scopes: string[] | null; sources: string[] }[];
  data: BlastRow[];
  people: {
    people: number;
    peopleInWindow: number;
    peopleAsDeclared: number;
    organisations: number;
    groups: BlastGroup[];
    moreGroups: number;
    places: { country: string | null; language: string | null; people: number }[] | null;
  };
  accounts: {
    vendor: Named;
    people: number | null;
    accounts: number;
    layer: BlastLayer;
    fields: { name: string; layer: BlastLayer; source: string }[];
  }[];
  credentials: {
    kind: 'connection' | 'grant' | 'held_key';
    id: string;
    name: string;
    layer: BlastLayer;
    scopes: string[];
    since: string | null;
    lastUsedAt: string | null;
    ours: boolean;
    doText: string;
  }[];
  dependents: {
    app: Named;
    vendor: Named;
    connections: Named[];
    crossings: number;
    lastSeenAt: string;
  }[];
  workflows: {
    kind: 'workload' | 'pipeline' | 'deployment' | 'workflow' | 'agent' | 'around';
    id: string;
    name: string;
    detail: string | null;
    app: Named | null;
    vendor: Named;
    layer: BlastLayer;
    lastSeenAt: string | null;
    source: string;
    run: string | null;
  }[];
  substitutes: { id: string; name: string; days: number | null }[];
  chain: { sharedBy: Named[]; behind: (Named & { layer: BlastLayer })[] };
  notAffected: { class: string; label: string; text: string; proven: boolean }[];
  unknown: { code: string; text: string }[];
}

export interface WeakestLink {
  id: string;
  name: string;
  people: number | null;
  reachable: number | null;
  accounts: number | null;
  phishability: number | null;
  credentials: number;
  apps: number;
  status: string;
  unknown: string[];
}
