import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Law } from '@drawbridge/clocks';
import type { Exercise } from '@drawbridge/control';
import {
  fieldMapsOf,
  lintPacks,
  type MailLists,
  type Playbook,
  problemLine,
  readClockLaw,
  readFacts,
  readMailLists,
  readPlaybook,
  readPolicyFolder,
  readTemplate,
  readTransfers,
  type Starter,
  type Template,
  type Transfers,
  type VendorFacts,
} from '@drawbridge/control/packs';

/** The folder of the packs that are shipped. */
export const shippedPacks = join(fileURLToPath(new URL('..', import.meta.url)), 'packs', 'vendors');

/** The folder of what is publicly known of vendors. */
export const shippedFacts = join(shippedPacks, 'known');

const shippedPolicies = join(fileURLToPath(new URL('..', import.meta.url)), 'packs', 'policies');

/** The folder of laws that are shipped. */
export const shippedLaws = join(fileURLToPath(new URL('..', import.meta.url)), 'packs', 'laws');

/** What the law says of transfers. */
export const shippedTransfersFile = join(shippedLaws, 'transfers.yaml');

const shippedPlaybooksFolder = join(fileURLToPath(new URL('..', import.meta.url)), 'packs', 'playbooks');

/** What is done in which kind of incident, and what is wrong with it. */
export async function readShippedPlaybooks() {
  const files = (await readdir(shippedPlaybooksFolder)).filter((name) => name.endsWith('.yaml')).sort();
  const read = await Promise.all(
    files.map(async (file) => readPlaybook(file, await readFile(join(shippedPlaybooksFolder, file), 'utf8'))),
  );
  return {
    playbooks: read.flatMap((one) => ('playbook' in one ? [one.playbook] : [])),
    problems: read.flatMap((one) => ('problems' in one ? one.problems : [])),
  };
}

/** What is done in which kind of incident. Throws where a shipped file is not valid. */
export async function shippedPlaybooks(): Promise<readonly Playbook[]> {
  const { playbooks, problems } = await readShippedPlaybooks();
  const [first] = problems;
  if (first !== undefined) throw new Error(problemLine(first));
  return playbooks;
}

const shippedNoticesFolder = join(fileURLToPath(new URL('..', import.meta.url)), 'packs', 'notices');

/** What notices say, and what is wrong with it. */
export async function readShippedNotices() {
  const files = (await readdir(shippedNoticesFolder)).filter((name) => name.endsWith('.yaml')).sort();
  const read = await Promise.all(
    files.map(async (file) => readTemplate(file, await readFile(join(shippedNoticesFolder, file), 'utf8'))),
  );
  return {
    templates: read.flatMap((one) => ('template' in one ? [one.template] : [])),
    problems: read.flatMap((one) => ('problems' in one ? one.problems : [])),
  };
}

const shippedExercisesFolder = join(
  fileURLToPath(new URL('..', import.meta.url)),
  'packs',
  'scenarios',
  'exercises',
);

/** Incidents of others to be played, and what is wrong with them. */
export async function readShippedExercises() {
  // They speak of incidents: these, and all that they are made of, are loaded for whoever asks.
  const { readExercise } = await import('@drawbridge/control');
  const files = (await readdir(shippedExercisesFolder)).filter((name) => name.endsWith('.yaml')).sort();
  const read = await Promise.all(
    files.map(async (file) => readExercise(file, await readFile(join(shippedExercisesFolder, file), 'utf8'))),
  );
  return {
    exercises: read.flatMap((one) => ('exercise' in one ? [one.exercise] : [])),
    problems: read.flatMap((one) => ('problems' in one ? one.problems : [])),
  };
}

/** What notices say, for each kind of reader. Throws where a shipped file is not valid. */
export async function shippedNotices(): Promise<readonly Template[]> {
  const { templates, problems } = await readShippedNotices();
  const [first] = problems;
  if (first !== undefined) throw new Error(problemLine(first));
  return templates;
}

/** Incidents of others to be played. Throws where a shipped file is not valid. */
export async function shippedExercises(): Promise<readonly Exercise[]> {
  const { exercises, problems } = await readShippedExercises();
  const [first] = problems;
  if (first !== undefined) throw new Error(problemLine(first));
  return exercises;
}

/** What is known of links and of mail on its way. */
export const shippedMailListsFile = join(
  fileURLToPath(new URL('..', import.meta.url)),
  'packs',
  'messages',
  'links.yaml',
);

/** What is known of links and of mail on its way. Throws where the shipped file is not valid. */
export async function shippedMailLists(): Promise<MailLists> {
  const read = readMailLists('links.yaml', await readFile(shippedMailListsFile, 'utf8'));
  if ('lists' in read) return read.lists;
  throw new Error(read.problems.slice(0, 1).map(problemLine).join(''));
}

/** The field maps to which a pack of one's own may refer. */
export async function shippedMaps() {
  return fieldMapsOf((await lintPacks(shippedPacks)).packs);
}

/** The policies that are shipped, to be taken over. Throws where one of them is not valid. */
export async function shippedStarters(): Promise<readonly Starter[]> {
  const { policies, problems } = await readPolicyFolder(shippedPolicies);
  const [first] = problems;
  if (first !== undefined) throw new Error(`${first.file}:${first.line}:${first.column} ${first.message}`);
  return policies;
}

/** What is publicly known of vendors. Throws where one of the shipped files is not valid. */
export async function shippedVendorFacts(): Promise<readonly VendorFacts[]> {
  const { vendors, problems } = await readFacts(shippedFacts);
  const [first] = problems;
  if (first !== undefined) throw new Error(problemLine(first));
  return vendors;
}

/** The law on deadlines. Throws where one of the shipped files is not valid. */
export async function shippedClockLaw(): Promise<Law> {
  const read = await readClockLaw(shippedLaws);
  if ('law' in read) return read.law;
  throw new Error(read.problems.slice(0, 1).map(problemLine).join(''));
}

/** Which transfers the law lets go on. Throws where the shipped file is not valid. */
export async function shippedTransfers(): Promise<Transfers> {
  const read = readTransfers('transfers.yaml', await readFile(shippedTransfersFile, 'utf8'));
  if ('transfers' in read) return read.transfers;
  throw new Error(read.problems.slice(0, 1).map(problemLine).join(''));
}
