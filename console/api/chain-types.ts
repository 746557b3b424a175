/** What the API answers of who stands behind whom. Held against its schemas. */

export type ChainLayer = 'declared' | 'observed' | 'inferred';
export type ChainScope = 'content' | 'account_metadata' | 'telemetry' | 'support' | 'billing';

export interface ChainEdge {
  id: string | null;
  from: string;
  to: string;
  layer: ChainLayer;
  scopes: ChainScope[];
  source: {
    kind: 'url' | 'file' | 'evidence' | 'list' | 'gateway' | 'connection' | 'accounts';
    text: string;
  };
  firstSeenAt: string;
  lastSeenAt: string;
  validFrom: string | null;
  validUntil: string | null;
  conditions: { kind: 'plan' | 'region' | 'option'; is: string }[];
  conditionsText: string | null;
  note: string | null;
}

export interface ChainNode {
  id: string;
  name: string;
  known: boolean;
  depth: number | null;
  people: number;
  criticality: 'critical' | 'important' | 'supporting' | 'unknown';
  dependents: number;
  onlyThrough: number;
}

export interface Chain {
  at: string;
  nodes: ChainNode[];
  edges: ChainEdge[];
}

export interface ChainChanges {
  items: { at: string; began: number; ended: number }[];
}

export interface ChainReview {
  id: string;
  vendor: string;
  vendorName: string;
  key: string;
  name: string;
  openedAt: string;
  objectionDays: number | null;
  dueAt: string | null;
  state: 'open' | 'accepted' | 'objected' | 'withdrawn';
  decidedAt: string | null;
  decidedBy: string | null;
  reason: string | null;
}

/** What was done with a list that was taken in. */
export interface ChainListTaken {
  list: { vendor: string; version: number; rows: number; unmatched: number };
  isNew: boolean;
  reviews: number;
  /** Why it was, or would be, held until somebody confirms it. */
  held: 'replaced' | 'shrunk' | null;
}
