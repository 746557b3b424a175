import { fdatasync, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Storage, StorageFile } from '@drawbridge/journal';
import { lockDirectory } from './lock.ts';

/** Owner only: a journal says who sent what to whom, even where it names no one. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * What "durable" means for a deployment. `synced`: fdatasync returned, so it outlives the machine. `written`: write
 * returned, so it outlives our process; the disk has it about a second later, and before anything is shipped.
 */
export type Durability = 'synced' | 'written';

export interface DiskStorage extends Storage {
  /** Resolves when the disk has all that was written so far. */
  settle(): Promise<void>;
}

/** A directory of this machine's disk as a journal's storage. It is made if it is not there. */
export async function openDirectory(path: string, durability: Durability = 'synced'): Promise<DiskStorage> {
  const made = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  if (made !== undefined) await syncDirectory(dirname(made));
  const at = (name: string) => join(path, name);
  const lazy = new Set<LazyFile>();
  const file = (handle: FileHandle, size: number): StorageFile =>
    durability === 'synced' ? new DiskFile(handle, size) : new LazyFile(handle, size, lazy);
  return {
    settle: async () => {
      await Promise.all([...lazy].map((each) => each.settle()));
    },
    where: path,
    lock: () => lockDirectory(path),
    list: () => readdir(path),
    create: async (name) => file(await open(at(name), 'wx', FILE_MODE), 0),
    open: async (name) => {
      const handle = await open(at(name), 'r+');
      return file(handle, (await handle.stat()).size);
    },
    read: (name, offset, length) => readPart(at(name), offset, length),
    rename: (from, to) => rename(at(from), at(to)),
    remove: (name) => unlink(at(name)),
    syncDir: () => syncDirectory(path),
  };
}

class DiskFile implements StorageFile {
  readonly #handle: FileHandle;
  #size: number;
  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** Copies into the system's cache, which takes less than handing it to another thread would. The disk comes with `sync`. */
  async append(bytes: Uint8Array): Promise<number> {
    const written = writeSync(this.#handle.fd, bytes, 0, bytes.length, this.#size);
    this.#size += written;
    return written;
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#handle.fd, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  async truncate(length: number): Promise<void> {
    await this.#handle.truncate(length);
    this.#size = length;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** How long written bytes may wait for the disk. */
const LAZY_MS = 1_000;

/** A file whose `sync` does not wait for the disk, which gets its bytes a little later. */
class LazyFile extends DiskFile {
  readonly #all: Set<LazyFile>;
  #timer: NodeJS.Timeout | null = null;
  #isDirty = false;
  #failure: Error | null = null;

  constructor(handle: FileHandle, size: number, all: Set<LazyFile>) {
    super(handle, size);
    this.#all = all;
    all.add(this);
  }

  /** Rejects when an earlier batch did not reach the disk: then nobody knows what the cache still holds. */
  override async sync(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    this.#isDirty = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.settle().catch(() => undefined);
    }, LAZY_MS).unref();
  }

  async settle(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (!this.#isDirty) return;
    this.#isDirty = false;
    try {
      await super.sync();
    } catch (cause) {
      this.#failure = cause instanceof Error ? cause : new Error('The disk failed.', { cause });
      throw cause;
    }
  }

  /** A segment is begun only when the disk has the one before. */
  override async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#all.delete(this);
    try {
      await this.settle();
    } finally {
      await super.close();
    }
  }
}

async function readPart(path: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const out = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
    let filled = 0;
    while (filled < out.length) {
      const { bytesRead } = await handle.read(out, filled, out.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return out.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/** Windows has no fsync of a directory; its file systems keep names with their own journal. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
