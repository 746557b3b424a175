/**
 * What a journal needs of a directory. Handed in: the library does no I/O of its own. Rejections carry the platform's
 * `code` (`ENOSPC`, `EDQUOT`, `EIO`, …).
 */
export interface Storage {
  /** Names the directory in errors. */
  readonly where: string;
  /** Takes the directory for one writer. Throws JournalLocked. Returns how to give it back. */
  lock(): Promise<() => Promise<void>>;
  /** The names of its files. */
  list(): Promise<string[]>;
  /** A new, empty file, open for appending. Rejects when the name is taken. */
  create(name: string): Promise<StorageFile>;
  /** An existing file, open for appending. */
  open(name: string): Promise<StorageFile>;
  /** Up to `length` bytes from `offset` on; fewer only at the file's end. */
  read(name: string, offset: number, length: number): Promise<Buffer>;
  /** Gives a file another name, replacing what had it. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Resolves when creations, renamings and removals so far are durable. */
  syncDir(): Promise<void>;
}

export interface StorageFile {
  /** Bytes in the file. */
  readonly size: number;
  /** Adds bytes at the end. Returns how many were taken: fewer than given when the disk took no more. */
  append(bytes: Uint8Array): Promise<number>;
  /** Resolves when all bytes so far are durable (fdatasync). */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** Adds all bytes, or throws: an error of the storage, or one with code ENOSPC when it takes no more. */
export async function appendAll(file: StorageFile, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) {
    const taken = await file.append(rest);
    if (taken <= 0) throw Object.assign(new Error('The disk took no more bytes.'), { code: 'ENOSPC' });
    rest = rest.subarray(taken);
  }
}

const CHUNK = 4 * 1024 * 1024;

/** A whole file. */
export async function readWhole(storage: Storage, name: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let offset = 0; ; ) {
    const part = await storage.read(name, offset, CHUNK);
    parts.push(part);
    offset += part.length;
    if (part.length < CHUNK) return parts.length === 1 ? part : Buffer.concat(parts);
  }
}

/** Replaces a small file so that after a crash it is either the old or the new one. */
export async function replaceFile(storage: Storage, name: string, bytes: Uint8Array): Promise<void> {
  const draft = `${name}.draft`;
  if ((await storage.list()).includes(draft)) await storage.remove(draft);
  const file = await storage.create(draft);
  try {
    await appendAll(file, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await storage.rename(draft, name);
  await storage.syncDir();
}
