import { TlogError } from './errors.ts';

/** Behind the name of a file that is not whole yet. What a crash leaves of them is removed when the log is opened again. */
export const DRAFT = '.draft';

/**
 * Where a log's files are kept: a directory, memory, an object store. Handed in: the library does no I/O of its own.
 * Paths are those of tlog-tiles, relative to the log's prefix, with slashes.
 */
export interface TileFiles {
  /** Names the place in errors. */
  readonly where: string;
  /**
   * A whole file, also one that was written and is not durable yet; null when there is none. Throws TlogError:
   * `too_large` when it is longer than `limit` bytes, `not_a_file`.
   */
  read(path: string, limit: number): Promise<Buffer | null>;
  /**
   * Hands in a whole file, in place of what has its name. Until `sync` it may be held in memory; its bytes must not
   * change any more. Under its name stands, at any moment and after any crash, the old file or the whole new one.
   */
  write(path: string, bytes: Buffer): void;
  /** Resolves when all that was handed in is durable. After a rejection, another call tries what is left again. */
  sync(): Promise<void>;
  /** Removes a file, if it is there; `sync` makes that durable. */
  remove(path: string): Promise<void>;
  /** Removes what a crash left of files that were not whole. Only for who alone writes there, before it does. */
  tidy(): Promise<void>;
  /** Removes a directory with all that is in it, if it is there. Need not be durable. */
  removeAll(directory: string): Promise<void>;
}

/** Bytes under a name; `kind` is `other` for what is no plain file: a link, a pipe, a device. */
export interface ListedFile {
  path: string;
  kind: 'file' | 'other';
}

/** Files in memory: for tests, and for what is to be kept elsewhere as a whole. */
export class MemoryFiles implements TileFiles {
  readonly where = 'memory';
  readonly #files = new Map<string, Buffer>();

  async read(path: string, limit: number): Promise<Buffer | null> {
    const bytes = this.#files.get(path) ?? null;
    if (bytes !== null && bytes.length > limit) throw tooLarge(path, limit);
    return bytes;
  }

  write(path: string, bytes: Buffer): void {
    this.#files.set(path, bytes);
  }

  async sync(): Promise<void> {
    // Memory is as durable as it will ever be.
  }

  async remove(path: string): Promise<void> {
    this.#files.delete(path);
  }

  async tidy(): Promise<void> {
    // Memory has whole files only.
  }

  async removeAll(directory: string): Promise<void> {
    for (const path of this.#files.keys()) if (path.startsWith(`${directory}/`)) this.#files.delete(path);
  }

  async *list(): AsyncGenerator<ListedFile, void, undefined> {
    for (const path of this.#files.keys()) yield { path, kind: 'file' };
  }
}

export function tooLarge(path: string, limit: number): TlogError {
  return new TlogError('too_large', `${path} is longer than the ${limit} bytes that it may have.`);
}
