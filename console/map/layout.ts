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
  /** Who is named first where there is little room; 0 is us. */
  rank: number;
  node: ChainNode | null;
}

export interface Line {
  from: Spot;
  to: Spot;
  layer: Chain['edges'][number]['layer'];
  /** The shortest of those that lead to its end: these alone are drawn in full where there are many. */
  spine: boolean;
}

/** In the picture's own units. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Drawn {
  spots: ReadonlyMap<string, Spot>;
  lines: readonly Line[];
  /** All of it. */
  box: Box;
}

const FIRST_RING = 190;
const BETWEEN = 110;
/** Of a ring with few the next one stands so much further out, so that lines have a length. */
const FEW_BETWEEN = 170;
const APART = 36;
const FULL_RING = 24;
/** Pages are wider than they are high, and so are the rings. */
export const WIDER = 1.6;
const TURN = 2 * Math.PI;
const importance = { critical: 3, important: 2, unknown: 1, supporting: 0 } as const;

/**
 * Places for a chain: we in the middle, our vendors around us, the most exposed and critical of them apart from each other;
 * whoever stands behind them further out, near those that they serve. A ring that is full has several rows. The same chain is always
 * placed alike. `wider`: how much wider than high it is to be.
 */
export function layout({ nodes, edges }: Pick<Chain, 'nodes' | 'edges'>, wider = WIDER): Drawn {
  const into = Map.groupBy(edges, ({ to }) => to);
  const ranks = ranksOf(nodes);
  const turnAt = evenTurns(wider);
  const angles = new Map<string, number>();
  const spots = new Map<string, Spot>([
    [US, { id: US, name: '', x: 0, y: 0, radius: 22, shared: false, rank: 0, node: null }],
  ]);
  let radius = 0;
  for (const ring of ringsOf(nodes)) {
    const isFirst = radius === 0;
    const [ordered, wanted] = isFirst ? around(ring) : nearThoseTheyServe(ring, into, angles);
    const isFew = ordered.length <= FULL_RING;
    radius = isFirst ? FIRST_RING : radius + (isFew ? FEW_BETWEEN : BETWEEN);
    const rows = rowsOf(ordered.length, radius, wider);
    const length = (TURN * radius * (1 + wider)) / 2;
    const placed = spread(
      wanted,
      Math.min(TURN / ordered.length, (TURN * APART * (isFew ? 2.4 : 1)) / rows / length),
    );
    for (const [place, node] of ordered.entries()) {
      const angle = placed[place] ?? 0;
      const turn = turnAt(angle);
      const far = radius + rowOf(place, ordered.length, rows) * APART;
      angles.set(node.id, angle);
      const servers = new Set((into.get(node.id) ?? []).map(({ from }) => from));
      spots.set(node.id, {
        id: node.id,
        name: node.name,
        x: wider * far * Math.cos(turn),
        y: far * Math.sin(turn),
        radius: 7 + Math.min(11, Math.log10(1 + node.people) * 2.6),
        shared: servers.size > 1,
        rank: ranks.get(node.id) ?? nodes.length,
        node,
      });
    }
    radius += (rows - 1) * APART;
  }
  return { spots, lines: linesOf(edges, spots), box: boxOf(spots.values()) };
}

/** The box around some, without room for their names. */
export function boxOf(spots: Iterable<Spot>): Box {
  const box = { left: 0, top: 0, right: 0, bottom: 0 };
  let isFirst = true;
  for (const { x, y, radius } of spots) {
    box.left = Math.min(isFirst ? x : box.left, x - radius);
    box.right = Math.max(isFirst ? x : box.right, x + radius);
    box.top = Math.min(isFirst ? y : box.top, y - radius);
    box.bottom = Math.max(isFirst ? y : box.bottom, y + radius);
    isFirst = false;
  }
  return box;
}

/** Neighbours stand in different rows; so do the last of a ring and the first. */
function rowOf(place: number, count: number, rows: number): number {
  if (rows > 1 && place === count - 1 && place % rows === 0) return rows === 2 ? 2 : 1;
  return place % rows;
}

const SAMPLES = 1_440;

/**
 * Turns of a ring that is `wider` than high, so that equal parts of a turn are equal lengths along it: else those on its sides would
 * stand closer than those above and below.
 */
function evenTurns(wider: number): (part: number) => number {
  const lengths = [0];
  for (let at = 0; at < SAMPLES; at += 1) {
    const turn = (TURN * (at + 0.5)) / SAMPLES;
    lengths.push((lengths[at] ?? 0) + Math.hypot(wider * Math.sin(turn), Math.cos(turn)));
  }
  const whole = lengths[SAMPLES] ?? 1;
  return (part) => {
    const wanted = ((((part % TURN) + TURN) % TURN) / TURN) * whole;
    let [low, high] = [0, SAMPLES];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((lengths[middle] ?? 0) <= wanted) low = middle;
      else high = middle;
    }
    const [before = 0, behind = 1] = [lengths[low], lengths[high]];
    return (TURN * (low + (wanted - before) / (behind - before))) / SAMPLES;
  };
}

/** How many rows a ring needs for them to stand apart. */
function rowsOf(count: number, radius: number, wider: number): number {
  let room = 0;
  for (let rows = 1; ; rows += 1) {
    room += (TURN * (radius + (rows - 1) * APART) * (1 + wider)) / 2 / APART;
    if (room >= count) return rows;
  }
}

function linesOf(edges: Chain['edges'], spots: ReadonlyMap<string, Spot>): Line[] {
  const lines = edges.flatMap(({ from, to, layer }) => {
    const [start, end] = [spots.get(from), spots.get(to)];
    return start === undefined || end === undefined ? [] : [{ from: start, to: end, layer, spine: false }];
  });
  const depthOf = ({ node }: Spot): number => (node === null ? 0 : (node.depth ?? Number.POSITIVE_INFINITY));
  const lengthOf = ({ from, to }: Line): number => Math.hypot(from.x - to.x, from.y - to.y);
  for (const toOne of Map.groupBy(lines, ({ to }) => to).values()) {
    const inward = toOne.filter(({ from, to }) => depthOf(from) < depthOf(to));
    const shortest = inward.toSorted((a, b) => lengthOf(a) - lengthOf(b) || byLayer(a, b))[0];
    if (shortest !== undefined) shortest.spine = true;
  }
  return lines;
}

const layerRank = { observed: 0, declared: 1, inferred: 2 } as const;
const byLayer = (a: Line, b: Line): number => layerRank[a.layer] - layerRank[b.layer];

/** Who is named first: who got most, and on whom most hang. */
function ranksOf(nodes: readonly ChainNode[]): Map<string, number> {
  const most = (of: (node: ChainNode) => number): number => Math.max(1, ...nodes.map(of));
  const [people, dependents] = [most((node) => node.people), most((node) => node.dependents)];
  const weight = (node: ChainNode): number =>
    Math.max(node.people / people, node.dependents / dependents) +
    importance[node.criticality] / 10 +
    (node.depth === 1 ? 0.05 : 0);
  const ranked = nodes.toSorted((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1));
  return new Map(ranked.map(({ id }, place) => [id, place + 1]));
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
