import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readExercise } from '@drawbridge/control';
import {
  isClockFile,
  lintPacks,
  problemLine,
  readClockFile,
  readClockLaw,
  readFacts,
  readPack,
  readPlaybook,
  readTransfers,
  readVendor,
} from '@drawbridge/control/packs';
import {
  readShippedExercises,
  readShippedNotices,
  readShippedPlaybooks,
  shippedFacts,
  shippedLaws,
  shippedMaps,
  shippedPacks,
  shippedTransfersFile,
} from '../shipped-packs.ts';

/** What a file of facts about a vendor says of itself, where a pack says something else. */
const FACTS = /^format:\s*['"]?drawbridge\.vendor\//m;

/** What the pack of laws on transfers says of itself. */
const TRANSFERS = /^format:\s*['"]?drawbridge\.transfers\//m;

/** What a playbook for incidents says of itself. */
const PLAYBOOK = /^format:\s*['"]?drawbridge\.playbook\//m;

/** What an exercise says of itself. */
const EXERCISE = /^format:\s*['"]?drawbridge\.exercise\//m;

/** Checks packs and facts about vendors; exit code 1 when one has a problem. */
export async function lintPacksCommand(files: readonly string[], options: { json?: boolean }): Promise<void> {
  const problems = [];
  let packs = 0;
  let vendors = 0;
  if (files.length === 0) {
    const found = await lintPacks(shippedPacks);
    const facts = await readFacts(shippedFacts);
    problems.push(...found.problems, ...facts.problems);
    packs = found.packs.length;
    vendors = facts.vendors.length;
    const laws = readTransfers('transfers.yaml', await readFile(shippedTransfersFile, 'utf8'));
    if ('problems' in laws) problems.push(...laws.problems);
    problems.push(...(await readShippedNotices()).problems);
    problems.push(...(await readShippedPlaybooks()).problems, ...(await readShippedExercises()).problems);
    const clocks = await readClockLaw(shippedLaws);
    if ('problems' in clocks) problems.push(...clocks.problems);
  }
  const maps = files.length === 0 ? null : await shippedMaps();
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    if (TRANSFERS.test(text)) {
      const laws = readTransfers(basename(file), text);
      if ('problems' in laws) problems.push(...laws.problems);
      continue;
    }
    if (PLAYBOOK.test(text)) {
      const playbook = readPlaybook(basename(file), text);
      if ('problems' in playbook) problems.push(...playbook.problems);
      continue;
    }
    if (EXERCISE.test(text)) {
      const exercise = readExercise(basename(file), text);
      if ('problems' in exercise) problems.push(...exercise.problems);
      continue;
    }
    if (isClockFile(text)) {
      // Alone: whether it fits to the other files is checked with all that are shipped.
      const clocks = readClockFile(basename(file), text);
      if ('problems' in clocks) problems.push(...clocks.problems);
      continue;
    }
    const isFacts = FACTS.test(text);
    if (isFacts) vendors++;
    else packs++;
    const read = isFacts ? readVendor(basename(file), text) : readPack(basename(file), text, maps);
    if ('problems' in read) problems.push(...read.problems);
  }
  const counted = [
    packs > 0 || vendors === 0 ? `${packs} packs` : '',
    vendors > 0 ? `${vendors} vendors` : '',
  ]
    .filter((count) => count !== '')
    .join(', ');
  if (options.json) process.stdout.write(`${JSON.stringify({ packs, vendors, problems })}\n`);
  else if (problems.length === 0) process.stdout.write(`${counted}, no problem.\n`);
  else process.stdout.write(`${problems.map(problemLine).join('\n')}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
