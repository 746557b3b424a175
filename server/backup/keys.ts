import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatLogMarks, type LogMark, logMarksPath, readLogMarks } from '@drawbridge/control';
import { makeKeysDir, replaceFile } from '../key-files.ts';
import { BackupError } from './errors.ts';
import { isMissing, makeEmpty, syncTree, writeListed } from './files.ts';

/** What lies beside the keys and is none: of a process that runs, or half written. */
const PASSING = /\.(running\.json|lock|new)$/;

/** Copies the keys of a deployment, and what lies with them, to a new directory (files mode 0600). Returns their names. */
export async function backupKeys(keysDir: string, id: string, directory: string): Promise<string[]> {
  const names = await namesOf(keysDir, id);
  if (!names.includes(`${id}.kek`)) throw missing(keysDir, id);
  await makeEmpty(directory, 'the copy of the keys');
  for (const name of names) await writeListed(directory, name, await readFile(join(keysDir, name)));
  await syncTree(directory);
  return names;
}

/**
 * What putting a copy of the keys into the key directory comes to, by file: text to be written. What is there is never
 * lost: marks go forward only, erasures are joined. Throws BackupError `keys_missing`, `keys_conflict`; writes nothing.
 */
export async function planKeys(
  keysDir: string,
  id: string,
  from: string | null,
): Promise<ReadonlyMap<string, Buffer>> {
  const plan = new Map<string, Buffer>();
  if (from !== null) {
    for (const name of await namesOf(from, id)) {
      const theirs = await readFile(join(from, name));
      const ours = await readIfThere(join(keysDir, name));
      if (ours === null) plan.set(name, theirs);
      else if (name === `${id}.log-marks.json`)
        plan.set(name, Buffer.from(formatLogMarks(await marksIn(id, keysDir, from))));
      else if (name === `${id}.erasures`) plan.set(name, joinLines(ours, theirs));
      else if (!ours.equals(theirs)) throw conflict(name);
    }
  }
  if (!plan.has(`${id}.kek`) && (await readIfThere(join(keysDir, `${id}.kek`))) === null)
    throw missing(keysDir, id);
  return plan;
}

export async function putKeys(keysDir: string, plan: ReadonlyMap<string, Buffer>): Promise<void> {
  await makeKeysDir(keysDir);
  for (const [name, bytes] of plan) await replaceFile(join(keysDir, name), bytes);
}

/** How far the vault signed logs, as far as either directory knows. */
export async function marksIn(
  id: string,
  ...directories: (string | null)[]
): Promise<Record<string, LogMark>> {
  const found = directories.flatMap((path) => (path === null ? [] : [readLogMarks(logMarksPath(path, id))]));
  return found.reduce(joinMarks, {});
}

/** Of both, the larger of each log. */
function joinMarks(ours: Record<string, LogMark>, theirs: Record<string, LogMark>): Record<string, LogMark> {
  const joined = { ...ours };
  for (const [name, mark] of Object.entries(theirs)) {
    const known = Object.hasOwn(ours, name) ? ours[name] : undefined;
    if (known !== undefined && known.size === mark.size && known.root !== mark.root)
      throw new BackupError(
        'keys_conflict',
        `Both directories of keys know a signed tree of ${mark.size} entries of the log ${name}, and not the same: one of them is not this deployment's. Nothing was restored.`,
      );
    if (known === undefined || known.size < mark.size) joined[name] = mark;
  }
  return joined;
}

function conflict(name: string): BackupError {
  return new BackupError(
    'keys_conflict',
    `${name} is in the key directory and in the copy of the keys, and they differ. Move away the one that is not this deployment's. Nothing was restored.`,
  );
}

/** Erasures are lines of their own: ours, and theirs that are not among them. */
function joinLines(ours: Buffer, theirs: Buffer): Buffer {
  const lines = ours
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const more = theirs
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && !lines.includes(line));
  return Buffer.from([...lines, ...more].map((line) => `${line}\n`).join(''));
}

async function readIfThere(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
}

async function namesOf(directory: string, id: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile() && entry.name.startsWith(`${id}.`) && !PASSING.test(entry.name))
    .map(({ name }) => name)
    .toSorted();
}

function missing(directory: string, id: string): BackupError {
  return new BackupError(
    'keys_missing',
    `The keys of deployment ${id} are not in ${directory}: ${id}.kek is missing. Without them nobody can open what the backup holds. Name where they lie: --keys before the command, or --keys-from for a copy of them.`,
  );
}
