/** What one pass of the replay left in the vendors' stores, seen by a thief of all of them. Shares are from 0 to 1. */
export interface ReplayPass {
  rows: number;
  /** People whose e-mail address or phone number is in the stores. */
  peopleReachable: number;
  /** Share of people who are alone in what is known of them, pseudonyms and event times left aside. */
  unicity: number;
  quotableFactsPerPerson: number;
  /** People who can be linked between the vendors' stores. */
  joinable: number;
  people: number;
  unicityWithPseudonyms: number;
  /** Alone by the order of events; `timed` with the minute of each. */
  trajectoryUnicity: { sequence: number; timed: number };
  facts: { fact: string; people: number }[];
}

/** One line of what a thief reads about a person; null: nothing is held. */
interface HeldLine {
  label: string;
  value: string | null;
}

/** The latest replay, both passes: the parts of its result that the console shows. */
export interface ReplayResult {
  asIs: ReplayPass;
  minimised: ReplayPass;
  /** People who came as far as each of `funnelSteps`, as the vendor counts them. */
  funnel: { asIs: number[]; minimised: number[] };
  funnelSteps: string[];
  crossings: number;
  journalRecords: number;
  people: number;
  /** Sentences about what should have been shown and was not. */
  problems: string[];
  scenario: { title: string; summary: string; source: string };
  population: { name: string; values: { value: string; people: number }[] }[];
  example: { asIs: HeldLine[]; minimised: HeldLine[] };
  playedAt: string;
  seconds: number;
}
