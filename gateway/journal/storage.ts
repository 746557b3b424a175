import { fdatasync, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Storage, StorageFile } from '@drawbridge/journal';
import { lockDirectory } from './lock.ts';

/** Owner only: a journal says who sent what to whom, even where it names no one. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** A directory of this machine's disk as a journal's storage. It is made if it is not there. */
export async function openDirectory(path: string): Promise<Storage> {
  const made = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  if (made !== undefined) await syncDirectory(dirname(made));
  const at = (name: string) => join(path, name);
  return {
    where: path,
    lock: () => lockDirectory(path),
    list: () => readdir(path),
    create: async (name) => new DiskFile(await open(at(name), 'wx', FILE_MODE), 0),
    open: async (name) => {
      const handle = await open(at(name), 'r+');
      return new DiskFile(handle, (await handle.stat()).size);
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
