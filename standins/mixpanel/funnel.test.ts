import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { funnelCounts } from './funnel.ts';

const walk = (...names: string[]) => ({ events: names.map((event) => ({ event })) });

describe('funnel', () => {
  it('counts people who did the steps in order, others between allowed', () => {
    const people = [walk('a', 'x', 'b', 'c'), walk('b', 'a'), walk('a', 'a', 'c', 'b'), walk('x')];
    expect(funnelCounts(people, ['a', 'b', 'c'])).toEqual([3, 2, 1]);
    expect(funnelCounts(people, [])).toEqual([]);
  });

  it('never rises, and is the same under any renaming that keeps names apart', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const people = fc.array(fc.array(name).map((names) => walk(...names)));
    fc.assert(
      fc.property(people, fc.array(name, { maxLength: 4 }), (walkers, steps) => {
        const counts = funnelCounts(walkers, steps);
        expect(counts).toEqual(counts.toSorted((x, y) => y - x));
        const renamed = (text: string) => `p-${text}`;
        const other = walkers.map(({ events }) => walk(...events.map(({ event }) => renamed(event))));
        expect(funnelCounts(other, steps.map(renamed))).toEqual(counts);
      }),
    );
  });
});
