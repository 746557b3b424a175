import type { Chain, ChainNode } from '../api/chain-types.ts';

export const US = 'us';

export interface Spot {
  id: string;
  name: string;
  x: number;
  y: number;
  /** In the picture's own units, as x and y. */
  radius: number;
  /** Several vendors hand data on to it. */
  shared: boolean;
  /** Named even where there is little room. */
  landmark: boolean;
  node: ChainNode | null;
}

export interface Drawn {
  spots: ReadonlyMap<string, Spot>;
  lines: { from: Spot; to: Spot; layer: Chain['edges'][number]['layer'] }[];
  /** Half of the height of all of it; it is `WIDER` times as wide. */
  reach: number;
}

const FIRST_RING = 190;
const BETWEEN = 200;
const APART = 26;
/** Of a full ring every second and third one stands further out, so that names have room. */
const STEPS = [0, 44, 88] as const;
const FULL_RING = 24;
/** Pages are wider than they are high, and so are the rings. */
export const WIDER = 1.6;
const LANDMARKS = 10;
const TURN = 2 * Math.PI;
const importance = { critical: 3, important: 2, unknown: 1, supporting: 0 } as const;

/**
 * Places for a chain: we in the middle, our vendors around us, the most exposed and critical of them apart from each other;
 * whoever stands behind them further out, near those that they serve. The same chain is always placed alike.
 */
export function layout({ nodes, edges }: Pick<Chain, 'nodes' | 'edges'>): Drawn {
  const into = Map.groupBy(edges, ({ to }) => to);
  const landmarks = landmarksOf(nodes);
  const angles = new Map<string, number>();
  const spots = new Map<string, Spot>([
    [US, { id: US, name: '', x: 0, y: 0, radius: 22, shared: false, landmark: true, node: null }],
  ]);
  let radius = 0;
  for (const ring of ringsOf(nodes)) {
    const [ordered, wanted] = radius === 0 ? around(ring) : nearThoseTheyServe(ring, into, angles);
    radius = Math.max(radius === 0 ? FIRST_RING : radius + BETWEEN, (ordered.length * APART) / TURN);
    const placed = spread(wanted, Math.min(TURN / ordered.length, (2 * APART) / radius));
    for (const [place, node] of ordered.entries()) {
      const angle = placed[place] ?? 0;
      const far = radius + (ordered.length > FULL_RING ? (STEPS[place % STEPS.length] ?? 0) : 0);
      angles.set(node.id, angle);
      const servers = new Set((into.get(node.id) ?? []).map(({ from }) => from));
      spots.set(node.id, {
        id: node.id,
        name: node.name,
        x: WIDER * far * Math.cos(angle),
        y: far * Math.sin(angle),
        radius: 7 + Math.min(11, Math.log10(1 + node.people) * 2.6),
        shared: servers.size > 1,
        landmark: landmarks.has(node.id),
        node,
      });
    }
  }
  const lines = edges.flatMap(({ from, to, layer }) => {
    const [start, end] = [spots.get(from), spots.get(to)];
    return start === undefined || end === undefined ? [] : [{ from: start, to: end, layer }];
  });
  return { spots, lines, reach: Math.max(FIRST_RING, radius) + 130 };
}

/** Those that are named even where there is little room: who got most, and on whom most hang. */
function landmarksOf(nodes: readonly ChainNode[]): Set<string> {
  const most = (of: (node: ChainNode) => number) =>
    nodes
      .filter((node) => of(node) > 0)
      .toSorted((a, b) => of(b) - of(a))
      .slice(0, LANDMARKS);
  const found = [...most(({ people }) => people), ...most(({ dependents }) => dependents)];
  return new Set(found.map(({ id }) => id));
}

/** Dealt round the ring in golden steps: those with the most stand apart, so that their names have room. */
function dealt(ranked: readonly ChainNode[]): ChainNode[] {
  const size = ranked.length;
  let step = Math.max(1, Math.round(size * 0.618));
  while (greatestCommon(step, size) !== 1) step += 1;
  const slots = new Map(ranked.map((node, rank) => [(rank * step) % size, node]));
  return [...slots].sort(([a], [b]) => a - b).map(([, node]) => node);
}

const greatestCommon = (a: number, b: number): number => (b === 0 ? a : greatestCommon(b, a % b));

function around(ring: readonly ChainNode[]): [ChainNode[], number[]] {
  const ordered = dealt(ring.toSorted(byWeight));
  const start = -Math.PI / 2 - Math.PI / ordered.length;
  return [ordered, ordered.map((_, place) => start + (TURN * place) / ordered.length)];
}

/** Angles in the same order, at least `gap` from each other, as near to the wanted ones as that allows. */
function spread(wanted: readonly number[], gap: number): number[] {
  const forward = [...wanted];
  for (let at = 1; at < forward.length; at += 1) {
    forward[at] = Math.max(forward[at] ?? 0, (forward[at - 1] ?? 0) + gap);
  }
  const backward = [...wanted];
  for (let at = backward.length - 2; at >= 0; at -= 1) {
    backward[at] = Math.min(backward[at] ?? 0, (backward[at + 1] ?? 0) - gap);
  }
  const placed = forward.map((angle, at) => (angle + (backward[at] ?? angle)) / 2);
  const [first = 0, last = 0] = [placed[0], placed.at(-1)];
  if (last - first <= TURN - gap) return placed;
  return placed.map((_, at) => first + (TURN * at) / placed.length);
}

/** By how far from us they are; whoever is not reached stands outermost. */
function ringsOf(nodes: readonly ChainNode[]): ChainNode[][] {
  const most = Math.max(0, ...nodes.map(({ depth }) => depth ?? 0));
  const rings = Map.groupBy(nodes, ({ depth }) => depth ?? most + 1);
  return [...rings].sort(([a], [b]) => a - b).map(([, ring]) => ring);
}

const byWeight = (a: ChainNode, b: ChainNode): number =>
  b.people - a.people || importance[b.criticality] - importance[a.criticality] || (a.id < b.id ? -1 : 1);

function nearThoseTheyServe(
  ring: readonly ChainNode[],
  into: ReadonlyMap<string, Chain['edges']>,
  angles: ReadonlyMap<string, number>,
): [ChainNode[], number[]] {
  const of = ({ id }: ChainNode): number => {
    let [x, y] = [0, 0];
    for (const { from } of into.get(id) ?? []) {
      const angle = angles.get(from);
      if (angle === undefined) continue;
      x += Math.cos(angle);
      y += Math.sin(angle);
    }
    return (Math.atan2(y, x) + TURN) % TURN;
  };
  const ordered = ring
    .map((node) => ({ node, angle: of(node) }))
    .sort((a, b) => a.angle - b.angle || (a.node.id < b.node.id ? -1 : 1));
  return [ordered.map(({ node }) => node), ordered.map(({ angle }) => angle)];
}

/** Who goes dark without `lost`: itself and all that need it, directly or through others. */
export function darkWithout(lost: string, edges: Chain['edges']): Set<string> {
  const into = Map.groupBy(edges, ({ to }) => to);
  const dark = new Set([lost]);
  for (const id of dark) for (const { from } of into.get(id) ?? []) if (from !== US) dark.add(from);
  return dark;
}
