import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { StatedLog } from '@drawbridge/control';
import { openDirectory } from '@drawbridge/gateway';
import { openJournal } from '@drawbridge/journal';
import {
  BUNDLE_LIMIT,
  bundlePath,
  bundlesOf,
  DirectoryFiles,
  decodeBundle,
  encodeBundle,
  formatVerifierKey,
  fsck,
  HASH_BYTES,
  keyTypes,
  logVerifier,
  NOTE_LIMIT,
  openCheckpoint,
  openReader,
  parseCheckpoint,
  parseNote,
  parsePath,
  signedIn,
  TILE_WIDTH,
  type TileFiles,
  TlogError,
  type Trust,
  tilePath,
  tilesOf,
  verifierKeyOf,
  verifyConsistency,
} from '@drawbridge/tlog';
import { BackupError } from './errors.ts';
import { type ListedFile, writeListed } from './files.ts';
import type { Manifest, StoredLog } from './manifest.ts';
import type { Client } from './tables.ts';

/** A checkpoint is due every second. */
const WAIT_MS = 15_000;
const LOOK_MS = 100;
const JOURNAL_BYTES = 1024 * 1024;
const OF_JOURNAL = '.journal';

/** What is on the disk does not make a log that can be cut. */
class UnfitLog extends Error {}

