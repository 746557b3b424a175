import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { ScanError } from './errors.ts';
import type { Skipped } from './found.ts';
import { type IgnoreRules, parseIgnore } from './ignore.ts';

/** What a walk comes by: a file to scan, a repository whose history there is to scan, or what is left out. */
export type Step =
  | { kind: 'file'; path: string; file: string; repository: string | null }
  | { kind: 'repository'; path: string; folder: string }
  | ({ kind: 'skipped' } & Skipped);

export interface WalkOptions {
  /** Leave out what `.gitignore` files say, those above the path within its repository included. */
  gitignore: boolean;
}

/** The rules that hold in a folder, each with the folder that they stand in; innermost last. */
type Ignores = readonly { folder: string; rules: IgnoreRules }[];

/**
 * All files at and below a path in a fixed order. Links are not followed, but for `path` itself; what stands in `.git`
 * is git's own. Throws ScanError `no_such_path`.
 */
export async function* walk(path: string, options: WalkOptions): AsyncGenerator<Step> {
  const from = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    throw new ScanError('no_such_path', `${path} can't be read (${error.code ?? error.message})`);
  });
  const stats = await stat(from);
  const shown = shownPath(path);
  if (stats.isFile()) {
    yield { kind: 'file', path: shown, file: from, repository: null };
  } else if (stats.isDirectory()) {
    const ignores = options.gitignore ? await ignoresAbove(from) : [];
    yield* walkFolder(shown === '.' ? '' : shown, from, null, options, ignores);
  } else {
    yield { kind: 'skipped', path: shown, reason: 'no regular file', trouble: false };
  }
}

/** As a person in the working folder would write it. */
export function shownPath(path: string): string {
  const below = relative('.', resolve(path));
  const shown = below === '' ? '.' : below.startsWith('..') ? resolve(path) : below;
  return shown.split(sep).join('/');
}

async function* walkFolder(
  shown: string,
  folder: string,
  above: string | null,
  options: WalkOptions,
  ignoresAbove: Ignores,
): AsyncGenerator<Step> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield { kind: 'skipped', path: shown, reason: reasonOf(error), trouble: true };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(entries.map(({ name }) => name));
  const isBare = names.has('HEAD') && names.has('objects') && names.has('refs') && names.has('config');
  const repository = names.has('.git') || isBare ? folder : above;
  if (repository === folder) yield { kind: 'repository', path: shown, folder };
  const ignores =
    options.gitignore && names.has('.gitignore')
      ? [...ignoresAbove, { folder, rules: parseIgnore(await ignoreText(folder)) }]
      : ignoresAbove;
  for (const entry of entries) {
    const path = shown === '' ? entry.name : `${shown === '/' ? '' : shown}/${entry.name}`;
    const file = join(folder, entry.name);
    if (entry.name === '.git' || (isBare && gitsOwn.has(entry.name))) continue;
    if (isIgnored(file, entry.isDirectory(), ignores)) continue;
    if (entry.isDirectory()) yield* walkFolder(path, file, repository, options, ignores);
    else if (entry.isFile()) yield { kind: 'file', path, file, repository };
    else {
      const reason = entry.isSymbolicLink() ? 'symbolic link' : 'no regular file';
      yield { kind: 'skipped', path, reason, trouble: false };
    }
  }
}

/** What a bare repository keeps its objects in: their content comes with its history. */
const gitsOwn: ReadonlySet<string> = new Set(['objects', 'refs', 'packed-refs', 'index']);

function isIgnored(file: string, isFolder: boolean, ignores: Ignores): boolean {
  for (const { folder, rules } of ignores.toReversed()) {
    const said = rules.ignores(relative(folder, file).split(sep).join('/'), isFolder);
    if (said !== null) return said;
  }
  return false;
}

/** Those of the folders above, up to the root of the repository. */
async function ignoresAbove(from: string): Promise<Ignores> {
  const found: { folder: string; rules: IgnoreRules }[] = [];
  for (let folder = from; ; folder = resolve(folder, '..')) {
    if (folder !== from) found.unshift({ folder, rules: parseIgnore(await ignoreText(folder)) });
    if (await exists(join(folder, '.git'))) return found;
    if (folder === resolve(folder, '..')) return [];
  }
}

async function ignoreText(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, '.gitignore'), 'utf8');
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'EISDIR', 'EACCES'].includes(String(error.code))
    ) {
      return '';
    }
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** What the file system said, without the path that the report has anyway. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return `can't be read (${String(error.code)})`;
  throw error;
}
