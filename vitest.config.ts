import { defineConfig } from 'vitest/config';

/**
 * Left to `npm run soak`, so that `npm test` stays short: every number of every page, followed in a browser, and the
 * browsers' SDKs in every weather, whose attempts are counted by the clock.
 */
const soakOnly = ['console/numbers.browser.test.ts', 'conformance/browser.test.ts'];

const isLong = process.env.DRAWBRIDGE_SOAK === '1' || process.env.DRAWBRIDGE_WRITE_CONFORMANCE === '1';
const never = ['**/node_modules/**', '**/dist/**', ...(isLong ? [] : soakOnly)];

/**
 * Each file in a process of its own: whole deployments, and vendors' SDKs, some of which change what the process has of
 * Node. They take longest, and come first by their name, so that no long one is waited for at the end.
 */
const apart = [
  '{server,conformance}/**/*.test.ts',
  '**/*.browser.test.ts',
  // Puts a module of the gateway in another's place, which a process that has it already keeps.
  'gateway/restored-answers.test.ts',
];

/**
 * One file after the other in the same few processes: starting one, and loading what nearly every file needs, takes longer
 * than most of these. Each leaves the process as it found it.
 */
const together = ['{protocol,gateway,control,standins,libs,console,bench,scripts}/**/*.test.ts'];

export default defineConfig({
  test: {
    // For what hangs; on a busy machine, what takes two seconds can take twenty.
    testTimeout: 60_000,
    hookTimeout: 90_000,
    // What is polled for ends the wait at once when it is there: a busy machine is no failure.
    expect: { poll: { timeout: 30_000 } },
    setupFiles: ['scripts/test-setup.ts'],
    pool: 'forks',
    // More than cores: a test waits for other processes as often as it works.
    maxWorkers: 4,
    projects: [
      { extends: true, test: { name: 'apart', include: apart, exclude: never } },
      {
        extends: true,
        test: { name: 'together', include: together, exclude: [...never, ...apart], isolate: false },
      },
    ],
  },
});
