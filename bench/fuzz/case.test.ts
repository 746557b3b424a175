import { expect, it } from 'vitest';
import { type Area, caseOf, numbersOf } from './case.ts';

const area: Area = { name: 'letters', pieces: (random) => random.one([...'abcdefgh']), check: () => null };

function first(seed: number, count: number): number[] {
  const numbers = numbersOf(seed);
  return Array.from({ length: count }, () => numbers.next().value);
}

it('draws other cases for another seed, and the same again for the same', () => {
  const [one, two, far] = [first(1, 5_000), first(2, 5_000), first(1_002, 5_000)];
  const all = new Set([...one, ...two, ...far]);
  // Of 2^32 numbers two are drawn twice by chance once in a while.
  expect(all.size).toBeGreaterThan(14_990);
  expect(first(1, 5_000)).toEqual(one);
  const texts = (numbers: readonly number[]) =>
    numbers.map((number) => caseOf(area, number)).filter(({ parts }) => parts.length > 20);
  const seen = new Set(texts(one).map((each) => JSON.stringify(each)));
  expect(seen.size).toBeGreaterThan(1_000);
  for (const each of texts(two)) expect(seen.has(JSON.stringify(each))).toBe(false);
});
