import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Level } from '../server/scan/jobs.ts';
import { loadDetectors, scannerRule, shippedDetectors } from '../server/scan/pack.ts';
import { runScan, type ScanResult } from '../server/scan/run.ts';

/**
 * MB/s of text on a large work tree: node_modules of this checkout, or the folder that is named. Walking, reading and
 * telling text from binary data are in it. The first pass is thrown away: it fills the file cache.
 */
const folder = process.argv[2] ?? fileURLToPath(new URL('../node_modules', import.meta.url));
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
  const megabytes = result.bytes / 1e6;
  const sums = `${result.files} files, ${megabytes.toFixed(0)} MB, ${result.found.length} found`;
  return `${level.padEnd(11)}${String(threads).padStart(2)} threads  ${(megabytes / seconds).toFixed(1).padStart(7)} MB/s  ${sums}`;
}

await pass('secrets', availableParallelism());
for (const level of ['secrets', 'structured', 'all'] as const) {
  for (const threads of new Set([1, availableParallelism()])) {
    process.stdout.write(`${await pass(level, threads)}\n`);
  }
}
