import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatLogMarks,
  type KeySourceKind,
  type LogMark,
  logMarksPath,
  readLogMarks,
} from '@drawbridge/control';
import { makeKeysDir, replaceFile } from '../key-files.ts';
import { BackupError } from './errors.ts';
import { isMissing, makeEmpty, syncTree, writeListed } from './files.ts';

/** What lies beside the keys and is none: of a process that runs, or half written. */
const PASSING = /\.(running\.json|lock|new)$/;

/**
 * Copies the keys of a deployment, and what lies with them, to a new directory (files mode 0600). Returns their names.
 * Throws BackupError `keys_missing` where there are none, or no key file though the key is to be one.
 */
export async function backupKeys(
  keysDir: string,
  id: string,
  directory: string,
  source: KeySourceKind,
): Promise<string[]> {
  const names = await namesOf(keysDir, id);
  const isKey = (name: string) => name === `${id}.kek` || name.startsWith(`${id}.kek-`);
  if (names.length === 0 || (source === 'file' && !names.some(isKey)))
    throw missing(keysDir, id, [`${id}.kek`]);
  await makeEmpty(directory, 'the copy of the keys');
  for (const name of names) await writeListed(directory, name, await readFile(join(keysDir, name)));
  await syncTree(directory);
  return names;
}

/** What is to be written, and the directory that has the key files which are needed. */
interface KeysPlan {
  plan: ReadonlyMap<string, Buffer>;
  where: string;
}

/**
 * What putting a copy of the keys into the key directory comes to, by file: text to be written. What is there is never
 * lost: marks go forward only, erasures are joined. Throws BackupError `keys_missing`, `keys_conflict`; writes nothing.
 *
 * @param needed key files of which one has to be there; none where the key is not in a file
 */
export async function planKeys(
  keysDir: string,
  id: string,
  from: string | null,
  needed: readonly string[],
): Promise<KeysPlan> {
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
  // The newest first: a key that was rotated away from is still in an older copy.
  for (const name of needed.toReversed()) {
    if ((await readIfThere(join(keysDir, name))) !== null) return { plan, where: keysDir };
    if (from !== null && plan.has(name)) return { plan, where: from };
  }
  if (needed.length > 0) throw missing(keysDir, id, needed);
  return { plan, where: keysDir };
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

function missing(directory: string, id: string, names: readonly string[]): BackupError {
  return new BackupError(
    'keys_missing',
    `The keys of deployment ${id} are not in ${directory}: ${names.join(' or ')} is missing. A copy of the keys from before or after a rotation may have another one. Without them nobody can open what the backup holds. Name where they lie: --keys before the command, or --keys-from for a copy of them.`,
  );
}
