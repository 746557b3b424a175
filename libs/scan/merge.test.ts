import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileScanner } from './index.ts';
import { byPlace, Merger, merged } from './merge.ts';
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

const isSure = ({ confidence }: Finding): boolean => confidence !== 'possible';
const longest = (list: readonly Finding[]): number =>
  Math.max(0, ...list.map(({ start, end }) => end - start));

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
      // However long, what is merely possible takes nothing from what is likely.
      const [sure, sureOut] = [finds, out].map((list) => list.filter(isSure));
      expect(covered(sureOut ?? [])).toEqual(covered(sure ?? []));
      expect(longest(sureOut ?? [])).toBe(longest(sure ?? []));
      if (sure?.length === 0) expect(longest(out)).toBe(longest(finds));
    }),
  );
});

it('finds that come piece by piece become the same, as soon as it is decided', () => {
  fc.assert(
    fc.property(
      fc.array(find, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 }),
      (finds, steps) => {
        const merger = new Merger();
        const out: Finding[] = [];
        let frontier = 0;
        const sorted = [...finds].sort(byPlace);
        for (const step of [...steps, 100]) {
          for (const each of sorted)
            if (each.start >= frontier && each.start < frontier + step) merger.take(each);
          frontier += step;
          merger.settle(frontier, out);
          // What may go on holds no part of a find that is not decided.
          expect(out.at(-1)?.end ?? 0).toBeLessThanOrEqual(merger.openFrom(frontier));
          // A find that is open, and one that overlaps it.
          expect(frontier - merger.openFrom(frontier)).toBeLessThan(2 * 15);
        }
        expect(out).toEqual(merged([...finds]));
      },
    ),
  );
});

it('a key beside a keyword stays a likely find, whatever else the keyword makes of what stands around it', () => {
  const scanner = compileScanner({
    rules: [{ id: 'made.key', class: 'secret.token', forms: ['mu-proj-{hex:16}-{hex:8}'] }],
  });
  const value = ['mu', 'proj', '9f3b81c04d7e26a5', 'e1d05b7c'].join('-');
  expect(
    scanner.scan(`key= :${value}`).map(({ detector, confidence }) => [detector, confidence]),
  ).toContainEqual(['made.key', 'likely']);
});
