/** What the test runner's JSON report says in numbers. */
export interface Counts {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

/**
 * The last lines of a run: what passed only when it was run again, and what was skipped, if anything, then "N passed, N
 * failed" alone on its line. A run that ended badly without a failed test (a file that does not load) counts as one failure.
 */
export function countLines(
  counts: Counts,
  ranWell: boolean,
  onlyAgain: readonly string[] = [],
): { lines: string[]; ok: boolean } {
  const failed = Math.max(counts.numFailedTests, ranWell ? 0 : 1);
  const skipped = counts.numPendingTests > 0 ? [`${counts.numPendingTests} skipped`] : [];
  const named = onlyAgain.map((one) => `passed only when run again: ${one}`);
  const loud = named.length > 0 ? [...named, `${named.length} passed only when run again: to be mended`] : [];
  return {
    lines: [...loud, ...skipped, `${counts.numPassedTests} passed, ${failed} failed`],
    ok: failed === 0 && counts.numPassedTests > 0,
  };
}
