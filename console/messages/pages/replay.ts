import { count, plural } from '../../design/format.ts';

export const replay = {
  tab: 'Replay',
  title: (reachable: number) =>
    reachable === 0
      ? 'With Drawbridge the thief could have written to nobody'
      : `With Drawbridge the thief could have written to ${plural(reachable, 'person', 'people')}`,
  lead: (asIs: number, crossings: number) =>
    `Without it: to ${plural(asIs, 'person', 'people')}. The same ${count(crossings)} requests, sent twice by the vendors’ own SDKs to stand-ins that keep all they receive; then all of it is stolen.`,
  empty: 'No replay has been run here',
  emptyLead:
    'The replay plays the Mixpanel incident of November 2025 with 3,000 made-up people, once with everything passed and once with the recommended contracts, in a throw-away deployment that never touches your ledger.',
  command: 'In the folder where Drawbridge runs; it takes under five minutes:',
  measures: 'What the thief got',
  measure: 'Measure',
  asIs: 'Without',
  minimised: 'With Drawbridge',
  rows: 'Rows stolen',
  reachable: 'People with an e-mail address or phone number',
  unicity: 'People who are alone in what is known of them',
  unicityMeans:
    'Share of people whose combination of attributes nobody else has; pseudonyms and event times left aside.',
  unicityPseudonyms: 'The same, pseudonyms counted',
  unicityPseudonymsMeans: 'A pseudonym is unique by nature. It joins with nothing outside this vendor.',
  trajectory: 'Alone in the sequence of their events',
  trajectoryMeans: 'What is left: timing, volume and order of events are seen by whoever receives them.',
  timed: 'The same, with the minute of each event',
  timedMeans: 'Arrival shows the time whatever the body says.',
  quotable: 'Facts per person that a stranger could quote',
  joinable: 'People linked between the two vendors',
  funnel: 'The funnel still counts',
  funnelLead: 'The vendor’s own question, answered from what it got: how many people took each step.',
  funnelSame: 'Both passes give the same funnel.',
  funnelDiffers: 'The funnels differ.',
  step: 'Step',
  left: 'What is left',
  leftLines: [
    'Timing: each request arrives when it happens, and its arrival is seen.',
    'Volume: how often a pseudonym is active.',
    'Sequence: the order of a pseudonym’s events, which can single people out for someone who knows it already.',
    'Data that reached a vendor on other paths than this gateway.',
  ],
  population: 'The made-up population',
  populationLead: 'The figures above hold for these distributions and say nothing about others.',
  populationRest: (values: number) => plural(values, 'other value', 'other values'),
  crossings: 'Crossings',
  recordsText: (crossings: number, records: number) =>
    crossings === records
      ? `All ${count(records)} crossings have their record.`
      : `${count(records)} records for ${count(crossings)} crossings.`,
  ran: (seconds: number) => `It took ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s; it ran`,
  example: 'One person, as the thief reads them',
  exampleLead: 'Made up, and still masked here.',
  nothing: 'nothing',
} as const;
