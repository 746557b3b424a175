import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Level } from '../server/scan/jobs.ts';
import { loadDetectors, scannerRule, shippedDetectors } from '../server/scan/pack.ts';
import { runScan, type ScanResult } from '../server/scan/run.ts';

/**
 * MB/s of text on a large work tree: node_modules of this checkout, or the folder that is named. Walking, reading and
 * telling text from binary data are in it. The first pass is thrown away: it fills the file cache. `--peers FOLDER`: where
 * `npm install @secretlint/core @secretlint/secretlint-rule-preset-recommend` was run; it is given the text files of the
 * same tree, one in `--every`.
 */
const { values: args, positionals } = parseArgs({
  options: { peers: { type: 'string', default: '' }, every: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const folder = positionals[0] ?? fileURLToPath(new URL('../node_modules', import.meta.url));
const rules = (await loadDetectors(shippedDetectors)).map(scannerRule);

async function pass(level: Level, threads: number): Promise<string> {
  const result: ScanResult = { found: [], skipped: [], files: 0, blobs: 0, bytes: 0 };
  const started = performance.now();
  await runScan(
    {
      paths: [folder],
      setup: { rules, level, printKey: null, least: 'possible' },
      threads,
      gitignore: false,
      history: false,
      staged: false,
    },
    result,
  );
  const seconds = (performance.now() - started) / 1000;
  return line(level, threads, result.bytes, seconds, result.files, result.found.length);
}

function line(
  what: string,
  threads: number,
  bytes: number,
  seconds: number,
  files: number,
  found: number,
): string {
  const megabytes = bytes / 1e6;
  const sums = `${files} files, ${megabytes.toFixed(0)} MB, ${found} found`;
  return `${what.padEnd(11)}${String(threads).padStart(2)} threads  ${(megabytes / seconds).toFixed(1).padStart(7)} MB/s  ${sums}`;
}

async function secretlint(peers: string, every: number): Promise<string> {
  const require = createRequire(pathToFileURL(`${peers}/package.json`));
  const load = async (name: string): Promise<Record<string, unknown>> =>
    (await import(pathToFileURL(require.resolve(name)).href)) as Record<string, unknown>;
  const { lintSource } = (await load('@secretlint/core')) as {
    lintSource(of: unknown): Promise<{ messages: unknown[] }>;
  };
  const { creator } = await load('@secretlint/secretlint-rule-preset-recommend');
  const config = {
    rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }],
  };
  const paths = globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((_, at) => at % every === 0);
  let [bytes, files, found] = [0, 0, 0];
  const started = performance.now();
  for (const filePath of paths) {
    const read = readFileSync(filePath);
    if (read.subarray(0, 8192).includes(0)) continue;
    const { messages } = await lintSource({
      source: { filePath, content: read.toString(), ext: '.txt', contentType: 'text' },
      options: { config, noPhysicFilePath: true },
    });
    files++;
    bytes += read.length;
    found += messages.length;
  }
  return line('secretlint', 1, bytes, (performance.now() - started) / 1000, files, found);
}

await pass('secrets', availableParallelism());
for (const level of ['secrets', 'structured', 'all'] as const) {
  for (const threads of new Set([1, availableParallelism()])) {
    process.stdout.write(`${await pass(level, threads)}\n`);
  }
}
if (args.peers !== '') process.stdout.write(`${await secretlint(args.peers, Number(args.every))}\n`);
