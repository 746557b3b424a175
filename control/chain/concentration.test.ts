import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { concentration, type Link } from './concentration.ts';
import { type Edge, edgesAt } from './graph.ts';

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
      deepCount: 0,
      weakest: { byDependency: null, byData: null },
    });
  });

  it('takes a chain of any length and one great circle', () => {
    const ids = Array.from({ length: 6_000 }, (_, at) => `v${at}`);
    const chain = ids.map((id, at) => link(at === 0 ? 'us' : (ids[at - 1] ?? ''), id));
    const circle = [...chain.slice(0, 5_000), link('v4999', 'v0')];
    expect(concentration('us', circle, () => weighs()).nodes[0]).toMatchObject({ dependents: 4_999 });
    const { deep, deepCount } = concentration('us', chain, () => weighs());
    expect(deepCount).toBe(5_998);
    expect(deep.map(({ path }) => path.length)).toEqual([6_001, 6_000, 5_999]);
  });
});

const id = fc.constantFrom('us', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
const numbers = fc.dictionary(id, fc.record({ exposure: fc.nat(50), criticality: fc.nat(8) }));
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

/** How many links away each is, by going out one link after the other. */
function rings(links: readonly Link[]): Map<string, number> {
  const found = new Map([['us', 0]]);
  for (let depth = 1, grew = true; grew; depth += 1) {
    grew = false;
    for (const { from, to } of links) {
      if (found.get(from) !== depth - 1 || found.has(to)) continue;
      found.set(to, depth);
      grew = true;
    }
  }
  return found;
}

/** Cycles, links to oneself, several links of a pair, nodes that nobody reaches: whatever is drawn. */
const some = fc.array(fc.record({ from: id, to: id, carriesData: fc.boolean() }), { maxLength: 24 });

test('it is what asking of each node alone gives, in any graph', () => {
  fc.assert(
    fc.property(some, numbers, (links, weights) => {
      const weightOf = (one: string) => weights[one] ?? weighs(1, 1);
      const found = concentration('us', links, weightOf);
      const strip = found.nodes.map(({ depth: _, ...rest }) => rest);
      const wanted = naive(links, weightOf);
      expect(strip.toSorted(byId)).toEqual(wanted.toSorted(byId));
      const depths = rings(links);
      for (const { id: one, depth } of found.nodes) expect(depth).toBe(depths.get(one));
      const deep = [...depths].filter(([, depth]) => depth > 2).map(([one]) => one);
      expect(found.deep.map((one) => one.id).toSorted()).toEqual(deep.toSorted());
      for (const { path } of found.deep) {
        const steps = path.slice(1).map((to, at) => `${path[at]} ${to}`);
        expect(path).toHaveLength((depths.get(path.at(-1) ?? '') ?? 0) + 1);
        expect(steps.every((step) => links.some(({ from, to }) => `${from} ${to}` === step))).toBe(true);
      }
      const most = (of: 'dependency' | 'data') => Math.max(0, ...wanted.map((one) => one[of]));
      const weakest = (one: string | null) => wanted.find((node) => node.id === one);
      expect(weakest(found.weakest.byDependency)?.dependency ?? 0).toBe(most('dependency'));
      expect(weakest(found.weakest.byData)?.data ?? 0).toBe(most('data'));
    }),
    { numRuns: 600 },
  );
});

test('a link that ended takes nothing with it any more, nor one that is to begin', () => {
  const moments = fc.tuple(fc.nat(9), fc.nat(9), fc.boolean()).filter(([from, until]) => from < until);
  const edges = fc.array(fc.record({ from: id, to: id, moments }), { maxLength: 20 });
  const at = (time: number) => new Date(time);
  fc.assert(
    fc.property(edges, fc.nat(10), (drawn, now) => {
      const all = drawn.map(({ from, to, moments: [began, ended, isOver] }): Edge => {
        const until = isOver ? at(ended) : null;
        return { ...nothing, from, to, firstSeenAt: at(began), lastSeenAt: at(began), validUntil: until };
      });
      const linked = (held: readonly Edge[]) => held.map(({ from, to }) => link(from, to));
      const alone = all.filter(
        ({ firstSeenAt, validUntil }) => +firstSeenAt <= now && !(validUntil !== null && +validUntil <= now),
      );
      expect(concentration('us', linked(edgesAt(all, now)), () => weighs()).nodes).toEqual(
        concentration('us', linked(alone), () => weighs()).nodes,
      );
      const names = naive(linked(alone), () => weighs()).map((one) => one.id);
      expect(
        concentration('us', linked(edgesAt(all, now)), () => weighs())
          .nodes.map((one) => one.id)
          .toSorted(),
      ).toEqual(names.toSorted());
    }),
    { numRuns: 300 },
  );
});

const nothing = {
  id: null,
  layer: 'declared' as const,
  scopes: [],
  source: { kind: 'file' as const, text: 'x' },
  validFrom: null,
  conditions: [],
  conditionsText: null,
  note: null,
};
