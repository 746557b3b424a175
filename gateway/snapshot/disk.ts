import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { unwrap, wrap } from '@drawbridge/envelope';
import type { Snapshot } from '@drawbridge/protocol';
import { SnapshotError } from './errors.ts';
import { readSnapshot } from './open.ts';

const FILE = 'snapshot.sealed';
const CONTEXT = new TextEncoder().encode('drawbridge snapshot file 1');

export interface SnapshotStore {
  /** The last good snapshot; null when there is none yet. Throws SnapshotError `file_unreadable` or `malformed`. */
  load(): Promise<Snapshot | null>;
  /** Durable when it returns: a crash in between leaves the one before. */
  save(snapshot: Snapshot): Promise<void>;
}

/** Whether a gateway has been in service in this directory before. */
export function hasStoredSnapshot(directory: string): boolean {
  return existsSync(join(directory, FILE));
}

/**
 * The newest snapshot that any worker of the gateway in `directory` has kept: a worker that was not needed for a while
 * must not serve from what was in force then. Throws SnapshotError when a copy is no good and none other is there.
 */
export async function newestSnapshot(
  directory: string,
  key: Uint8Array,
  random: (bytes: number) => Buffer,
): Promise<Snapshot | null> {
  const names = await readdir(directory).catch(() => []);
  const directories = [
    directory,
    ...names.filter((name) => COPY.test(name)).map((name) => join(directory, name)),
  ];
  let newest: Snapshot | null = null;
  let wrong: SnapshotError | null = null;
  for (const each of directories) {
    try {
      const found = await openSnapshotStore(each, key, random).load();
      if (found !== null && (newest === null || found.version > newest.version)) newest = found;
    } catch (cause) {
      if (!(cause instanceof SnapshotError)) throw cause;
      wrong = cause;
    }
  }
  if (newest === null && wrong !== null) throw wrong;
  return newest;
}

/** Directories of further workers. */
const COPY = /^worker-\d+$/;

/** The last good snapshot in `directory`, sealed under the gateway's own key (32 bytes), which lies elsewhere. */
export function openSnapshotStore(
  directory: string,
  key: Uint8Array,
  random: (bytes: number) => Buffer,
): SnapshotStore {
  const path = join(directory, FILE);
  return {
    async load() {
      const sealed = await readIfThere(path);
      return sealed === null ? null : readSnapshot(parse(openFile(sealed, key, path)));
    },
    async save(snapshot) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const sealed = wrap(key, Buffer.from(JSON.stringify(snapshot)), CONTEXT, random(12));
      const fresh = `${path}.new`;
      const file = await open(fresh, 'w', 0o600);
      try {
        await file.writeFile(sealed);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
      await syncDirectory(directory);
    },
  };
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new SnapshotError('file_unreadable', `The snapshot file ${path} can't be read.`, cause);
  }
}

function openFile(sealed: Buffer, key: Uint8Array, path: string): Buffer {
  try {
    return unwrap(key, sealed, CONTEXT);
  } catch (cause) {
    throw new SnapshotError(
      'file_unreadable',
      `The snapshot file ${path} was changed, cut short, or sealed under another key. It is not used.`,
      cause,
    );
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new SnapshotError('malformed', 'The snapshot file does not hold JSON.', cause);
  }
}

/** A rename is durable only when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
