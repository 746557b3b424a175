import { concentration, type Link } from '../control/chain/concentration.ts';

/** Concentration of a chain of 5,000 vendors and 20,000 edges, made up: `node bench/chain.ts`. Medians of rounds. */
const VENDORS = 5_000;
const EDGES = 20_000;
const ROUNDS = 9;

let state = 7;
/** Numbers that repeat, at least 0 and below `below` (an LCG of Numerical Recipes). */
const draw = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state % below;
};

/** As chains are: 300 vendors of our own, and a few clouds behind nearly everyone. `cycles`: links in any direction. */
function madeUp(cycles: boolean): Link[] {
  const links = new Map<string, Link>();
  const add = (from: string, to: string) =>
    links.set(`${from} ${to}`, { from, to, carriesData: draw(5) > 0 });
  for (let at = 0; at < 300; at += 1) add('us', `v${at}`);
  for (let at = 300; at < VENDORS; at += 1) add(`v${draw(at)}`, `v${at}`);
  while (links.size < EDGES) {
    const from = draw(VENDORS);
    const to = draw(3) === 0 ? VENDORS - 1 - draw(20) : draw(VENDORS);
    if (from !== to && (cycles || from < to)) add(`v${from}`, `v${to}`);
  }
  return [...links.values()];
}

const weights = new Map(Array.from({ length: VENDORS }, (_, at) => [`v${at}`, draw(10_000)]));
const results: Record<string, { 'median ms': number; 'worst ms': number; nodes: number }> = {};
for (const [name, cycles] of [
  ['without cycles', false],
  ['with cycles', true],
] as const) {
  const links = madeUp(cycles);
  const times: number[] = [];
  let nodes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    const found = concentration('us', links, (id) => ({ exposure: weights.get(id) ?? 0, criticality: 2 }));
    times.push(performance.now() - start);
    nodes = found.nodes.length;
  }
  times.sort((a, b) => a - b);
  const shown = (ms: number | undefined) => Number((ms ?? 0).toFixed(0));
  results[name] = { 'median ms': shown(times[ROUNDS >> 1]), 'worst ms': shown(times.at(-1)), nodes };
}
console.table(results);
