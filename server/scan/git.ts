import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { ByteReader } from './bytes.ts';
import { ScanError } from './errors.ts';
import type { BlobHash } from './file.ts';

/** A blob and how reports name it; or the message of a commit or tag. */
export interface Blob {
  id: string;
  size: number;
  /** `<commit>:<path>`, as `git show` takes it; for what is staged, the path; `<commit>:(commit message)`. */
  name: string;
  isMessage?: true;
}

const LONGEST_LINE = 64 * 1024;
const COMMIT_SHOWN = 12;
/** The year 2100: a control plane takes dates of four digits. */
const LATEST_MS = Date.UTC(2100, 0, 1);

/**
 * A repository may be hostile: no configuration of it may start a program, nothing is fetched, nothing is written.
 */
const guards = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['protocol.allow', 'never'],
  ['safe.directory', '*'],
  ['core.quotePath', 'false'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

function git(
  folder: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  return spawn('git', [...guards, '-C', folder, ...args], {
    env: {
      ...env,
      GIT_NO_LAZY_FETCH: '1',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_PAGER: 'cat',
      LC_ALL: 'C',
      ...more,
    },
  });
}

/** Ends well, or throws ScanError `no_git`, `git_failed`. */
function ended(child: ChildProcessWithoutNullStreams, folder: string): Promise<void> {
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    if (said.length < 500) said += part.toString('utf8').slice(0, 500);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new ScanError(
              'no_git',
              'git is not installed: install it, or leave the history out with --no-history',
            )
          : error,
      ),
    );
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new ScanError('git_failed', `git can't read ${folder}: ${said.trim() || `code ${code}`}`));
    });
  });
}

