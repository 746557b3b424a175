import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBreaches } from './boundaries.ts';

/** `npm run check`: format and lint, types, import boundaries, unused files and exports. Exit 1 when one fails. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));

function step(name: string, command: string, args: readonly string[]): boolean {
  process.stdout.write(`check: ${name}\n`);
  const done = spawnSync(command, [...args], { cwd: root, stdio: 'inherit' });
  if (done.error !== undefined) process.stdout.write(`  could not run ${command}: ${done.error.message}\n`);
  return done.status === 0;
}

async function boundaries(): Promise<boolean> {
  process.stdout.write('check: import boundaries\n');
  const breaches = await findBreaches(root);
  for (const breach of breaches)
    process.stdout.write(`  ${breach.file} → ${breach.imports}: ${breach.rule}\n`);
  return breaches.length === 0;
}

const results = [
  step('format and lint', 'biome', ['ci', '.']),
  step('types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']),
  step('types of the console', 'tsc', ['--noEmit', '-p', 'console/tsconfig.json']),
  await boundaries(),
  step('unused files and exports', 'knip', ['--no-progress']),
  step('lock file', process.execPath, ['scripts/complete-lock.ts', '--check']),
];
const failed = results.filter((ok) => !ok).length;
process.stdout.write(
  failed === 0 ? 'check: all in order\n' : `check: ${failed} of ${results.length} steps failed\n`,
);
process.exit(failed === 0 ? 0 : 1);
