import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      '{protocol,gateway,control,server,standins,libs,console,bench,conformance,scripts}/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 30_000,
    hookTimeout: 90_000,
    // What is polled for ends the wait at once when it is there: a busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    setupFiles: ['scripts/test-setup.ts'],
    pool: 'forks',
    maxWorkers: 4,
  },
});
