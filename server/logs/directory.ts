import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, open, opendir, rename, rm } from 'node:fs/promises';
import {
  DirectoryFiles,
  type Fetch,
  fetchIn,
  fetchOver,
  type ListedFile,
  NOTE_LIMIT,
} from '@drawbridge/tlog';

/** A directory that can't be looked into. */
export class NoLogError extends Error {
  readonly code = 'no_log';
  constructor(path: string, cause: unknown) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    super(
      `${path} can't be read as a directory (${why}). Name the directory that has the log's checkpoint and tile/.`,
      {
        cause,
      },
    );
    this.name = 'NoLogError';
  }
}

export interface LogDirectory {
  fetch: Fetch;
  /** All files; a log over HTTP gives no list of them. */
  list?: () => AsyncIterable<ListedFile>;
}

export const clock = {
  now: Date.now,
  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const reading = { closeSync, fstatSync, openSync, readSync };
const files = { mkdir, open, opendir, rename, rm };

/**
 * A log's files in a directory, or below an http or https URL, that nobody vouches for. Nothing is written. Throws
 * NoLogError.
 */
export async function openLogDirectory(path: string): Promise<LogDirectory> {
  if (/^https?:\/\//.test(path)) return { fetch: fetchOver({ fetch, url: path, clock }) };
  try {
    await (await opendir(path)).close();
  } catch (cause) {
    throw new NoLogError(path, cause);
  }
  const directory = new DirectoryFiles(files, path);
  return { fetch: fetchIn(reading, path), list: () => directory.list() };
}

/** The checkpoint as it lies there; null when there is none. Throws TlogError. */
export async function readCheckpoint({ fetch }: LogDirectory): Promise<Buffer | null> {
  const bytes = await fetch('checkpoint', NOTE_LIMIT);
  return bytes === null ? null : Buffer.from(bytes);
}
