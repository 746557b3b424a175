/** Where an entry stands in a Merkle tree (RFC 6962, section 2.1): the way from its leaf to the root. */

/** The entries [from, to). */
export interface Span {
  from: number;
  to: number;
}

/** One step up: the node on the way, and the hash of the proof that it is joined with. */
export interface Step {
  node: Span;
  sibling: Span;
  /** Where the node stands. Hashing puts what is on the left first. */
  side: 'left' | 'right';
}

/** The steps from the leaf of entry `index` in a tree of `size`, which has it; none in a tree of one entry. */
export function stepsOf(index: number, size: number): Step[] {
  const steps: Step[] = [];
  let node: Span = { from: 0, to: size };
  while (node.to - node.from > 1) {
    const { from, to } = node;
    let half = 1;
    while (half * 2 < to - from) half *= 2;
    const left = { from, to: from + half };
    const right = { from: from + half, to };
    const isLeft = index < right.from;
    node = isLeft ? left : right;
    steps.push({ node, sibling: isLeft ? right : left, side: isLeft ? 'left' : 'right' });
  }
  return steps.reverse();
}
