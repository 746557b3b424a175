import { createReadStream } from 'node:fs';
import {
  createIdentifier,
  knownOf,
  type Sighting,
  sightingsOf,
  type VendorFacts,
  webHosts,
} from '@drawbridge/control/packs';
import { EvidenceError, type ReadEvidenceOptions, readEvidence } from '@drawbridge/evidence';
import { shownPath, walk } from '../scan/walk.ts';

export interface Skipped {
  file: string;
  line?: number;
  field?: string;
  why: string;
  /** It is evidence, and could not be read; else it is merely no evidence. */
  trouble: boolean;
}

export interface Discovered {
  sightings: Sighting[];
  skipped: Skipped[];
  files: number;
  bytes: number;
}

/** What is others' work: a project's own manifests say what it depends on. */
const othersWork = /(^|\/)(node_modules|vendor|\.venv|venv|__pycache__|site-packages)\//;
const PIECE = 1024 * 1024;

/**
 * Reads all evidence at and below the paths, and says whose the names in it are. Opens nothing but these files. `into` grows as
 * it goes. Throws ScanError `no_such_path`, EvidenceError `unknown_format` for a format that was asked for and is none.
 */
export async function discover(
  paths: readonly string[],
  facts: readonly VendorFacts[],
  options: ReadEvidenceOptions,
  into: Discovered,
): Promise<void> {
  const identifier = createIdentifier(knownOf(facts), await webHosts());
  for (const path of paths) {
    for await (const step of walk(path, { gitignore: false })) {
      if (step.kind === 'skipped')
        into.skipped.push({ file: step.path, why: step.reason, trouble: step.trouble });
      if (step.kind !== 'file' || (step.path !== shownPath(path) && othersWork.test(step.path))) continue;
      try {
        const pieces = createReadStream(step.file, { highWaterMark: PIECE });
        const read = await readEvidence(step.path, counted(pieces, into), options);
        into.files += 1;
        into.sightings.push(...sightingsOf(step.path, read.traces, identifier));
        for (const { line, field, why } of read.unread)
          into.skipped.push({
            file: step.path,
            line,
            ...(field === null ? {} : { field }),
            why,
            trouble: true,
          });
        const untold = read.unreadCount - read.unread.length;
        if (untold > 0)
          into.skipped.push({
            file: step.path,
            why: `${untold} more places could not be read`,
            trouble: true,
          });
        if (read.overflow > 0)
          into.skipped.push({
            file: step.path,
            why: `holds more names than are kept: ${read.overflow} were left out`,
            trouble: true,
          });
      } catch (error) {
        const skipped = skippedBy(step.path, error);
        // Of a folder most files are no evidence; whoever names one says that it is.
        into.skipped.push({ ...skipped, trouble: skipped.trouble || step.path === shownPath(path) });
      }
    }
  }
}

async function* counted(pieces: AsyncIterable<Buffer>, into: Discovered): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    into.bytes += piece.length;
    yield piece;
  }
}

function skippedBy(file: string, error: unknown): Skipped {
  if (error instanceof EvidenceError) {
    const { line, field, message: why, code } = error;
    return {
      file,
      ...(line === null ? {} : { line }),
      ...(field === null ? {} : { field }),
      why,
      trouble: code !== 'unknown_format',
    };
  }
  if (error instanceof Error && 'code' in error && 'syscall' in error)
    return { file, why: `can't be read (${String(error.code)})`, trouble: true };
  throw error;
}
