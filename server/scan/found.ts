import type { Confidence, Scanner } from '@drawbridge/scan';
import type { Place } from './positions.ts';

/** What stands where. It never holds the value. */
export interface Found {
  /** As reports name it: a file, `archive.zip!/inner`, `<commit>:<path>`. */
  path: string;
  start: Place;
  end: Place;
  class: string;
  confidence: Confidence;
  detector: string;
  why: string;
  /** Keyed hash of the value, where a baseline is read or written and the value can't be guessed. */
  print: string | null;
  /** Where findings are reported: what tells which key it is. */
  marks: Marks | null;
  /** What git calls the content that it stands in; null: it is in no repository, or is not known. */
  object: string | null;
}

/** By what a control plane knows a key, without the key: hashes, as base64url. */
export interface Marks {
  /** SHA-256 of the value; null where it can be guessed. */
  sha256: string | null;
  /** HMAC-SHA256 of the value's longest run, under a key of the run; null where no kept secret has one of that length. */
  proof: string | null;
}

/** What was not scanned, and why. `trouble`: it should have been. */
export interface Skipped {
  path: string;
  reason: string;
  trouble: boolean;
}

/** What one worker knows for all that it scans. */
export interface ScanContext {
  scanner: Scanner;
  /** For fingerprints; null: none are made. */
  printKey: Buffer | null;
  /** Null: nothing is reported. */
  marksOf: ((value: string, isGuessable: boolean) => Marks) | null;
  found(one: Found): void;
  skipped(one: Skipped): void;
  /** So many more bytes of text were scanned. */
  read(bytes: number): void;
}

const OF_HISTORY = /^[0-9a-f]{12}:/;

/** Whether a path names a blob of a repository's history; and the path without its commit, as it was at the time. */
export function historyPath(path: string): { isOfHistory: boolean; within: string } {
  const isOfHistory = OF_HISTORY.test(path);
  return { isOfHistory, within: isOfHistory ? path.slice(13) : path };
}
