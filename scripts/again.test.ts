import { describe, expect, test } from 'vitest';
import { type FileResult, filesToRepeat, withRepeat } from './again.ts';
import { countLines } from './counts.ts';

/** A file with tests `t0`, `t1`, … that ended so. */
const file = (name: string, ...ends: string[]): FileResult => ({
  name: `/house/${name}`,
  status: ends.includes('failed') ? 'failed' : 'passed',
  assertionResults: ends.map((status, at) => ({ fullName: `t${at}`, status })),
});
const report = (...testResults: FileResult[]) => ({ testResults });
const many = (count: number) =>
  Array.from({ length: count }, (_, at) => file(`${at}.test.ts`, 'passed', 'failed'));

describe('which files are run again', () => {
  test('those with a failed test, and no others', () => {
    const first = report(file('a', 'passed'), file('b', 'passed', 'failed'), file('c', 'skipped'));
    expect(filesToRepeat(first, [])).toEqual(['/house/b']);
    expect(filesToRepeat(report(file('a', 'passed'), file('c', 'skipped')), [])).toEqual([]);
  });
  test('those that failed beside their tests: that did not load, or threw what no test caught', () => {
    const first = report(file('a', 'passed'), { ...file('b'), status: 'failed' }, file('c', 'passed'));
    expect(filesToRepeat(first, ['/house/c', '/house/gone'])).toEqual(['/house/b', '/house/c']);
  });
  test('none when only one was asked for: it ran by itself', () => {
    expect(filesToRepeat(report(file('a', 'failed')), [])).toEqual([]);
  });
  test('none when more than ten failed: that is no accident', () => {
    const passed = file('passed', 'passed');
    expect(filesToRepeat(report(passed, ...many(10)), [])).toHaveLength(10);
    expect(filesToRepeat(report(passed, ...many(11)), [])).toEqual([]);
  });
});

describe('both runs in one', () => {
  const first = report(file('a', 'passed', 'skipped'), file('b', 'passed', 'failed', 'failed'));
  const both = (again: FileResult[], strays: string[] = []) =>
    withRepeat(first, ['/house/b'], report(...again), strays, '/house');

  test('what passes only then is counted as passed, and named', () => {
    const { counts, onlyAgain } = both([file('b', 'passed', 'passed', 'passed')]);
    expect(counts).toEqual({ numPassedTests: 4, numFailedTests: 0, numPendingTests: 1 });
    expect(onlyAgain).toEqual(['b: t1', 'b: t2']);
    expect(countLines(counts, true, onlyAgain)).toEqual({
      lines: [
        'passed only when run again: b: t1',
        'passed only when run again: b: t2',
        '2 passed only when run again: to be mended',
        '1 skipped',
        '4 passed, 0 failed',
      ],
      ok: true,
    });
  });
  test('what fails both times failed; beside it, what passed is still named', () => {
    const { counts, onlyAgain } = both([file('b', 'passed', 'passed', 'failed')]);
    expect(counts).toEqual({ numPassedTests: 3, numFailedTests: 1, numPendingTests: 1 });
    expect(onlyAgain).toEqual(['b: t1']);
    expect(countLines(counts, false, onlyAgain).ok).toBe(false);
  });
  test('a test that fails only by itself failed', () => {
    const { counts } = both([file('b', 'failed', 'passed', 'passed')]);
    expect(counts).toMatchObject({ numPassedTests: 3, numFailedTests: 1 });
  });
  test('a test that is skipped now did not pass', () => {
    expect(both([file('b', 'passed', 'passed', 'skipped')]).onlyAgain).toEqual(['b: t1']);
  });
  test('a file that is missing, does not load, or throws what no test catches, failed', () => {
    expect(both([]).counts).toMatchObject({ numPassedTests: 1, numFailedTests: 1 });
    expect(both([{ ...file('b'), status: 'failed' }]).counts).toMatchObject({ numFailedTests: 1 });
    const well = file('b', 'passed', 'passed', 'passed');
    expect(both([well], ['/house/b']).counts).toMatchObject({ numPassedTests: 4, numFailedTests: 1 });
  });
  test('a file that failed beside its tests and passes now is named as a whole', () => {
    const unloaded = report(file('a', 'passed'), { ...file('b'), status: 'failed' });
    const { counts, onlyAgain } = withRepeat(
      unloaded,
      ['/house/b'],
      report(file('b', 'passed')),
      [],
      '/house',
    );
    expect(counts).toMatchObject({ numPassedTests: 2, numFailedTests: 0 });
    expect(onlyAgain).toEqual(['b']);
  });
});
