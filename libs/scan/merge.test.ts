import fc from 'fast-check';
import { expect, it } from 'vitest';
import { merged } from './merge.ts';
import type { Finding } from './types.ts';

const find = fc
  .record({
    start: fc.integer({ min: 0, max: 40 }),
    length: fc.integer({ min: 1, max: 15 }),
    confidence: fc.constantFrom<Finding['confidence']>('certain', 'likely', 'possible'),
    detector: fc.constantFrom('a', 'b'),
  })
  .map(({ start, length, ...rest }) => ({
    ...rest,
    class: 'custom.match',
    start,
    end: start + length,
    why: 'made up',
  }));

it('finds that overlap become finds that do not, and cover the same characters', () => {
  fc.assert(
    fc.property(fc.array(find, { maxLength: 12 }), (finds) => {
      const covered = (list: readonly Finding[]): Set<number> =>
        new Set(list.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at)));
      const before = covered(finds);
      const out = merged([...finds]);
      expect(covered(out)).toEqual(before);
      for (const [at, { start, end }] of out.entries()) {
        expect(end).toBeGreaterThan(start);
        expect(start).toBeGreaterThanOrEqual(out[at - 1]?.end ?? 0);
      }
      const longest = Math.max(0, ...finds.map(({ start, end }) => end - start));
      expect(Math.max(0, ...out.map(({ start, end }) => end - start))).toBe(longest);
    }),
  );
});
