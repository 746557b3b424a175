import type { ReplayResult } from '../api/replay.ts';

/** Figures made up for the look of the page; the real ones come from a run. */
export const fakeReplay: ReplayResult = {
  scenario: 'mixpanel-2025',
  finishedAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
  people: 3000,
  asIs: {
    rows: 41_312,
    peopleReachable: 3000,
    unicity: 0.9813,
    unicityWithPseudonyms: 1,
    trajectoryUnicity: 0.412,
    quotableFactsPerPerson: 9.4,
    joinable: 2874,
  },
  minimised: {
    rows: 41_312,
    peopleReachable: 0,
    unicity: 0.0013,
    unicityWithPseudonyms: 1,
    trajectoryUnicity: 0.407,
    quotableFactsPerPerson: 2,
    joinable: 0,
  },
  funnel: {
    asIs: [
      { name: 'Visit', count: 3000 },
      { name: 'Sign up', count: 1874 },
      { name: 'Key created', count: 1102 },
      { name: 'First call', count: 870 },
    ],
    minimised: [
      { name: 'Visit', count: 3000 },
      { name: 'Sign up', count: 1874 },
      { name: 'Key created', count: 1102 },
      { name: 'First call', count: 870 },
    ],
  },
  crossings: 52_204,
  journalRecords: 52_204,
  population: {
    Country: [
      { value: 'US', people: 812 },
      { value: 'IN', people: 330 },
      { value: 'GB', people: 196 },
      { value: 'DE', people: 181 },
    ],
    Browser: [
      { value: 'Chrome', people: 1900 },
      { value: 'Safari', people: 560 },
      { value: 'Firefox', people: 240 },
    ],
  },
};
