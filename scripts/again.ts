import { relative } from 'node:path';
import type { Counts } from './counts.ts';

/** What the test runner's JSON report says of a file. */
export interface FileResult {
  /** Its whole path. */
  name: string;
  status: string;
  assertionResults: readonly { fullName: string; status: string }[];
}

export interface Report {
  testResults: readonly FileResult[];
}

/** More than that many are no accident of a busy machine: something is broken. */
const MOST = 10;

/**
 * The files that did not pass and are to be run once more, by themselves; none where there is nothing to learn from it: all
 * passed, only one file was asked for (it ran by itself), or too many failed. `strays`: the files in which an error was
 * thrown that no test caught.
 */
export function filesToRepeat({ testResults }: Report, strays: readonly string[]): string[] {
  if (testResults.length < 2) return [];
  const failed = testResults.map(({ name, status }) => ({ name, isFailed: status === 'failed' }));
  const names = failed
    .filter(({ name, isFailed }) => isFailed || strays.includes(name))
    .map(({ name }) => name);
  return names.length > MOST ? [] : names;
}

export interface Together {
  counts: Counts;
  /** What passed only when it was run again, for people: file and test. Each is to be mended. */
  onlyAgain: string[];
}

/**
 * Both runs in one. What a file says when nothing else runs counts, whatever it said before: who passes there is counted as
 * passed, and named. A file that did not fail the first time is not in `again`; one that is missing there failed.
 */
export function withRepeat(
  first: Report,
  repeated: readonly string[],
  again: Report,
  strays: readonly string[],
  root: string,
): Together {
  const counts: Counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
  const onlyAgain: string[] = [];
  for (const before of first.testResults) {
    const isRepeated = repeated.includes(before.name);
    const now = isRepeated ? again.testResults.find(({ name }) => name === before.name) : before;
    const place = relative(root, before.name);
    const results = now?.assertionResults ?? [];
    const failed = results.filter(({ status }) => status === 'failed').length;
    const hasFailed = now === undefined || now.status === 'failed' || strays.includes(before.name);
    counts.numPassedTests += results.filter(({ status }) => status === 'passed').length;
    counts.numPendingTests += results.filter(({ status }) => !/^(passed|failed)$/.test(status)).length;
    counts.numFailedTests += hasFailed && failed === 0 ? 1 : failed;
    if (!isRepeated) continue;
    const failedBefore = before.assertionResults.filter(({ status }) => status === 'failed');
    const passedNow = new Set(results.filter(({ status }) => status === 'passed').map((one) => one.fullName));
    for (const { fullName } of failedBefore)
      if (passedNow.has(fullName)) onlyAgain.push(`${place}: ${fullName}`);
    // It failed beside its tests: in what comes before or after them, or it did not load.
    if (failedBefore.length === 0 && !hasFailed) onlyAgain.push(place);
  }
  return { counts, onlyAgain };
}
