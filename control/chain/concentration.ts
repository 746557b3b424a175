import { ancestorSums } from './ancestors.ts';
import { dominators } from './dominators.ts';
import { numbered } from './numbered.ts';

export interface Link {
  from: string;
  to: string;
  /** Whether data about those that we speak of goes over it. */
  carriesData: boolean;
}

export interface Weight {
  /** Of a vendor that we hand data to: people, each counted once per vendor. */
  exposure: number;
  /** How much hangs on it: at least 0. */
  criticality: number;
}

/** What one node takes with it. */
export interface Loss {
  id: string;
  /** Links from us, at least. */
  depth: number;
  /** Vendors that need it, directly or through others: what goes dark. */
  dependents: number;
  /** Of those, and itself, that we use ourselves. */
  direct: number;
  /** Sum of the criticality of itself and of all that need it. */
  dependency: number;
  /** Sum of the exposure of itself and of all whose data reaches it. */
  data: number;
  /** Vendors that are reached through it alone: what is behind it and behind nobody else. */
  onlyThrough: number;
}

export interface Concentration {
  /** Most dependency first. All that is reached from us. */
  nodes: Loss[];
  /** Chains deeper than two links: their ends, with one shortest way from us, the deepest first. Not all where they are many, or long. */
  deep: { id: string; path: string[] }[];
  /** How many there are. */
  deepCount: number;
  /** The node on which most hangs, and the one that most data reaches; null where nothing does. */
  weakest: { byDependency: string | null; byData: string | null };
}

const MOST_DEEP = 200;
const MOST_STEPS = 20_000;

/**
 * Which node, lost, takes most with it. A link `a → b` says that `a` needs `b` and hands it data. Cycles are legal: who stand in
 * one need each other. Bounded by (nodes² / 32 + links × nodes / 32) words of work.
 *
 * @param root where we stand: it is no node of the result, and links into it are left out
 */
export function concentration(
  root: string,
  links: readonly Link[],
  weightOf: (id: string) => Weight,
): Concentration {
  const outward = links.filter(({ to }) => to !== root);
  const { ids, out, depth, parent, order } = numbered(root, outward);
  const weights = ids.map((id, at) => (at === 0 ? { exposure: 0, criticality: 0 } : weightOf(id)));
  const isDirect = new Set(out[0]);
  const needed = ancestorSums(out, [
    weights.map(({ criticality }) => criticality),
    ids.map((_, at) => (isDirect.has(at) ? 1 : 0)),
    ids.map((_, at) => (at === 0 ? 0 : 1)),
  ]);
  const reached = ancestorSums(withData(ids, out, outward), [weights.map(({ exposure }) => exposure)]);
  const only = dominators(out, order);
  const nodes = order
    .filter((at) => at !== 0)
    .map(
      (at): Loss => ({
        id: ids[at] ?? '',
        depth: depth[at] ?? 0,
        dependents: (needed[2]?.[at] ?? 1) - 1,
        direct: needed[1]?.[at] ?? 0,
        dependency: needed[0]?.[at] ?? 0,
        data: reached[0]?.[at] ?? 0,
        onlyThrough: (only[at] ?? 1) - 1,
      }),
    )
    .sort((a, b) => b.dependency - a.dependency || b.dependents - a.dependents || (a.id < b.id ? -1 : 1));
  const pathTo = (end: number): string[] => {
    const path: string[] = [];
    for (let at = end; at >= 0; at = parent[at] ?? -1) path.push(ids[at] ?? '');
    return path.reverse();
  };
  const ends = order
    .filter((at) => (depth[at] ?? 0) > 2)
    .map((at) => ({ at, id: ids[at] ?? '', depth: depth[at] ?? 0 }))
    .sort((a, b) => b.depth - a.depth || (a.id < b.id ? -1 : 1));
  const deep: Concentration['deep'] = [];
  let steps = 0;
  for (const end of ends.slice(0, MOST_DEEP)) {
    steps += end.depth;
    // In one long chain the ways together grow with the square of it.
    if (steps > MOST_STEPS && deep.length > 0) break;
    deep.push({ id: end.id, path: pathTo(end.at) });
  }
  const most = (of: (loss: Loss) => number): string | null => {
    let best: Loss | null = null;
    for (const node of nodes) if (of(node) > (best === null ? 0 : of(best))) best = node;
    return best?.id ?? null;
  };
  return {
    nodes,
    deep,
    deepCount: ends.length,
    weakest: { byDependency: most(({ dependency }) => dependency), byData: most(({ data }) => data) },
  };
}

/** The same nodes with the links alone over which data goes. */
function withData(
  ids: readonly string[],
  out: readonly (readonly number[])[],
  links: readonly Link[],
): number[][] {
  const places = new Map(ids.map((id, at) => [id, at]));
  const kept = out.map(() => new Set<number>());
  for (const { from, to, carriesData } of links) {
    const [at, target] = [places.get(from), places.get(to)];
    if (carriesData && at !== undefined && target !== undefined) kept[at]?.add(target);
  }
  return kept.map((targets) => [...targets]);
}
