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

/** A link with what its ends are called. */
export interface ChainNamedEdge extends ChainEdge {
  fromName: string;
  toName: string;
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
  /** Who says how long one may object: an agreement in force, the list, or nobody; null: not kept. */
  objectionFrom: 'agreement' | 'list' | 'usual' | null;
  state: 'open' | 'accepted' | 'objected' | 'withdrawn';
  decidedAt: string | null;
  decidedBy: string | null;
  reason: string | null;
}

/** A row of a list that a vendor publishes, as it is written there. */
export interface ChainListRow {
  name: string;
  purpose: string;
  location: string;
  data: string;
  conditions: string;
  url: string;
}

/** A version of a list, without its rows. */
/** How a published list is read again by itself. */
export interface ChainWatch {
  vendor: string;
  name: string;
  url: string | null;
  everyDays: number;
  nextAt: string;
  triedAt: string | null;
  readAt: string | null;
  error: { code: string; text: string } | null;
  setAt: string;
  setBy: string;
}

export interface ChainListHead {
  vendor: string;
  name: string;
  version: number;
  takenAt: string;
  takenBy: string;
  asOf: string;
  source: { kind: 'url' | 'file'; text: string };
  format: 'html' | 'markdown' | 'csv' | 'text';
  hash: string;
  rows: number;
  objectionDays: number | null;
}

export interface ChainMatchedRow extends ChainListRow {
  key: string;
  match: {
    by: 'decision' | 'name' | 'domain' | 'nobody';
    vendor: string | null;
    suggestions: string[];
  };
}

export interface ChainList extends ChainListHead {
  items: ChainMatchedRow[];
  unmatched: number;
  /** What the vendors are called that rows are, or may be. */
  names: Record<string, string>;
  diff: {
    added: ChainListRow[];
    gone: ChainListRow[];
    changed: { was: ChainListRow; is: ChainListRow; fields: string[] }[];
  };
}

/** What was done with a list that was taken in, or with a preview would be. */
export interface ChainListTaken {
  list: ChainList;
  isNew: boolean;
  reviews: number;
  /** Why it was, or would be, held until somebody confirms it. */
  held: 'replaced' | 'shrunk' | null;
  objection: { days: number; from: 'agreement' | 'list' | 'usual' };
}