const clock = {
  now: Date.now,
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Copies the logs below a data directory, each as one of its signed checkpoints has it: the one that the database knows
 * of, or the first after it that holds all that the rows point to. A log that does not verify is copied as it lies there.
 */
export async function dumpLogs(
  client: Client,
  { dataDir, stated }: { dataDir: string; stated: readonly StatedLog[] },
  directory: string,
): Promise<{ logs: StoredLog[]; files: ListedFile[] }> {
  const logs: StoredLog[] = [];
  const files: ListedFile[] = [];
  for (const name of await logNames(dataDir)) {
    const from = new DirectoryFiles(fs, join(dataDir, 'logs', name));
    const rows = stated.find((log) => log.name === name) ?? null;
    const origin = rows?.origin ?? (await originIn(from));
    if (origin === null) continue;
    const known = rows ?? { ...(await keptFor(client, origin)), isCurrent: true };
    const verifierKey = await verifierKeyFor(client, origin);
    if (verifierKey === null) continue;
    const log = { name, origin, verifierKey };
    const trust = { origin, log: logVerifier(verifierKey) };
    try {
      const cut = await cutLog(from, known, trust);
      if (cut === null) continue;
      files.push(...(await writeCut(from, cut, directory, name)));
      await expectWhole(join(directory, 'logs', name), trust);
      const root = parseCheckpoint(parseNote(cut.note).text).root.toString('base64');
      logs.push({ ...log, size: cut.size, root, unfit: null });
    } catch (error) {
      if (!(error instanceof UnfitLog) && !(error instanceof TlogError)) throw error;
      await fs.rm(join(directory, 'logs', name), { recursive: true, force: true });
      for (let at = files.length - 1; at >= 0; at--)
        if (files[at]?.path.startsWith(`logs/${name}/`)) files.splice(at, 1);
      files.push(...(await writeAsIs(from, directory, name)));
      logs.push({ ...log, size: 0, root: Buffer.alloc(HASH_BYTES).toString('base64'), unfit: error.message });
    }
  }
  return { logs, files };
}

async function logNames(dataDir: string): Promise<string[]> {
  const entries = await fs.readdir(join(dataDir, 'logs'), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.endsWith(OF_JOURNAL))
    .map(({ name }) => name)
    .toSorted();
}

/** By the checkpoint's own word; null where there is none. */
async function originIn(files: TileFiles): Promise<string | null> {
  try {
    const note = await files.read('checkpoint', NOTE_LIMIT);
    return note === null ? null : parseCheckpoint(parseNote(note).text).origin;
  } catch (error) {
    if (error instanceof TlogError) return null;
    throw error;
  }
}

/** Of a log that changes do not point to: the entries and the last checkpoint that the database knows of. */
async function keptFor(client: Client, origin: string): Promise<Pick<StatedLog, 'least' | 'checkpoint'>> {
  const { rows } = await client.query<Pick<StatedLog, 'least' | 'checkpoint'>>(
    `SELECT (SELECT coalesce(max(log_index) + 1, 0)::bigint FROM root_entry WHERE log = $1) AS least,
      (SELECT checkpoint FROM control_log WHERE origin = $1) AS checkpoint`,
    [origin],
  );
  return rows[0] ?? { least: 0, checkpoint: null };
}

async function verifierKeyFor(client: Client, origin: string): Promise<string | null> {
  const { rows } = await client.query<{ key: Buffer | null }>(
    'SELECT public_key AS key FROM deployment_secret WHERE use = $1',
    [`log ${origin}`],
  );
  const key = rows[0]?.key ?? null;
  return key === null ? null : formatVerifierKey(verifierKeyOf(origin, keyTypes.log, key));
}

/** Where to cut; null: nothing was ever signed or pointed to. Throws UnfitLog, TlogError. */
async function cutLog(
  files: TileFiles,
  known: Pick<StatedLog, 'least' | 'checkpoint' | 'isCurrent'>,
  trust: Trust,
): Promise<{ note: string; size: number } | null> {
  const sizeOf = (note: string): number => openCheckpoint(note, trust).checkpoint.size;
  const stated = known.checkpoint;
  const signed = stated === null ? 0 : sizeOf(stated);
  const end = performance.now() + (known.isCurrent ? WAIT_MS : 0);
  for (;;) {
    const note = (await files.read('checkpoint', NOTE_LIMIT))?.toString() ?? null;
    const size = note === null ? 0 : sizeOf(note);
    // All that the rows point to and nothing more, where a checkpoint says just that.
    const isExact = stated !== null && signed < size && signed >= known.least;
    if (isExact) return { note: stated, size: signed };
    if (size >= known.least && size >= signed) return note === null ? null : { note, size };
    if (performance.now() >= end) {
      // Signed and not published: its tiles are there, and witnesses are wanting.
      if (stated !== null && signed >= known.least) return { note: stated, size: signed };
      throw new UnfitLog(
        `The checkpoint of ${trust.origin} has ${size} entries, and the database points to ${known.least}.`,
      );
    }
    await pause(LOOK_MS);
  }
}

async function writeCut(
  from: TileFiles,
  { note, size }: { note: string; size: number },
  directory: string,
  name: string,
): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  const write = async (path: string, bytes: Uint8Array) =>
    files.push(await writeListed(directory, `logs/${name}/${path}`, bytes));
  await write('checkpoint', Buffer.from(note));
  for (const tile of tilesOf(size)) {
    const limit = TILE_WIDTH * HASH_BYTES;
    const { bytes } = await widened(from, tile.width, (width) => tilePath({ ...tile, width }), limit);
    await write(tilePath(tile), bytes.subarray(0, tile.width * HASH_BYTES));
  }
  for (const bundle of bundlesOf(size)) {
    const pathOf = (width: number) => bundlePath({ ...bundle, width });
    const { bytes, width } = await widened(from, bundle.width, pathOf, BUNDLE_LIMIT);
    const entries = width === bundle.width ? null : decodeBundle(bytes, width).slice(0, bundle.width);
    await write(bundlePath(bundle), entries === null ? bytes : encodeBundle(entries));
  }
  return files;
}

/** A tile begins with every narrower one in its place, and these are removed once it is full. */
async function widened(
  from: TileFiles,
  least: number,
  pathOf: (width: number) => string,
  limit: number,
): Promise<{ bytes: Buffer; width: number }> {
  for (let width = least; width <= TILE_WIDTH; width++) {
    const bytes = await from.read(pathOf(width), limit);
    if (bytes !== null) return { bytes, width };
  }
  throw new UnfitLog(`${pathOf(least)} is missing.`);
}

