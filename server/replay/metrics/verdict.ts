import type { PassResult } from './result.ts';

/** What the minimised pass must reach. */
export const thresholds = {
  peopleReachable: 0,
  joinable: 0,
  unicity: 0.01,
  /** Unicity depends on how many people share each cell: it is judged from this many people on. */
  unicityFrom: 3000,
} as const;

export interface Judged {
  asIs: PassResult;
  minimised: PassResult;
  funnel: { asIs: readonly number[]; minimised: readonly number[] };
  people: number;
  crossings: number;
  journalRecords: number;
}

/** What the replay should have shown and did not, each in a sentence; empty when all is well. */
export function problemsOf(result: Judged): string[] {
  const { asIs, minimised, funnel } = result;
  const problems: string[] = [];
  if (asIs.people !== result.people || minimised.people !== result.people) {
    problems.push(
      `${result.people} people were played, but the vendor holds ${asIs.people} as is and ${minimised.people} minimised.`,
    );
  }
  if (asIs.peopleReachable < result.people) {
    problems.push(
      `As is, ${asIs.peopleReachable} of ${result.people} people are reachable: the incident was not played in full.`,
    );
  }
  if (minimised.peopleReachable > thresholds.peopleReachable) {
    problems.push(`Minimised, ${minimised.peopleReachable} people are still reachable; 0 may be.`);
  }
  if (minimised.joinable > thresholds.joinable) {
    problems.push(`Minimised, ${minimised.joinable} people can still be joined between vendors; 0 may be.`);
  }
  if (result.people >= thresholds.unicityFrom && minimised.unicity > thresholds.unicity) {
    problems.push(
      `Minimised, the share of unique people is ${minimised.unicity.toFixed(4)}; at most ${thresholds.unicity} may be.`,
    );
  }
  if (JSON.stringify(funnel.asIs) !== JSON.stringify(funnel.minimised)) {
    problems.push(
      `The vendor's funnel changed: ${funnel.asIs.join(' → ')} as is, ${funnel.minimised.join(' → ')} minimised.`,
    );
  }
  if (result.journalRecords !== result.crossings) {
    problems.push(
      `${result.crossings} requests reached the vendors, and the journal holds ${result.journalRecords} records of them.`,
    );
  }
  return problems;
}
