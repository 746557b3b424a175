/** Nodes as numbers, as far as they are reached from the root, which is 0. */
export interface Numbered {
  ids: string[];
  /** Where each leads, each target once. */
  out: number[][];
  /** Links from the root, at least. */
  depth: number[];
  /** The node before it on a shortest way; -1 of the root. */
  parent: number[];
  /** All of them, each before what it leads to but for links back: reverse postorder. */
  order: number[];
}

/** Numbers what is reached from `root`, by breadth. No recursion: chains may be long. */
export function numbered(root: string, links: readonly { from: string; to: string }[]): Numbered {
  const targetsOf = new Map<string, Set<string>>();
  for (const { from, to } of links) {
    const known = targetsOf.get(from);
    if (known === undefined) targetsOf.set(from, new Set([to]));
    else known.add(to);
  }
  const ids = [root];
  const places = new Map([[root, 0]]);
  const [depth, parent, out]: [number[], number[], number[][]] = [[0], [-1], []];
  for (let at = 0; at < ids.length; at += 1) {
    const targets: number[] = [];
    for (const target of targetsOf.get(ids[at] ?? '') ?? []) {
      let place = places.get(target);
      if (place === undefined) {
        place = ids.push(target) - 1;
        places.set(target, place);
        depth.push((depth[at] ?? 0) + 1);
        parent.push(at);
      }
      targets.push(place);
    }
    out.push(targets);
  }
  return { ids, out, depth, parent, order: reversePostorder(out) };
}

function reversePostorder(out: readonly (readonly number[])[]): number[] {
  const seen = new Uint8Array(out.length);
  const done: number[] = [];
  const stack: { at: number; next: number }[] = [{ at: 0, next: 0 }];
  seen[0] = 1;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const target = out[top.at]?.[top.next];
    top.next += 1;
    if (target === undefined) {
      done.push(top.at);
      stack.pop();
    } else if (seen[target] === 0) {
      seen[target] = 1;
      stack.push({ at: target, next: 0 });
    }
  }
  return done.reverse();
}
