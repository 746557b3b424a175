import { constants } from 'node:fs';
import { TlogError } from './errors.ts';
import type { Fetch } from './fetch.ts';
import { DRAFT, type ListedFile, type TileFiles, tooLarge } from './files.ts';

/** What is used of `node:fs/promises`, which is handed in: the library opens nothing by itself. */
export interface FileSystem {
  mkdir(path: string): Promise<unknown>;
  open(path: string, flags: string | number, mode?: number): Promise<OpenFile>;
  opendir(path: string): Promise<AsyncIterable<DirectoryEntry>>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { recursive: boolean; force: boolean }): Promise<void>;
}

export interface OpenFile {
  stat(): Promise<{ isFile(): boolean; size: number }>;
  read(into: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  writeFile(bytes: Buffer): Promise<void>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface DirectoryEntry {
  name: string;
  isDirectory(): boolean;
  isFile(): boolean;
}

/** What is used of `node:fs` to read without waiting in between. */
export interface ReadingFileSystem {
  openSync(path: string, flags: number): number;
  fstatSync(file: number): { isFile(): boolean; size: number };
  readSync(file: number, into: Buffer, offset: number, length: number, position: number): number;
  closeSync(file: number): void;
}

/** Each takes a thread of the runtime's few; the write-ahead's own fsync must not wait behind them. */
const AT_ONCE = 2;
/** A link is not followed, and a pipe does not keep us waiting for someone to write into it. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** A directory with a log's files. It has to be there. */
export class DirectoryFiles implements TileFiles {
  readonly where: string;
  readonly #fs: FileSystem;
  readonly #staged = new Map<string, Buffer>();
  /** Directories from which a file was removed, not durably yet. */
  readonly #emptied = new Set<string>();
  /** Directories below the log's own that are known to be durable. */
  readonly #made = new Set<string>(['']);

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.where = path;
  }

  async read(path: string, limit: number): Promise<Buffer | null> {
    const staged = this.#staged.get(path);
    if (staged !== undefined) return staged;
    return readPlain(this.#fs, this.#at(path), path, limit);
  }

  write(path: string, bytes: Buffer): void {
    this.#staged.set(path, bytes);
  }

  /** Drafts are written and fsynced, then take their names, then the directories are fsynced. */
  async sync(): Promise<void> {
    const taken = [...this.#staged];
    const directories = new Set(taken.map(([path]) => parentOf(path)));
    const changed = new Set(directories);
    for (const directory of directories) await this.#makeDirectory(directory, changed);
    await inTurns(taken, ([path, bytes]) => this.#writeDraft(path, bytes));
    for (const [path] of taken) await this.#fs.rename(this.#at(`${path}${DRAFT}`), this.#at(path));
    await inTurns([...changed], (directory) => this.#syncDirectory(directory));
    await this.#syncEmptied(changed);
    for (const directory of directories) {
      for (let at = directory; at !== ''; at = parentOf(at)) this.#made.add(at);
    }
    for (const [path, bytes] of taken) {
      // Another may have been handed in meanwhile.
      if (this.#staged.get(path) === bytes) this.#staged.delete(path);
    }
  }

  async remove(path: string): Promise<void> {
    this.#staged.delete(path);
    await this.#fs.rm(this.#at(path), { recursive: false, force: true });
    this.#emptied.add(parentOf(path));
  }

  async removeAll(directory: string): Promise<void> {
    for (const made of this.#made) {
      if (made === directory || made.startsWith(`${directory}/`)) this.#made.delete(made);
    }
    await this.#fs.rm(this.#at(directory), { recursive: true, force: true });
  }

  /** It need not be durable: what comes back is removed the next time. */
  async tidy(): Promise<void> {
    for await (const { path, kind } of this.list()) {
      if (kind === 'file' && path.endsWith(DRAFT))
        await this.#fs.rm(this.#at(path), { recursive: false, force: true });
    }
  }

  /** All files below, also those that are no log's. Links are told of and not followed. */
  async *list(directory = ''): AsyncGenerator<ListedFile, void, undefined> {
    for await (const entry of await this.#fs.opendir(this.#at(directory))) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory()) yield* this.list(path);
      else yield { path, kind: entry.isFile() ? 'file' : 'other' };
    }
  }

  /** A directory that stood there before may not be durable either: its maker may have been killed. */
  async #makeDirectory(directory: string, changed: Set<string>): Promise<void> {
    if (this.#made.has(directory)) return;
    const parent = parentOf(directory);
    await this.#makeDirectory(parent, changed);
    try {
      await this.#fs.mkdir(this.#at(directory));
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw cause;
    }
    changed.add(parent);
  }

  async #writeDraft(path: string, bytes: Buffer): Promise<void> {
    const handle = await this.#fs.open(this.#at(`${path}${DRAFT}`), 'w', 0o644);
    try {
      await handle.writeFile(bytes);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  /** Windows has no fsync of a directory; its file systems keep names with their own journal. */
  async #syncDirectory(directory: string): Promise<void> {
    if (process.platform === 'win32') return;
    const handle = await this.#fs.open(this.#at(directory), 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #syncEmptied(synced: ReadonlySet<string>): Promise<void> {
    for (const directory of this.#emptied) {
      try {
        if (!synced.has(directory)) await this.#syncDirectory(directory);
      } catch (cause) {
        // A copy may lack a directory in which nothing was left.
        if (!hasCode(cause, 'ENOENT')) throw cause;
      }
      this.#emptied.delete(directory);
    }
  }

  #at(path: string): string {
    return path === '' ? this.where : `${this.where}/${path}`;
  }
}

/**
 * Reads a log in a directory, for a program that does nothing beside it: the process stands still while the disk does,
 * and a file takes a tenth of the time that going through the runtime's threads would. Throws what `TileFiles.read` does.
 */
export function fetchIn(fs: ReadingFileSystem, directory: string): Fetch {
  return async (path, limit) => readPlainNow(fs, `${directory}/${path}`, path, limit);
}

function readPlainNow(fs: ReadingFileSystem, at: string, path: string, limit: number): Buffer | null {
  let file: number;
  try {
    file = fs.openSync(at, READ_FLAGS);
  } catch (cause) {
    return expectMissing(path, cause);
  }
  try {
    const stat = fs.fstatSync(file);
    if (!stat.isFile()) throw notAFile(path);
    if (stat.size > limit) throw tooLarge(path, limit);
    const bytes = Buffer.allocUnsafeSlow(stat.size);
    let filled = 0;
    while (filled < bytes.length) {
      const bytesRead = fs.readSync(file, bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    fs.closeSync(file);
  }
}

async function readPlain(fs: FileSystem, at: string, path: string, limit: number): Promise<Buffer | null> {
  let handle: OpenFile;
  try {
    handle = await fs.open(at, READ_FLAGS);
  } catch (cause) {
    return expectMissing(path, cause);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw notAFile(path);
    if (stat.size > limit) throw tooLarge(path, limit);
    const bytes = Buffer.allocUnsafeSlow(stat.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/** A few at a time. All have ended when it rejects, so that nothing is written behind the back of what follows. */
async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]();
  const turns = Array.from({ length: AT_ONCE }, async () => {
    for (const item of left) await work(item);
  });
  const failed = (await Promise.allSettled(turns)).find((turn) => turn.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Null when a file is not there; throws when it can't be opened for another reason. */
function expectMissing(path: string, cause: unknown): null {
  if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) return null;
  if (hasCode(cause, 'ELOOP') || hasCode(cause, 'ENXIO')) throw notAFile(path);
  throw cause;
}

function notAFile(path: string): TlogError {
  return new TlogError('not_a_file', `${path} is no plain file. A log consists of nothing else.`);
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
