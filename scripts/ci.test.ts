import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countLines } from './counts.ts';

const script = fileURLToPath(new URL('../.ci/run', import.meta.url));

describe('.ci/run, with programs that stand in for npm and Debian', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drawbridge-ci-'));
    // Fails at the step that NPM_FAILS names; says what it was given.
    const npm = `#!/bin/sh
echo "npm $* (CI=$CI)"
case "$*" in
  *"$NPM_FAILS"*) [ -z "$NPM_FAILS" ] || { [ -z "$NPM_SAYS" ] || echo "$NPM_SAYS"; exit 3; } ;;
esac
case "$*" in test*) echo "12 passed, 0 failed" ;; esac
`;
    await writeFile(join(folder, 'npm'), npm, { mode: 0o755 });
    for (const name of ['chromium-headless-shell', 'strace', 'apt-get']) {
      await writeFile(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function run(fails: string, says = ''): { status: number | null; lines: string[] } {
    const { CI: _, ...env } = process.env;
    const done = spawnSync('bash', [script], {
      encoding: 'utf8',
      env: { ...env, PATH: `${folder}:${env.PATH}`, NPM_FAILS: fails, NPM_SAYS: says },
    });
    return { status: done.status, lines: done.stdout.trimEnd().split('\n') };
  }

  test('checks and tests as CI, and ends with the counts of the tests', () => {
    const { status, lines } = run('');
    expect(status).toBe(0);
    expect(lines.filter((line) => line.startsWith('npm')).every((line) => line.endsWith('(CI=true)'))).toBe(
      true,
    );
    expect(lines.at(-1)).toBe('12 passed, 0 failed');
  });

  test.each([['ci --ignore-scripts'], ['run --silent check'], ['test --silent']])(
    'ends with one failure when "npm %s" fails without a count',
    (step) => {
      const { status, lines } = run(step);
      expect(status).not.toBe(0);
      expect(lines.at(-1)).toBe('0 passed, 1 failed');
    },
  );

  test('ends with the counts of tests that failed, said once', () => {
    const { status, lines } = run('test --silent', '11 passed, 1 failed');
    expect(status).not.toBe(0);
    expect(lines.filter((line) => / passed, \d+ failed/.test(line))).toEqual(['11 passed, 1 failed']);
    expect(lines.at(-1)).toBe('11 passed, 1 failed');
  });
});

describe('the last lines of a test run', () => {
  const counts = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 0 };
  test('the counts stand alone on the last line, what was skipped before it', () => {
    expect(countLines(counts, true)).toEqual({ lines: ['7 passed, 0 failed'], ok: true });
    expect(countLines({ ...counts, numPendingTests: 2 }, true).lines).toEqual([
      '2 skipped',
      '7 passed, 0 failed',
    ]);
  });
  test('a file that does not load is a failure, and so is no test at all', () => {
    expect(countLines(counts, false)).toEqual({ lines: ['7 passed, 1 failed'], ok: false });
    expect(countLines({ ...counts, numPassedTests: 0 }, true).ok).toBe(false);
  });
});
