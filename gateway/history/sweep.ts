import { opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, SLACK_MS } from './files.ts';

/** How much of what the vendors keep is kept here at most, by one gateway. */
export interface HistoryBounds {
  entries: number;
  /** Bytes on the disk, by blocks. */
  bytes: number;
}

/** What a sweep found and left. */
export interface Swept {
  entries: number;
  bytes: number;
  /** Had ended. */
  ended: number;
  /** Had to go for want of room. */
  crowded: number;
}

/** Behind a sweep for want of room this share is free, so that the next is not due at once. */
const LEFT = 0.9;

/**
 * Takes away what has ended, and where there is more than the bounds let, what would end first. It looks at one file
 * after the other and lets others work between. Files that another worker takes away meanwhile are no matter.
 */
export async function sweep(directory: string, now: number, bounds: HistoryBounds): Promise<Swept> {
  const ends: number[] = [];
  const sizes: number[] = [];
  const swept: Swept = { entries: 0, bytes: 0, ended: 0, crowded: 0 };
  for await (const { path, until, bytes } of filesIn(directory)) {
    if (until + SLACK_MS < now) {
      await rm(path, { force: true });
      swept.ended++;
    } else {
      ends.push(until);
      sizes.push(bytes);
      swept.bytes += bytes;
      swept.entries++;
    }
  }
  if (swept.entries <= bounds.entries && swept.bytes <= bounds.bytes) return swept;
  const last = lastToGo(ends, sizes, swept, bounds);
  for await (const { path, until, bytes } of filesIn(directory)) {
    if (until > last) continue;
    await rm(path, { force: true });
    swept.crowded++;
    swept.entries--;
    swept.bytes -= bytes;
  }
  return swept;
}

/** Until when what goes would have been kept, at most. */
function lastToGo(
  ends: readonly number[],
  sizes: readonly number[],
  { entries, bytes }: Swept,
  bounds: HistoryBounds,
): number {
  const order = [...ends.keys()].sort((a, b) => (ends[a] ?? 0) - (ends[b] ?? 0));
  let [entriesLeft, bytesLeft, last] = [entries, bytes, 0];
  for (const at of order) {
    if (entriesLeft <= bounds.entries * LEFT && bytesLeft <= bounds.bytes * LEFT) break;
    last = ends[at] ?? 0;
    entriesLeft--;
    bytesLeft -= sizes[at] ?? 0;
  }
  return last;
}

const FOLDER = /^[0-9a-f]{2}$/;
const BLOCK = 512;

async function* filesIn(directory: string): AsyncGenerator<{ path: string; until: number; bytes: number }> {
  for await (const folder of namesIn(directory)) {
    if (!FOLDER.test(folder)) continue;
    for await (const name of namesIn(join(directory, folder))) {
      const path = join(directory, folder, name);
      const found = await statIfThere(path);
      if (found !== null) yield { path, until: found.mtimeMs, bytes: found.blocks * BLOCK };
    }
  }
}

async function* namesIn(directory: string): AsyncGenerator<string> {
  try {
    for await (const { name } of await opendir(directory)) yield name;
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
  }
}

async function statIfThere(path: string): Promise<{ mtimeMs: number; blocks: number } | null> {
  try {
    return await stat(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw cause;
  }
}
