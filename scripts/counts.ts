/** What the test runner's JSON report says in numbers. */
export interface Counts {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

/**
 * The last lines of a run: what was skipped, if anything, then "N passed, N failed" alone on its line. A run that ended
 * badly without a failed test (a file that does not load) counts as one failure.
 */
export function countLines(counts: Counts, ranWell: boolean): { lines: string[]; ok: boolean } {
  const failed = Math.max(counts.numFailedTests, ranWell ? 0 : 1);
  const skipped = counts.numPendingTests > 0 ? [`${counts.numPendingTests} skipped`] : [];
  return {
    lines: [...skipped, `${counts.numPassedTests} passed, ${failed} failed`],
    ok: failed === 0 && counts.numPassedTests > 0,
  };
}
