import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCheckpoint, parseNote, TlogError } from '@drawbridge/tlog';
import { NoLogError, openLogDirectory, readCheckpoint } from './directory.ts';

export interface FoundLog {
  path: string;
  /** When its checkpoint was written, ISO 8601. */
  written: string;
  /** Null when it can't be read. Nothing of it is verified. */
  checkpoint: { origin: string; size: number; signatures: number } | null;
  problem: string | null;
}

/** A data directory has a few dozen. */
const DIRECTORY_LIMIT = 20_000;
const DEPTH_LIMIT = 12;
/** The database's own, which may be another user's. */
const NOT_OURS = 'postgres';

/**
 * The directories below that have a checkpoint. Links are not followed, and a log's own directories not looked into.
 * `unread`: directories that this user may not read, or that were too many or too deep. Throws NoLogError.
 */
export async function findLogs(dataDir: string): Promise<{ logs: FoundLog[]; unread: number }> {
  const logs: FoundLog[] = [];
  let unread = 0;
  const waiting = [{ path: dataDir, depth: 0 }];
  for (let seen = 0; waiting.length > 0; seen++) {
    const next = waiting.shift();
    if (next === undefined) break;
    const { path, depth } = next;
    let entries: Dirent[];
    try {
      if (seen >= DIRECTORY_LIMIT || depth > DEPTH_LIMIT) throw new Error('too many directories');
      entries = await readdir(path, { withFileTypes: true });
    } catch (cause) {
      if (depth === 0) throw new NoLogError(path, cause);
      unread++;
      continue;
    }
    if (entries.some((entry) => entry.name === 'checkpoint' && entry.isFile())) {
      logs.push(await describe(path));
      continue;
    }
    const folders = entries.filter(
      (entry) => entry.isDirectory() && !(depth === 0 && entry.name === NOT_OURS),
    );
    for (const { name } of folders.sort((one, other) => (one.name < other.name ? -1 : 1)))
      waiting.push({ path: join(path, name), depth: depth + 1 });
  }
  return { logs, unread };
}

async function describe(path: string): Promise<FoundLog> {
  const { mtime } = await lstat(join(path, 'checkpoint'));
  const found = { path, written: mtime.toISOString() };
  try {
    const bytes = await readCheckpoint(await openLogDirectory(path));
    const { text, signatures } = parseNote(bytes ?? '');
    const { origin, size } = parseCheckpoint(text);
    return { ...found, checkpoint: { origin, size, signatures: signatures.length }, problem: null };
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    return { ...found, checkpoint: null, problem: cause.message };
  }
}
