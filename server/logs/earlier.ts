import { open } from 'node:fs/promises';
import {
  type FsckReport,
  NOTE_LIMIT,
  openCheckpoint,
  openReader,
  type Problem,
  type Reader,
  TlogError,
  type Trust,
  verifyConsistency,
} from '@drawbridge/tlog';
import { ConfigError } from '../config.ts';
import type { LogDirectory } from './directory.ts';

/** A checkpoint that the auditor kept from before. */
export interface Earlier {
  file: string;
  note: Buffer;
}

/** What came of comparing a log with one. */
export interface ComparedEarlier {
  file: string;
  /** Null when it is no checkpoint of the log. */
  size: number | null;
  isBeginning: boolean;
}

/** Reads the files. Throws ConfigError for one that can't be read, or that is longer than a checkpoint may be. */
export async function readEarlier(files: readonly string[]): Promise<Earlier[]> {
  return Promise.all(
    files.map(async (file) => {
      try {
        await using handle = await open(file);
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(NOTE_LIMIT + 1));
        if (bytesRead > NOTE_LIMIT) throw new Error(`it is longer than ${NOTE_LIMIT} bytes`);
        return { file, note: buffer.subarray(0, bytesRead) };
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new ConfigError('--earlier', `${file} can't be read (${why})`, 'checkpoint-of-last-year');
      }
    }),
  );
}

/**
 * Whether the log still begins with what it signed then, by a consistency proof out of its authenticated tiles. What is
 * wrong is added to the report's problems. Witnesses of that time are not asked for: their keys may have been others.
 */
export async function compareEarlier(
  directory: LogDirectory,
  trust: Trust,
  earlier: readonly Earlier[],
  report: FsckReport,
): Promise<{ report: FsckReport; compared: ComparedEarlier[] }> {
  // Without a checkpoint there is nothing to compare with, which is told by then.
  if (report.checkpoint === null || earlier.length === 0) return { report, compared: [] };
  const problems: Problem[] = [];
  const compared: ComparedEarlier[] = [];
  let reader: Reader | null = null;
  for (const { file, note } of earlier) {
    const one: ComparedEarlier = { file, size: null, isBeginning: false };
    compared.push(one);
    try {
      const { checkpoint } = openCheckpoint(note, { ...trust, quorum: 0 });
      one.size = checkpoint.size;
      reader ??= await openReader({ ...trust, fetch: directory.fetch });
      await expectBeginning(reader, report.checkpoint.checkpoint, checkpoint);
      one.isBeginning = true;
    } catch (cause) {
      if (!(cause instanceof TlogError)) throw cause;
      problems.push({ code: cause.code, path: null, message: `${file}: ${cause.message}` });
    }
  }
  const all = [...report.problems, ...problems];
  return { report: { ...report, ok: report.ok && problems.length === 0, problems: all }, compared };
}

interface Tree {
  size: number;
  root: Buffer;
}

async function expectBeginning(reader: Reader, now: Tree, then: Tree): Promise<void> {
  const { size, root } = reader.checkpoint.checkpoint;
  if (size !== now.size || !root.equals(now.root))
    throw new TlogError('contradiction', 'The log was written while it was read. Check a copy of it.');
  if (then.size > size)
    throw new TlogError(
      'contradiction',
      `It is signed for ${then.size} entries, and here are only ${size}: entries are missing at the end, or this copy is older.`,
    );
  const proof = await reader.consistency(then.size);
  if (!verifyConsistency({ old: then.size, oldRoot: then.root, size, root, proof }))
    throw new TlogError(
      'contradiction',
      `The first ${then.size} entries have another root than was signed then: the past was rewritten. Keep both checkpoints: they prove it.`,
    );
}
