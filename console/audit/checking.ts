import {
  cosignatureVerifier,
  type Fetch,
  fsck,
  logVerifier,
  openReader,
  parseNote,
  parsePath,
  type Reader,
  TlogError,
  verifyConsistency,
} from '@drawbridge/tlog/reading';
import type { LogRow } from '../api/audit-types.ts';
import { readBytes } from '../api/client.ts';

/**
 * Verifying in the browser, by libs/tlog: what is believed is the log's key alone; tiles, entries and checkpoint are
 * downloaded, hashed and compared here. Loaded when somebody looks at a proof or verifies.
 */

/** The most that a browser reads of one log: beyond that, the script for auditors is the better tool. */
const limits = { bytes: 512 * 2 ** 20, ms: 10 * 60_000 };

const clock = {
  now: () => performance.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** A tree that this browser has verified before. */
export interface Kept {
  verifierKey: string;
  size: number;
  root: string;
  /** Milliseconds since 1970. */
  at: number;
}

export interface Progress {
  entries: number;
  /** As the checkpoint says, which is not verified yet; null before it is read. */
  of: number | null;
  bytes: number;
}

export interface Finding {
  path: string | null;
  text: string;
}

/** Another key, fewer entries than before, or other entries than before. */
export type Contradiction = 'key' | 'shorter' | 'rewritten';

export interface LogCheck {
  /** `unfinished`: nothing wrong was found as far as it went, and it did not go to the end. */
  verdict: 'verified' | 'wrong' | 'unfinished';
  checkpoint: { size: number; root: string } | null;
  checked: { entries: number; tiles: number; bundles: number; bytes: number };
  /** Entries that were pruned and not looked at. */
  pruned: number;
  findings: Finding[];
  /** More than are in the list. */
  more: number;
  /** How it contradicts what this browser verified before. */
  contradiction: Contradiction | null;
  /** Witnesses that are set for the log and have cosigned the checkpoint, verified; `time`: seconds since 1970, by their clocks. */
  cosigned: { name: string; time: number }[];
  /** Who else has signed the checkpoint. Their keys are not known here. */
  cosigners: string[];
  /** What this browser had verified before and the log begins with; null for the first time. */
  before: Kept | null;
  ms: number;
}

/** What is believed of a log: its key. And where its files are had. */
export type KnownLog = Pick<LogRow, 'name' | 'origin' | 'verifierKey'> &
  Partial<Pick<LogRow, 'root'>> & {
    /** As its holder states it: entries before it were pruned. 0 unless told. */
    minimumIndex?: number;
  };

/** Files of a log, as they are handed out. What keeps them from coming is no finding about the log: it is thrown. */
export function fetchOf(name: string, signal: AbortSignal): Fetch {
  const place = name.split('/').map(encodeURIComponent).join('/');
  return (path, limit) => readBytes(`/logs/${place}/${path}`, limit, signal);
}

/**
 * Verifies a whole log: every entry and tile against the signed root, and that it begins with what this browser verified
 * before. Throws ApiError, UnreachableError, or what `signal` was aborted with.
 */
export async function checkLog(
  log: KnownLog,
  kept: Kept | null,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<LogCheck> {
  const start = performance.now();
  const files = fetchOf(log.name, signal);
  const progress: Progress = { entries: 0, of: null, bytes: 0 };
  let failed: unknown;
  let note: Uint8Array | null = null;
  const fetch: Fetch = async (path, limit) => {
    // One checkpoint for all of it, however the log grows meanwhile.
    if (path === 'checkpoint' && note !== null) return note;
    try {
      signal.throwIfAborted();
      const bytes = await files(path, limit);
      if (path === 'checkpoint') note = bytes;
      const parsed = parsePath(path);
      if (parsed?.kind === 'entries' && bytes !== null) progress.entries += parsed.bundle.width;
      progress.bytes += bytes?.length ?? 0;
      if (note !== null) progress.of ??= claimedSize(note);
      onProgress({ ...progress });
      return bytes;
    } catch (error) {
      failed ??= error;
      throw error;
    }
  };
  // How many are required was the log's to know when it was published: here it is said who did.
  const witnesses = (log.root?.witnesses ?? []).map(({ key }) => cosignatureVerifier(key));
  const trust = { origin: log.origin, log: logVerifier(log.verifierKey), witnesses, quorum: 0 };
  const report = await fsck({ ...trust, fetch, clock, limits, minimumIndex: log.minimumIndex });
  if (failed !== undefined) throw failed;
  const findings: Finding[] = report.problems.map(({ path, message }) => ({ path, text: message }));
  const gaveUp = report.problems.every(({ code }) => code === 'gave_up');
  const contradiction =
    report.ok && kept !== null
      ? await contradictionOf(kept, log.verifierKey, await openReader({ ...trust, fetch }))
      : null;
  const { checkpoint } = report;
  return {
    verdict: report.ok && contradiction === null ? 'verified' : !report.ok && gaveUp ? 'unfinished' : 'wrong',
    checkpoint:
      checkpoint === null
        ? null
        : { size: checkpoint.checkpoint.size, root: base64(checkpoint.checkpoint.root) },
    checked: report.checked,
    pruned: report.pruned,
    findings,
    more: report.more,
    contradiction,
    cosigned: (checkpoint?.cosignatures ?? []).map(({ name, time }) => ({ name, time })),
    cosigners: note === null ? [] : cosignersOf(note, [log.origin, ...witnesses.map(({ name }) => name)]),
    before: report.ok ? kept : null,
    ms: performance.now() - start,
  };
}

/** What the second line of a checkpoint says, for an estimate of how long it takes. */
function claimedSize(note: Uint8Array): number | null {
  const size = Number(new TextDecoder().decode(note).split('\n')[1]);
  return Number.isSafeInteger(size) ? size : null;
}

function cosignersOf(note: Uint8Array, known: readonly string[]): string[] {
  try {
    const names = parseNote(note).signatures.map(({ name }) => name);
    return [...new Set(names)].filter((name) => !known.includes(name));
  } catch (error) {
    // That it is no note is among the findings.
    if (error instanceof TlogError) return [];
    throw error;
  }
}

/** How the log contradicts what was verified before; null when it does not. */
async function contradictionOf(
  kept: Kept,
  verifierKey: string,
  reader: Reader,
): Promise<Contradiction | null> {
  if (kept.verifierKey !== verifierKey) return 'key';
  const { size, root } = reader.checkpoint.checkpoint;
  if (size < kept.size) return 'shorter';
  const proof = await reader.consistency(kept.size);
  const begins = verifyConsistency({ old: kept.size, oldRoot: bytesOf(kept.root), size, root, proof });
  return begins ? null : 'rewritten';
}
