import { closeSync, futimesSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Entries as files, one an id: `<first two digits of its name>/<the rest>`. A file's modification time is when it ends. All
 * workers of a gateway write and read here: a record is appended in one write, so that two never mix.
 */
export interface HistoryFiles {
  /** What is kept under this name; null: nothing, or it has ended. */
  read(name: string): Promise<Buffer | null>;
  /** On the disk when it returns. Throws what the disk says; then nothing of this name is kept. */
  append(name: string, record: Buffer, until: number): Promise<void>;
  /**
   * The same at once, and left to the system to put on the disk: it outlives the process, not the machine. `isFirst`: only
   * where nothing has this name.
   */
  appendNow(name: string, record: Buffer, until: number, isFirst: boolean): void;
  /** Lets it end later, if it is there. */
  extend(name: string, until: number): Promise<void>;
}

/** How long after its end a file is still taken: between writing and setting its time it seems to have ended. */
export const SLACK_MS = 600_000;
/** Larger entries are not read. */
const LARGEST_FILE = 32 * 1024 * 1024;
/** Times are set anew only where that makes a difference. */
const EXTEND_MS = 3_600_000;

/** A write that the disk took only a part of, as a full one does. */
export class HistoryCut extends Error {
  readonly code = 'history_cut';
  constructor() {
    super('The disk took only a part of a record.');
    this.name = 'HistoryCut';
  }
}

/** `clock`: milliseconds since 1970. */
export function historyFiles(directory: string, clock: () => number): HistoryFiles {
  const folderOf = (name: string): string => join(directory, name.slice(0, 2));
  const pathOf = (name: string): string => join(folderOf(name), name.slice(2));

  return {
    async read(name) {
      const file = await openIfThere(pathOf(name), 'r');
      if (file === null) return null;
      try {
        const { mtimeMs, size } = await file.stat();
        return mtimeMs + SLACK_MS < clock() || size > LARGEST_FILE ? null : await file.readFile();
      } finally {
        await file.close();
      }
    },
    async append(name, record, until) {
      const path = pathOf(name);
      try {
        await mkdir(folderOf(name), { recursive: true, mode: 0o700 });
        const file = await open(path, 'a', 0o600);
        try {
          const { bytesWritten } = await file.write(record);
          if (bytesWritten !== record.length) throw new HistoryCut();
          await file.utimes(until / 1000, until / 1000);
          await file.datasync();
        } finally {
          await file.close();
        }
      } catch (cause) {
        // What lacks a part must not be taken for the whole.
        await rm(path, { force: true });
        throw cause;
      }
    },
    appendNow(name, record, until, isFirst) {
      const path = pathOf(name);
      const descriptor = openNow(path, folderOf(name), isFirst);
      if (descriptor === null) return;
      try {
        if (writeSync(descriptor, record) !== record.length) throw new HistoryCut();
        futimesSync(descriptor, until / 1000, until / 1000);
      } catch (cause) {
        rmSync(path, { force: true });
        throw cause;
      } finally {
        closeSync(descriptor);
      }
    },
    async extend(name, until) {
      const file = await openIfThere(pathOf(name), 'r+');
      if (file === null) return;
      try {
        const { mtimeMs } = await file.stat();
        if (mtimeMs + EXTEND_MS < until) await file.utimes(until / 1000, until / 1000);
      } finally {
        await file.close();
      }
    },
  };
}

async function openIfThere(path: string, flags: 'r' | 'r+'): Promise<FileHandle | null> {
  try {
    return await open(path, flags);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw cause;
  }
}

/** Null: something has this name already. */
function openNow(path: string, folder: string, isFirst: boolean): number | null {
  const flags = isFirst ? 'ax' : 'a';
  for (let isThere = false; ; isThere = true) {
    try {
      return openSync(path, flags, 0o600);
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') return null;
      if (codeOf(cause) !== 'ENOENT' || isThere) throw cause;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
  }
}

export function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
