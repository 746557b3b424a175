/**
 * For each node the sum of each weight over itself and all nodes from which it is reached, each counted once. Nodes that
 * reach each other have the same sums. Sets of nodes are bits, 32 to a word, over components.
 */
export function ancestorSums(
  out: readonly (readonly number[])[],
  weights: readonly (readonly number[])[],
): number[][] {
  const { component, count } = components(out);
  const sums = weights.map((weight) => {
    const of = new Float64Array(count);
    for (const [at, value] of weight.entries()) {
      const place = component[at] ?? 0;
      of[place] = (of[place] ?? 0) + value;
    }
    return of;
  });
  const words = Math.ceil(count / 32);
  const above = new Uint32Array(count * words);
  const links = componentLinks(out, component, count);
  const totals = weights.map(() => new Float64Array(count));
  // Components are numbered from the ends on, so that the highest number stands first.
  for (let from = count - 1; from >= 0; from -= 1) {
    const own = from * words;
    above[own + (from >>> 5)] = (above[own + (from >>> 5)] ?? 0) | (1 << (from & 31));
    addUp(above, own, words, sums, totals, from);
    for (const to of links[from] ?? []) {
      const theirs = to * words;
      for (let word = 0; word < words; word += 1) {
        above[theirs + word] = (above[theirs + word] ?? 0) | (above[own + word] ?? 0);
      }
    }
  }
  return totals.map((total) => out.map((_, at) => total[component[at] ?? 0] ?? 0));
}

function addUp(
  above: Uint32Array,
  own: number,
  words: number,
  sums: readonly Float64Array[],
  totals: readonly Float64Array[],
  place: number,
): void {
  for (let word = 0; word < words; word += 1) {
    for (let bits = above[own + word] ?? 0; bits !== 0; bits &= bits - 1) {
      const one = word * 32 + (31 - Math.clz32(bits & -bits));
      for (const [index, total] of totals.entries()) {
        total[place] = (total[place] ?? 0) + (sums[index]?.[one] ?? 0);
      }
    }
  }
}

function componentLinks(
  out: readonly (readonly number[])[],
  component: Int32Array,
  count: number,
): Set<number>[] {
  const links = Array.from({ length: count }, () => new Set<number>());
  for (const [at, targets] of out.entries()) {
    const from = component[at] ?? 0;
    for (const target of targets) {
      const to = component[target] ?? 0;
      if (to !== from) links[from]?.add(to);
    }
  }
  return links;
}

/** Which component each node is in, numbered so that links lead to lower numbers (Tarjan 1972, without recursion). */
function components(out: readonly (readonly number[])[]): { component: Int32Array; count: number } {
  const size = out.length;
  const [index, low] = [new Int32Array(size).fill(-1), new Int32Array(size)];
  const component = new Int32Array(size).fill(-1);
  const waiting: number[] = [];
  let [next, count] = [0, 0];
  for (let start = 0; start < size; start += 1) {
    if (index[start] !== -1) continue;
    const stack = [{ at: start, link: 0 }];
    index[start] = low[start] = next++;
    waiting.push(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { at } = top;
      const target = out[at]?.[top.link];
      top.link += 1;
      if (target !== undefined) {
        if (index[target] === -1) {
          index[target] = low[target] = next++;
          waiting.push(target);
          stack.push({ at: target, link: 0 });
        } else if (component[target] === -1) low[at] = Math.min(low[at] ?? 0, index[target] ?? 0);
        continue;
      }
      stack.pop();
      const over = stack.at(-1)?.at;
      if (over !== undefined) low[over] = Math.min(low[over] ?? 0, low[at] ?? 0);
      if (low[at] !== index[at]) continue;
      for (let one = waiting.pop(); one !== undefined; one = one === at ? undefined : waiting.pop()) {
        component[one] = count;
      }
      count += 1;
    }
  }
  return { component, count };
}
