import { defineConfig } from 'vitest/config';

/**
 * Left to `npm run soak`, so that `npm test` stays short: every number of every page, followed in a browser, and the
 * browsers' SDKs in every weather, whose attempts are counted by the clock.
 */
const soakOnly = ['console/numbers.browser.test.ts', 'conformance/browser.test.ts'];

const isLong = process.env.DRAWBRIDGE_SOAK === '1' || process.env.DRAWBRIDGE_WRITE_CONFORMANCE === '1';

export default defineConfig({
  test: {
    include: [
      '{protocol,gateway,control,server,standins,libs,console,bench,conformance,scripts}/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', ...(isLong ? [] : soakOnly)],
    testTimeout: 30_000,
    hookTimeout: 90_000,
    // What is polled for ends the wait at once when it is there: a busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    setupFiles: ['scripts/test-setup.ts'],
    pool: 'forks',
    maxWorkers: 3,
  },
});
