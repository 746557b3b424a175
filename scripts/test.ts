import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesToRepeat, type Report, withRepeat } from './again.ts';
import { type Counts, countLines } from './counts.ts';

/**
 * `npm test [-- filter…]`: unit, property, integration and browser tests, then one line with the counts. Files that did not
 * pass beside the others are run once more by themselves; what passes only then is told by name (`again.ts`).
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
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const browser = browsers.find((path) => path !== undefined && existsSync(path));
if (browser === undefined) {
  const text = 'No Chromium was found (looked at CHROMIUM_PATH and /usr/bin): ';
  if (process.env.CI === 'true') {
    process.stdout.write(
      `${text}in CI the browser tests must run. Install the package "chromium-headless-shell" or "chromium".\n0 passed, 1 failed\n`,
    );
    process.exit(1);
  }
  process.stdout.write(`${text}the browser tests are skipped.\n`);
}

const folder = mkdtempSync(join(tmpdir(), 'drawbridge-test-'));
const seed = process.env.DRAWBRIDGE_SEED ?? (soak ? String(Date.now() % 2_147_483_647) : '1');
process.stdout.write(`seed ${seed} (set DRAWBRIDGE_SEED=${seed} to repeat this run)\n`);
/** Runs the files that the arguments name; undefined when there is no report of it. */
function run(name: string, args: readonly string[]) {
  const output = join(folder, `${name}.json`);
  const strays = join(folder, `${name}.strays.json`);
  const done = spawnSync(
    'vitest',
    [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--reporter=${join(root, 'scripts', 'strays.ts')}`,
      `--outputFile.json=${output}`,
      ...args,
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        DRAWBRIDGE_SEED: seed,
        DRAWBRIDGE_TEST_STRAYS: strays,
        ...(soak ? { DRAWBRIDGE_SOAK: '1' } : {}),
        ...(writesTable ? { DRAWBRIDGE_WRITE_CONFORMANCE: '1' } : {}),
        ...(browser === undefined ? {} : { CHROMIUM_PATH: browser }),
      },
    },
  );
  if (!existsSync(output) || !existsSync(strays)) return undefined;
  return {
    ranWell: done.status === 0,
    report: JSON.parse(readFileSync(output, 'utf8')) as Counts & Report,
    strays: JSON.parse(readFileSync(strays, 'utf8')) as string[],
  };
}

const first = run('first', [...(writesTable ? ['--no-file-parallelism'] : []), ...filters]);
if (first === undefined) {
  process.stdout.write('The test runner ended without a report.\n0 passed, 1 failed\n');
  process.exit(1);
}
// A long run draws new seeds to find what seldom fails: what it finds stands.
const repeated = soak || writesTable || first.ranWell ? [] : filesToRepeat(first.report, first.strays);
let result = countLines(first.report, first.ranWell);
if (repeated.length > 0) {
  const names = repeated.map((path) => relative(root, path)).join(', ');
  process.stdout.write(`\nRun again, one after the other and nothing beside them: ${names}\n`);
  const options = filters.filter((one, at) => one.startsWith('-') || filters[at - 1] === '-t');
  const again = run('again', ['--no-file-parallelism', ...options, ...repeated]);
  if (again !== undefined) {
    const { counts, onlyAgain } = withRepeat(first.report, repeated, again.report, again.strays, root);
    result = countLines(counts, again.ranWell, onlyAgain);
  }
}
rmSync(folder, { recursive: true });
process.stdout.write(`${result.lines.join('\n')}\n`);
process.exit(result.ok ? 0 : 1);
