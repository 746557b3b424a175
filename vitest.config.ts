import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long begin first, so that no single one is left running at the end. */
const long = [
  /console\/(pages|walks|edits)\.browser/,
  /^conformance\//,
  /\.browser\.test/,
  /^gateway\/(workers|process)/,
  /^server\//,
  /^libs\/postgres\//,
  /^control\/vault\//,
];

/** Left to `npm run soak`, so that `npm test` stays short: every number of every page, followed in a browser. */
const soakOnly = ['console/numbers.browser.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const path = moduleId.slice(project.config.root.length + 1);
      const found = long.findIndex((pattern) => pattern.test(path));
      return found < 0 ? long.length : found;
    };
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: [
      '{protocol,gateway,control,server,standins,libs,console,bench,conformance,scripts}/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', ...(process.env.DRAWBRIDGE_SOAK === '1' ? [] : soakOnly)],
    testTimeout: 30_000,
    hookTimeout: 90_000,
    // What is polled for ends the wait at once when it is there: a busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    setupFiles: ['scripts/test-setup.ts'],
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    maxWorkers: 4,
  },
});
