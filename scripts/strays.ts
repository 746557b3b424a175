import { writeFileSync } from 'node:fs';
import type { Reporter } from 'vitest/node';

/** A reporter for `test.ts`: writes the paths of the files in which an error was thrown that no test caught, as JSON. */
export default class Strays implements Reporter {
  onTestRunEnd(...[, errors]: Parameters<Required<Reporter>['onTestRunEnd']>): void {
    const place = process.env.DRAWBRIDGE_TEST_STRAYS;
    if (place === undefined) return;
    const paths = errors.map((error): unknown => error.VITEST_TEST_PATH);
    writeFileSync(place, JSON.stringify(paths.filter((path) => typeof path === 'string')));
  }
}
