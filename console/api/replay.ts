/** What one pass of the replay left in the vendors' stores, seen by a thief of all of them. */
export interface ReplayPass {
  rows: number;
  /** People whose e-mail address or phone number is in the stores. */
  peopleReachable: number;
  /** Share of people who are alone in what is known of them, pseudonyms and event times left aside. */
  unicity: number;
  /** The same with pseudonyms counted. */
  unicityWithPseudonyms?: number;
  /** The same by the sequence of events alone. */
  trajectoryUnicity?: number;
  quotableFactsPerPerson: number;
  /** People who can be linked between the vendors' stores. */
  joinable: number;
}

export interface FunnelStep {
  name: string;
  count: number;
}

/** The latest replay of `packs/scenarios`, both passes. */
export interface ReplayResult {
  scenario?: string;
  finishedAt?: string;
  people?: number;
  asIs: ReplayPass;
  minimised: ReplayPass;
  funnel: { asIs: (FunnelStep | number)[]; minimised: (FunnelStep | number)[] };
  crossings: number;
  journalRecords: number;
  population?: Record<string, { value: string; people: number }[]>;
}
