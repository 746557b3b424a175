import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { lintPacks, problemLine, readPack } from '@drawbridge/control';
import { shippedMaps, shippedPacks } from '../shipped-packs.ts';

/** Checks packs; exit code 1 when one has a problem. */
export async function lintPacksCommand(files: readonly string[], options: { json?: boolean }): Promise<void> {
  const problems = [];
  let count = files.length;
  if (files.length === 0) {
    const found = await lintPacks(shippedPacks);
    problems.push(...found.problems);
    count = found.packs.length;
  }
  const maps = files.length === 0 ? null : await shippedMaps();
  for (const file of files) {
    const read = readPack(basename(file), await readFile(file, 'utf8'), maps);
    if ('problems' in read) problems.push(...read.problems);
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ packs: count, problems })}\n`);
  else if (problems.length === 0) process.stdout.write(`${count} packs, no problem.\n`);
  else process.stdout.write(`${problems.map(problemLine).join('\n')}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