async function writeAsIs(from: DirectoryFiles, directory: string, name: string): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  for await (const { path, kind } of from.list()) {
    if (kind !== 'file' || parsePath(path) === null) continue;
    const bytes = await fs.readFile(join(from.where, path));
    files.push(await writeListed(directory, `logs/${name}/${path}`, bytes));
  }
  return files;
}

/** Throws UnfitLog. */
async function expectWhole(path: string, trust: Trust): Promise<void> {
  const files = new DirectoryFiles(fs, path);
  const fetch = (file: string, limit: number) => files.read(file, limit);
  const { problems } = await fsck({ ...trust, fetch, list: () => files.list(), clock });
  if (problems[0] !== undefined) throw new UnfitLog(problems[0].message);
}

/**
 * Brings the logs of a backup back below a data directory, each so that it goes on where its checkpoint ends. Throws
 * BackupError `damaged`.
 */
export async function loadLogs(directory: string, manifest: Manifest, dataDir: string): Promise<void> {
  for (const log of manifest.logs) {
    const to = join(dataDir, 'logs', log.name);
    await fs.mkdir(to, { recursive: true, mode: 0o700 });
    const prefix = `logs/${log.name}/`;
    for (const { path } of manifest.files.filter((file) => file.path.startsWith(prefix)))
      await writeListed(to, path.slice(prefix.length), await fs.readFile(join(directory, path)));
    if (log.unfit !== null) continue;
    try {
      await expectWhole(to, trustOf(log));
    } catch (cause) {
      if (!(cause instanceof UnfitLog)) throw cause;
      throw new BackupError(
        'damaged',
        `The log ${log.origin} of the backup does not verify. ${cause.message}`,
      );
    }
    await writeAhead(to, log);
  }
}

/** What a log's writer keeps beside its files: that all entries are written, and what was signed last. */
async function writeAhead(path: string, { origin, size, ...log }: StoredLog): Promise<void> {
  const storage = await openDirectory(`${path}${OF_JOURNAL}`);
  const files = new DirectoryFiles(fs, path);
  const note = await files.read('checkpoint', NOTE_LIMIT);
  if (note === null) return;
  const fetch = (file: string, limit: number) => files.read(file, limit);
  const reader = await openReader({ ...trustOf({ origin, ...log }), fetch });
  const journal = await openJournal({ storage, origin, clock, report: () => undefined });
  try {
    let waiting: Promise<unknown>[] = [];
    let bytes = 0;
    const settle = async () => {
      await Promise.all(waiting);
      waiting = [];
      bytes = 0;
    };
    if (size > 0) {
      for await (const entry of reader.entries(0)) {
        waiting.push(journal.append(entry, null));
        bytes += entry.length;
        if (bytes > JOURNAL_BYTES) await settle();
      }
    }
    await settle();
  } finally {
    await journal.close();
  }
  await signedIn(storage).save(note);
}

const trustOf = ({ origin, verifierKey }: Pick<StoredLog, 'origin' | 'verifierKey'>): Trust => ({
  origin,
  log: logVerifier(verifierKey),
});

/** Whether a log of a backup begins with a tree that was signed. */
export async function beginsWith(
  directory: string,
  log: StoredLog,
  tree: { size: number; root: string },
): Promise<boolean> {
  if (tree.size >= log.size) return tree.size === log.size && tree.root === log.root;
  const files = new DirectoryFiles(fs, join(directory, 'logs', log.name));
  const reader = await openReader({ ...trustOf(log), fetch: (path, limit) => files.read(path, limit) });
  const { size, root } = reader.checkpoint.checkpoint;
  const proof = await reader.consistency(tree.size);
  const oldRoot = Buffer.from(tree.root, 'base64');
  return verifyConsistency({ old: tree.size, oldRoot, size, root, proof });
}
