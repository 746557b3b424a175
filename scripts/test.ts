import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Counts, countLines } from './counts.ts';

/**
 * `npm test [-- filter…]`: unit, property, integration and browser tests, then one line with the counts.
 * `npm run soak`: the long versions (kills, fuzz, load). Tests draw from the same seed each time, so that a failure is
 * the change's; the soak draws a new one each time. `DRAWBRIDGE_SEED` gives one, to repeat a run.
 * `npm run conformance`: the conformance suites, one file after the other, which write `docs/conformance.md` from what they see.
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const soak = process.argv.includes('--soak');
const writesTable = process.argv.includes('--write-conformance');
const filters = process.argv.slice(2).filter((arg) => arg !== '--soak' && arg !== '--write-conformance');

const browsers = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const browser = browsers.find((path) => path !== undefined && existsSync(path));
if (browser === undefined) {
  const text = 'No Chromium was found (looked at CHROMIUM_PATH and /usr/bin): ';
  if (process.env.CI === 'true') {
    process.stdout.write(
      `${text}in CI the browser tests must run. Install the package "chromium".\n0 passed, 1 failed\n`,
    );
    process.exit(1);
  }
  process.stdout.write(`${text}the browser tests are skipped.\n`);
}

const folder = mkdtempSync(join(tmpdir(), 'drawbridge-test-'));
const output = join(folder, 'report.json');
const seed = process.env.DRAWBRIDGE_SEED ?? (soak ? String(Date.now() % 2_147_483_647) : '1');
process.stdout.write(`seed ${seed} (set DRAWBRIDGE_SEED=${seed} to repeat this run)\n`);
const done = spawnSync(
  'vitest',
  [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${output}`,
    ...(writesTable ? ['--no-file-parallelism'] : []),
    ...filters,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      DRAWBRIDGE_SEED: seed,
      ...(soak ? { DRAWBRIDGE_SOAK: '1' } : {}),
      ...(writesTable ? { DRAWBRIDGE_WRITE_CONFORMANCE: '1' } : {}),
      ...(browser === undefined ? {} : { CHROMIUM_PATH: browser }),
    },
  },
);
if (!existsSync(output)) {
  process.stdout.write('The test runner ended without a report.\n0 passed, 1 failed\n');
  process.exit(1);
}
const report = JSON.parse(readFileSync(output, 'utf8')) as Counts;
rmSync(folder, { recursive: true });
const { lines, ok } = countLines(report, done.status === 0);
process.stdout.write(`${lines.join('\n')}\n`);
process.exit(ok ? 0 : 1);
