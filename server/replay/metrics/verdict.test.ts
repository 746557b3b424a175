import { describe, expect, it } from 'vitest';
import type { PassResult } from './result.ts';
import { type Judged, problemsOf } from './verdict.ts';

const pass = (more: Partial<PassResult>): PassResult => ({
  rows: 9000,
  peopleReachable: 0,
  unicity: 0.002,
  quotableFactsPerPerson: 4,
  joinable: 0,
  people: 3000,
  unicityWithPseudonyms: 1,
  trajectoryUnicity: { sequence: 0.4, timed: 1 },
  attributes: [],
  facts: [],
  factsPerPerson: [],
  ai: { calls: 0, peopleReachable: 0 },
  ...more,
});
const good: Judged = {
  asIs: pass({ peopleReachable: 3000, unicity: 1, joinable: 900 }),
  minimised: pass({}),
  funnel: { asIs: [3000, 2000], minimised: [3000, 2000] },
  people: 3000,
  crossings: 18_000,
  journalRecords: 18_000,
};

describe('the verdict', () => {
  it('has nothing to say where every threshold is met', () => {
    expect(problemsOf(good)).toEqual([]);
    expect(problemsOf({ ...good, minimised: pass({ unicity: 0.01 }) })).toEqual([]);
  });

  it.each<[string, Partial<Judged>, RegExp]>([
    [
      'somebody is still reachable',
      { minimised: pass({ peopleReachable: 1 }) },
      /1 people are still reachable/,
    ],
    ['somebody can still be joined', { minimised: pass({ joinable: 2 }) }, /2 people can still be joined/],
    ['too many are unique', { minimised: pass({ unicity: 0.0104 }) }, /0\.0104/],
    ['the funnel changed', { funnel: { asIs: [3000, 2000], minimised: [3000, 1999] } }, /funnel changed/],
    ['people became two or one', { minimised: pass({ people: 3001 }) }, /3000 minimised|3001 minimised/],
    ['the incident was not played in full', { asIs: pass({ peopleReachable: 2999 }) }, /2999 of 3000/],
    ['a request has no record', { journalRecords: 17_999 }, /17999 records/],
  ])('says so when %s', (_, change, words) => {
    const problems = problemsOf({ ...good, ...change });
    expect(problems).toEqual([expect.stringMatching(words)]);
  });

  it('does not judge unicity where too few people were played', () => {
    const few = { people: 200, asIs: pass({ people: 200, peopleReachable: 200 }) };
    expect(problemsOf({ ...good, ...few, minimised: pass({ people: 200, unicity: 0.2 }) })).toEqual([]);
  });
});
