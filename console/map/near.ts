import type { Chain } from '../api/chain-types.ts';
import { US } from './layout.ts';

/** One node with whoever is linked to it, and the way that leads there from us. */
export interface Near {
  id: string;
  ids: ReadonlySet<string>;
  /** Pairs of ends, as `pairOf` writes them. */
  pairs: ReadonlySet<string>;
}

export const pairOf = (from: string, to: string): string => `${from} ${to}`;

/** Who is linked to `id` directly, and one shortest way from us to it; `[]` of a way where there is none. */
export function nearTo(id: string, edges: Chain['edges']): Near {
  const ids = new Set([id]);
  const pairs = new Set<string>();
  const add = (from: string, to: string): void => {
    ids.add(from).add(to);
    pairs.add(pairOf(from, to));
  };
  for (const { from, to } of edges) if (from === id || to === id) add(from, to);
  const way = wayTo(id, edges);
  for (const [at, to] of way.entries()) {
    const from = way[at - 1];
    if (from !== undefined) add(from, to);
  }
  return { id, ids, pairs };
}

/** One shortest way from us, both ends with it; empty where there is none. */
function wayTo(id: string, edges: Chain['edges']): string[] {
  const outOf = Map.groupBy(edges, ({ from }) => from);
  const before = new Map<string, string | null>([[US, null]]);
  for (const at of before.keys()) {
    if (at === id) break;
    for (const { to } of outOf.get(at) ?? []) if (!before.has(to)) before.set(to, at);
  }
  if (!before.has(id)) return [];
  const way: string[] = [];
  for (let at: string | null = id; at !== null; at = before.get(at) ?? null) way.unshift(at);
  return way;
}
