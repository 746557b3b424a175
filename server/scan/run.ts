import { join } from 'node:path';
import { ScanError } from './errors.ts';
import type { BlobHash } from './file.ts';
import { type Found, historyPath, type Skipped } from './found.ts';
import { type Blob, blobHash, historyBlobs, repositoryRoot, stagedBlobs } from './git.ts';
import type { Batch, Outcome, Setup } from './jobs.ts';
import { Pool } from './pool.ts';
import { shownPath, walk } from './walk.ts';

export interface ScanPlan {
  paths: readonly string[];
  setup: Setup;
  threads: number;
  gitignore: boolean;
  history: boolean;
  /** Only what the next commit would bring in. */
  staged: boolean;
}

/** How far a scan is, and at its end what came of it. */
export interface ScanResult {
  /** In order of paths, then of places. */
  found: Found[];
  skipped: Skipped[];
  files: number;
  blobs: number;
  bytes: number;
}

const FILES_A_BATCH = 32;
const BLOBS_A_BATCH = 64;
const BYTES_A_BATCH = 4 * 1024 * 1024;

/**
 * Scans all that a plan names. `result` grows while it goes on. Returns the folders of the repositories that were come by.
 * Throws ScanError.
 */
export async function runScan(plan: ScanPlan, result: ScanResult): Promise<string[]> {
  const folders: string[] = [];
  const scanned = new Set<string>();
  const take = (outcome: Outcome): void => {
    for (const one of outcome.found) result.found.push(one);
    for (const one of outcome.skipped) result.skipped.push(one);
    for (const name of outcome.names) scanned.add(name);
    result.bytes += outcome.bytes;
  };
  const pool = new Pool(plan.setup, plan.threads, take);
  try {
    if (plan.staged) {
      for (const path of plan.paths) {
        const folder = await repositoryRoot(path);
        const blobs = await stagedBlobs(folder);
        const named = blobs.map((blob) => ({ ...blob, name: shownPath(join(folder, blob.name)) }));
        await giveBlobs(pool, folder, named, result);
      }
    } else {
      const repositories = await scanTrees(plan, pool, result);
      folders.push(...repositories.map(({ folder }) => folder));
      // Only then is it known which blobs of the history stand in the work tree and are scanned already.
      await pool.settled();
      for (const { path, folder } of plan.history ? repositories : []) {
        try {
          await giveBlobs(pool, folder, notYet(historyBlobs(folder), scanned, path), result);
        } catch (error) {
          if (!(error instanceof ScanError) || error.code !== 'git_failed') throw error;
          result.skipped.push({ path: path === '' ? '.' : path, reason: error.message, trouble: true });
        }
      }
    }
    await pool.settled();
  } finally {
    await pool.end();
  }
  result.found.sort(inOrder);
  return folders;
}

/** Scans the files, and gives the repositories that were come by. */
async function scanTrees(
  plan: ScanPlan,
  pool: Pool,
  result: ScanResult,
): Promise<{ path: string; folder: string }[]> {
  const repositories: { path: string; folder: string }[] = [];
  const hashes = new Map<string, BlobHash | null>();
  let files: { path: string; file: string; hash: BlobHash | null }[] = [];
  const give = async (): Promise<void> => {
    const batch: Batch = { kind: 'files', files };
    result.files += files.length;
    files = [];
    await pool.give(batch);
  };
  for (const path of plan.paths) {
    for await (const step of walk(path, plan)) {
      if (step.kind === 'skipped') {
        result.skipped.push({ path: step.path, reason: step.reason, trouble: step.trouble });
      } else if (step.kind === 'repository') {
        repositories.push(step);
        hashes.set(step.folder, plan.history ? await hashOf(step.folder) : null);
      } else {
        const hash = step.repository === null ? null : (hashes.get(step.repository) ?? null);
        files.push({ path: step.path, file: step.file, hash });
        if (files.length >= FILES_A_BATCH) await give();
      }
    }
  }
  if (files.length > 0) await give();
  return repositories;
}

/** Null where git can't read the repository: its history says so when it comes to it. */
async function hashOf(folder: string): Promise<BlobHash | null> {
  try {
    return await blobHash(folder);
  } catch (error) {
    if (error instanceof ScanError && error.code === 'git_failed') return null;
    throw error;
  }
}

async function* notYet(
  blobs: AsyncIterable<Blob>,
  scanned: ReadonlySet<string>,
  path: string,
): AsyncGenerator<Blob> {
  for await (const blob of blobs) {
    if (!scanned.has(blob.id)) yield path === '' ? blob : { ...blob, name: inRepository(path, blob.name) };
  }
}

/** `<commit>:<path>` in a repository below the working folder: the path leads there from here. */
function inRepository(path: string, name: string): string {
  const colon = name.indexOf(':') + 1;
  return `${name.slice(0, colon)}${path}/${name.slice(colon)}`;
}

async function giveBlobs(
  pool: Pool,
  folder: string,
  blobs: AsyncIterable<Blob> | Iterable<Blob>,
  result: ScanResult,
): Promise<void> {
  let held: Blob[] = [];
  let size = 0;
  const give = async (): Promise<void> => {
    const batch: Batch = { kind: 'blobs', folder, blobs: held };
    result.blobs += held.filter(({ isMessage }) => isMessage !== true).length;
    held = [];
    size = 0;
    await pool.give(batch);
  };
  for await (const blob of blobs) {
    held.push(blob);
    size += blob.size;
    if (held.length >= BLOBS_A_BATCH || size >= BYTES_A_BATCH) await give();
  }
  if (held.length > 0) await give();
}

/** Files first, then what stands in histories only. */
function inOrder(a: Found, b: Found): number {
  if (a.path === b.path) return a.start.offset - b.start.offset;
  const [one, other] = [historyPath(a.path), historyPath(b.path)];
  if (one.isOfHistory !== other.isOfHistory) return one.isOfHistory ? 1 : -1;
  if (one.within !== other.within) return one.within < other.within ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}
