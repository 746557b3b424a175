/** The node that stands for this organisation. */
export const US = 'us';

/** What kinds of data go over an edge. */
export const scopes = ['content', 'account_metadata', 'telemetry', 'support', 'billing'] as const;
export type Scope = (typeof scopes)[number];

/** Who says so: somebody declared it, it was observed, or it follows from something else. Never mixed. */
export const layers = ['declared', 'observed', 'inferred'] as const;
export type Layer = (typeof layers)[number];

/** What shows an edge. The last three are computed from what this deployment itself holds. */
export const sourceKinds = ['url', 'file', 'evidence', 'list', 'gateway', 'connection', 'accounts'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** Under what an edge holds: a plan, a region or an option that one chose. */
export interface Condition {
  kind: 'plan' | 'region' | 'option';
  is: string;
}

/** `from` hands data on to `to`. A pair has one edge per layer at a time. */
export interface Edge {
  /** Null: it is computed, not stored. */
  id: string | null;
  from: string;
  to: string;
  layer: Layer;
  /** Empty: nobody knows. */
  scopes: readonly Scope[];
  source: { kind: SourceKind; text: string };
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** Since when; null: since it was first seen. */
  validFrom: Date | null;
  /** Until when, which is no longer in it; null: it holds. */
  validUntil: Date | null;
  conditions: readonly Condition[];
  conditionsText: string | null;
  note: string | null;
}

const startOf = (edge: Edge): number => (edge.validFrom ?? edge.firstSeenAt).getTime();
const endOf = (edge: Edge): number => edge.validUntil?.getTime() ?? Number.POSITIVE_INFINITY;

/** The edges that held at a moment, in ms. */
export const edgesAt = (edges: readonly Edge[], at: number): Edge[] =>
  edges.filter((edge) => startOf(edge) <= at && at < endOf(edge));

/** The moments at which edges began or ended, the first first. */
export function changesOver(edges: readonly Edge[]): { at: number; began: number; ended: number }[] {
  const found = new Map<number, { at: number; began: number; ended: number }>();
  const of = (at: number) => {
    const known = found.get(at) ?? { at, began: 0, ended: 0 };
    found.set(at, known);
    return known;
  };
  for (const edge of edges) {
    of(startOf(edge)).began += 1;
    if (edge.validUntil !== null) of(endOf(edge)).ended += 1;
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}

const pairOf = ({ from, to }: Edge): string => `${from}\n${to}`;

/** What each layer shows that the other does not, among edges of one moment. */
export function differences(edges: readonly Edge[]): { observedOnly: Edge[]; declaredOnly: Edge[] } {
  const pairs = (layer: Layer) => new Set(edges.filter((edge) => edge.layer === layer).map(pairOf));
  const [declared, observed] = [pairs('declared'), pairs('observed')];
  return {
    observedOnly: edges.filter((edge) => edge.layer === 'observed' && !declared.has(pairOf(edge))),
    declaredOnly: edges.filter((edge) => edge.layer === 'declared' && !observed.has(pairOf(edge))),
  };
}

/**
 * Stored edges and computed ones as one graph: where both say the same of a pair and layer, the computed one stands, with what
 * the stored one adds in dates and kinds of data, so that nothing is counted twice.
 */
export function merged(stored: readonly Edge[], computed: readonly Edge[]): Edge[] {
  const keyOf = (edge: Edge): string => `${pairOf(edge)}\n${edge.layer}`;
  const open = new Map(
    stored.filter(({ validUntil }) => validUntil === null).map((edge) => [keyOf(edge), edge]),
  );
  const said = new Set(computed.map(keyOf));
  return [
    ...stored.filter((edge) => edge.validUntil !== null || !said.has(keyOf(edge))),
    ...computed.map((edge) => withStored(edge, open.get(keyOf(edge)))),
  ];
}

function withStored(edge: Edge, stored: Edge | undefined): Edge {
  if (stored === undefined) return edge;
  const first = Math.min(edge.firstSeenAt.getTime(), stored.firstSeenAt.getTime());
  const last = Math.max(edge.lastSeenAt.getTime(), stored.lastSeenAt.getTime());
  return {
    ...stored,
    source: edge.source,
    scopes: scopes.filter((scope) => edge.scopes.includes(scope) || stored.scopes.includes(scope)),
    firstSeenAt: new Date(first),
    lastSeenAt: new Date(last),
  };
}

/** Whether data about those that we speak of goes over it. Bills alone carry none; what nobody knows may carry it. */
export const carriesData = ({ scopes: over }: Pick<Edge, 'scopes'>): boolean =>
  over.length === 0 || over.some((scope) => scope !== 'billing');
