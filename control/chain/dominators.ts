/**
 * For each node how many are reached from node 0 through it alone, itself among them: the size of its subtree in the tree of
 * dominators (Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm", 2001), which takes cycles as they are.
 *
 * @param order reverse postorder from 0
 */
export function dominators(out: readonly (readonly number[])[], order: readonly number[]): number[] {
  const rank = new Int32Array(out.length).fill(-1);
  for (const [place, at] of order.entries()) rank[at] = place;
  const before: number[][] = out.map(() => []);
  for (const [at, targets] of out.entries()) for (const target of targets) before[target]?.push(at);
  const above = new Int32Array(out.length).fill(-1);
  above[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const at of order) {
      if (at === 0) continue;
      let found = -1;
      for (const one of before[at] ?? []) {
        if ((above[one] ?? -1) < 0) continue;
        found = found < 0 ? one : meeting(found, one, above, rank);
      }
      if (found !== above[at]) {
        above[at] = found;
        changed = true;
      }
    }
  }
  const sizes = out.map(() => 1);
  // From the last on: what is dominated comes after what dominates it.
  for (const at of order.toReversed()) {
    const over = above[at] ?? 0;
    if (at !== 0) sizes[over] = (sizes[over] ?? 0) + (sizes[at] ?? 0);
  }
  return sizes;
}

function meeting(a: number, b: number, above: Int32Array, rank: Int32Array): number {
  let [one, other] = [a, b];
  while (one !== other) {
    while ((rank[one] ?? 0) > (rank[other] ?? 0)) one = above[one] ?? 0;
    while ((rank[other] ?? 0) > (rank[one] ?? 0)) other = above[other] ?? 0;
  }
  return one;
}
