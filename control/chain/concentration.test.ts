import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { concentration, type Link } from './concentration.ts';

const link = (from: string, to: string, carriesData = true): Link => ({ from, to, carriesData });
const weighs = (exposure = 1, criticality = 1) => ({ exposure, criticality });

/** What is reached from `start` over `next`, itself among it, without `without`. */
function reach(start: string, links: readonly Link[], backwards: boolean, without?: string): Set<string> {
  const found = new Set([start]);
  for (const at of found) {
    for (const { from, to } of links) {
      const [one, other] = backwards ? [to, from] : [from, to];
      if (one === at && other !== without) found.add(other);
    }
  }
  return found;
}

/** The same by asking of each node alone. */
function naive(links: readonly Link[], weightOf: (id: string) => { exposure: number; criticality: number }) {
  const outward = links.filter(({ from, to }) => to !== 'us' && from !== to);
  const all = reach('us', outward, false);
  const mine = outward.filter(({ from }) => all.has(from));
  return [...all]
    .filter((id) => id !== 'us')
    .map((id) => {
      const needing = [...reach(id, mine, true)].filter((one) => one !== 'us');
      const sending = [
        ...reach(
          id,
          mine.filter(({ carriesData }) => carriesData),
          true,
        ),
      ].filter((one) => one !== 'us');
      const without = reach('us', mine, false, id);
      return {
        id,
        dependents: needing.length - 1,
        direct: needing.filter((one) => mine.some(({ from, to }) => from === 'us' && to === one)).length,
        dependency: needing.reduce((sum, one) => sum + weightOf(one).criticality, 0),
        data: sending.reduce((sum, one) => sum + weightOf(one).exposure, 0),
        onlyThrough: [...all].filter((one) => !without.has(one)).length - 1,
      };
    });
}

describe('which node takes most with it', () => {
  it('is the shared one behind the vendors that matter', () => {
    const links = [link('us', 'a'), link('us', 'b'), link('us', 'c'), link('a', 'cloud'), link('b', 'cloud')];
    const found = concentration('us', links, (id) => (id === 'cloud' ? weighs(0, 0) : weighs(10, 4)));
    expect(found.nodes[0]).toEqual({
      id: 'cloud',
      depth: 2,
      dependents: 2,
      direct: 2,
      dependency: 8,
      data: 20,
      onlyThrough: 0,
    });
    expect(found.weakest).toEqual({ byDependency: 'cloud', byData: 'cloud' });
  });

  it('tells what hangs on it from what its data reaches', () => {
    const links = [link('us', 'a'), link('a', 'bills', false), link('a', 'store')];
    const found = concentration('us', links, (id) => (id === 'a' ? weighs(7, 1) : weighs(0, 0)));
    expect(found.nodes.find(({ id }) => id === 'bills')).toMatchObject({ dependency: 1, data: 0 });
    expect(found.nodes.find(({ id }) => id === 'store')).toMatchObject({ dependency: 1, data: 7 });
  });

  it('shows the way to what is more than two links away', () => {
    const links = [link('us', 'a'), link('a', 'b'), link('b', 'c'), link('c', 'd'), link('x', 'y')];
    expect(concentration('us', links, () => weighs()).deep).toEqual([
      { id: 'd', path: ['us', 'a', 'b', 'c', 'd'] },
      { id: 'c', path: ['us', 'a', 'b', 'c'] },
    ]);
  });

  it('says nothing of an empty chain', () => {
    expect(concentration('us', [], () => weighs())).toEqual({
      nodes: [],
      deep: [],
      weakest: { byDependency: null, byData: null },
    });
  });

  it('takes a chain of any length and one great circle', () => {
    const ids = Array.from({ length: 6_000 }, (_, at) => `v${at}`);
    const chain = ids.map((id, at) => link(at === 0 ? 'us' : (ids[at - 1] ?? ''), id));
    const circle = [...chain.slice(0, 5_000), link('v4999', 'v0')];
    expect(concentration('us', circle, () => weighs()).nodes[0]).toMatchObject({ dependents: 4_999 });
  });
});

test('it is what asking of each node alone gives, in any graph', () => {
  const id = fc.constantFrom('us', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
  const some = fc.array(fc.record({ from: id, to: id, carriesData: fc.boolean() }), { maxLength: 24 });
  const numbers = fc.dictionary(id, fc.record({ exposure: fc.nat(50), criticality: fc.nat(8) }));
  fc.assert(
    fc.property(some, numbers, (drawn, weights) => {
      // A pair has one link of a kind here, as what is asked for has.
      const links = [...new Map(drawn.map((one) => [`${one.from} ${one.to}`, one])).values()];
      const weightOf = (one: string) => weights[one] ?? weighs(1, 1);
      const found = concentration('us', links, weightOf);
      const strip = found.nodes.map(({ depth: _, ...rest }) => rest);
      const order = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
      expect(strip.toSorted(order)).toEqual(naive(links, weightOf).toSorted(order));
    }),
    { numRuns: 400 },
  );
});