async function output(
  folder: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Buffer> {
  const child = git(folder, args, more);
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stdin.end();
  await ended(child, folder);
  return Buffer.concat(parts);
}

/** How this repository names blobs. */
export async function blobHash(folder: string): Promise<BlobHash> {
  const said = (await output(folder, ['rev-parse', '--show-object-format'])).toString('utf8').trim();
  return said === 'sha256' ? 'sha256' : 'sha1';
}

/**
 * All blobs that any branch, tag, stash or reflog leads to, each once, newest commits first, and the messages of commits
 * and tags. A blob is named by the newest commit that has it.
 */
export async function* historyBlobs(folder: string): AsyncGenerator<Blob> {
  const list = git(folder, ['rev-list', '--objects', '--in-commit-order', '--all', '--reflog']);
  const check = git(folder, ['cat-file', '--batch-check=%(objecttype) %(objectname) %(objectsize) %(rest)']);
  list.stdin.end();
  const done = Promise.all([ended(list, folder), ended(check, folder)]);
  // Looked at below, when all was read: until then it must not end the process.
  done.catch(() => undefined);
  // Who stops reading in the middle ends both; a pipe that breaks so is no news.
  check.stdin.on('error', () => undefined);
  list.stdout.pipe(check.stdin);
  try {
    const reader = new ByteReader(check.stdout);
    let commit = '';
    for (let line = await reader.line(LONGEST_LINE); line !== null; line = await reader.line(LONGEST_LINE)) {
      const [type = '', id = '', size = '', ...rest] = line.split(' ');
      if (type === 'commit') commit = id.slice(0, COMMIT_SHOWN);
      if (type === 'commit' || type === 'tag') {
        const name = `${id.slice(0, COMMIT_SHOWN)}:(${type} message)`;
        yield { id, size: Number(size), name, isMessage: true };
      }
      if (type === 'blob') yield { id, size: Number(size), name: `${commit}:${rest.join(' ')}` };
    }
    await done;
  } finally {
    list.kill();
    check.kill();
  }
}

/** The blobs that the next commit would bring in, named by paths that are relative to the repository's root. */
export async function stagedBlobs(folder: string): Promise<Blob[]> {
  const args = [
    'diff',
    '--cached',
    '--raw',
    '-z',
    '--no-renames',
    '--no-abbrev',
    '--no-ext-diff',
    '--diff-filter=ACMT',
  ];
  // In a hook, `git commit <file>` and `git commit -a` have an index of their own.
  const index = process.env.GIT_INDEX_FILE;
  const more = index === undefined ? {} : { GIT_INDEX_FILE: resolve(index) };
  const parts = (await output(folder, args, more)).toString('utf8').split('\0');
  const blobs: Blob[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    // `:<mode> <mode> <id> <id> <status>`; what is no regular file (a link, a submodule) has nothing to scan.
    const [, mode = '', , id = ''] = (parts[at] ?? '').split(' ');
    if (mode.startsWith('100')) blobs.push({ id, size: 0, name: parts[at + 1] ?? '' });
  }
  return blobs;
}

/** When something came into a repository: the commit, whole, and its committer's clock. */
export interface Origin {
  commit: string;
  at: Date;
  /** How many commits come before it in the walk, parents after their children: tells those of one second apart. */
  order: number;
}

/** Whether one came in before another. */
export const isOlder = (a: Origin, b: Origin): boolean =>
  a.at.getTime() === b.at.getTime() ? a.order > b.order : a.at < b.at;

/**
 * Of each of these blobs and commits the oldest commit that brought it in, by one walk over the history. What a merge
 * alone made is told by the merge.
 */
export async function originsOf(folder: string, wanted: ReadonlySet<string>): Promise<Map<string, Origin>> {
  const origins = new Map<string, Origin>();
  if (wanted.size === 0) return origins;
  const list = git(folder, ['rev-list', '--topo-order', '--all', '--reflog']);
  const args = ['diff-tree', '--stdin', '-r', '--root', '--raw', '--no-renames', '--no-abbrev', '-m'];
  const differences = git(folder, [...args, '--format=%x01%H %ct']);
  list.stdin.end();
  const done = Promise.all([ended(list, folder), ended(differences, folder)]);
  done.catch(() => undefined);
  differences.stdin.on('error', () => undefined);
  list.stdout.pipe(differences.stdin);
  const note = (object: string, origin: Origin): void => {
    const before = origins.get(object);
    if (wanted.has(object) && (before === undefined || isOlder(origin, before))) origins.set(object, origin);
  };
  try {
    const reader = new ByteReader(differences.stdout);
    let origin: Origin | null = null;
    let order = 0;
    for (let line = await reader.line(LONGEST_LINE); line !== null; line = await reader.line(LONGEST_LINE)) {
      if (line.startsWith('\u0001')) {
        const [commit = '', seconds = ''] = line.slice(1).split(' ');
        const at = Number(seconds) * 1000;
        // A commit says when it was made, and can say anything.
        origin = at > 0 && at < LATEST_MS ? { commit, at: new Date(at), order } : null;
        order++;
        if (origin !== null) note(commit, origin);
      } else if (origin !== null && line.startsWith(':')) {
        note(line.split(' ', 4)[3] ?? '', origin);
      }
    }
    await done;
  } finally {
    list.kill();
    differences.kill();
  }
  return origins;
}

/** The commit that a repository stands at, and where it was cloned from; null where it has none. */
export async function headAndRemote(folder: string): Promise<{ head: string | null; remote: string | null }> {
  const ask = async (...args: string[]): Promise<string | null> => {
    try {
      return (await output(folder, args)).toString('utf8').trim() || null;
    } catch (error) {
      if (error instanceof ScanError && error.code === 'git_failed') return null;
      throw error;
    }
  };
  return {
    head: await ask('rev-parse', '--verify', '--quiet', 'HEAD'),
    remote: await ask('config', '--get', 'remote.origin.url'),
  };
}

/** Root of the repository that a folder is in. Throws ScanError `no_repository`. */
export async function repositoryRoot(folder: string): Promise<string> {
  try {
    return (await output(folder, ['rev-parse', '--show-toplevel'])).toString('utf8').replace(/\n$/, '');
  } catch (error) {
    if (!(error instanceof ScanError) || error.code !== 'git_failed') throw error;
    throw new ScanError('no_repository', `${folder} is in no git repository: --staged needs one`);
  }
}

/** Reads blobs one after the other through one `git cat-file --batch`. */
export class BlobReader {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #reader: ByteReader;
  readonly #done: Promise<void>;

  constructor(folder: string) {
    this.#child = git(folder, ['cat-file', '--batch']);
    this.#reader = new ByteReader(this.#child.stdout);
    this.#done = ended(this.#child, folder);
    this.#done.catch(() => undefined);
    this.#child.stdin.on('error', () => undefined);
  }

  /** The blob's size, and its pieces, to be read before the next one. Throws ScanError `git_failed`. */
  async open(id: string): Promise<{ size: number; pieces: AsyncIterable<Buffer>; close(): Promise<void> }> {
    this.#child.stdin.write(`${id}\n`);
    const head = await this.#reader.line(LONGEST_LINE);
    if (head === null) await this.#done;
    const [, type, size] = (head ?? '').split(' ');
    if (size === undefined || type === 'missing')
      throw new ScanError('git_failed', `git has no object ${id}`);
    const end = this.#reader.position + Number(size) + 1;
    const pieces = this.#reader.pieces(Number(size));
    return { size: Number(size), pieces, close: () => this.#reader.skipTo(end) };
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#done;
  }
}
