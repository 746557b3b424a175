import type { ReplayResult } from '../api/replay.ts';

/** Figures made up for the look of the page; the real ones come from a run. */
export const fakeReplay: ReplayResult = {
  asIs: {
    rows: 41_312,
    peopleReachable: 3000,
    unicity: 0.9813,
    quotableFactsPerPerson: 9.4,
    joinable: 2874,
    people: 3000,
    unicityWithPseudonyms: 1,
    trajectoryUnicity: { sequence: 0.412, timed: 1 },
    facts: [
      { fact: 'name', people: 3000 },
      { fact: 'email', people: 3000 },
      { fact: 'city', people: 2964 },
      { fact: 'country', people: 3000 },
      { fact: 'browser', people: 3000 },
    ],
  },
  minimised: {
    rows: 41_312,
    peopleReachable: 0,
    unicity: 0.0013,
    quotableFactsPerPerson: 2,
    joinable: 0,
    people: 3000,
    unicityWithPseudonyms: 1,
    trajectoryUnicity: { sequence: 0.407, timed: 1 },
    facts: [
      { fact: 'name', people: 0 },
      { fact: 'email', people: 0 },
      { fact: 'city', people: 0 },
      { fact: 'country', people: 2801 },
      { fact: 'browser', people: 2940 },
    ],
  },
  funnel: { asIs: [3000, 1874, 1102, 870], minimised: [3000, 1874, 1102, 870] },
  funnelSteps: ['Visit', 'Sign up', 'Key created', 'First call'],
  crossings: 52_204,
  journalRecords: 52_204,
  people: 3000,
  problems: [],
  scenario: {
    title: 'Mixpanel, November 2025',
    summary: 'An analytics vendor was smished, and a data set about a customer’s API users was exported.',
    source: 'https://example.com/incident',
  },
  population: [
    {
      name: 'Country',
      values: [
        { value: 'US', people: 812 },
        { value: 'IN', people: 330 },
        { value: 'GB', people: 196 },
        { value: 'DE', people: 181 },
        ...['NL', 'FR', 'BR', 'CA', 'ES', 'PL'].map((value) => ({ value, people: 20 })),
      ],
    },
    {
      name: 'Browser',
      values: [
        { value: 'Chrome', people: 1900 },
        { value: 'Safari', people: 560 },
        { value: 'Firefox', people: 240 },
      ],
    },
  ],
  example: {
    asIs: [
      { label: 'Name', value: 'A•• E••••••' },
      { label: 'E-mail', value: 'a••@e••••••.com' },
      { label: 'City', value: 'Utrecht' },
      { label: 'Country', value: 'NL' },
      { label: 'Browser', value: 'Firefox' },
      { label: 'Came from', value: 'https://m•••.e••••••.org/?q=a••' },
    ],
    minimised: [
      { label: 'Name', value: null },
      { label: 'E-mail', value: null },
      { label: 'City', value: null },
      { label: 'Country', value: 'NL' },
      { label: 'Browser', value: 'Firefox' },
      { label: 'Came from', value: null },
    ],
  },
  playedAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
  seconds: 214,
};
