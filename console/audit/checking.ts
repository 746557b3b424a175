import {
  cosignatureVerifier,
  type Fetch,
  fsck,
  leafHash,
  logVerifier,
  nodeHash,
  openCheckpoint,
  openReader,
  parseNote,
  parsePath,
  parseProof,
  type Reader,
  sha256,
  TlogError,
  verifyConsistency,
} from '@drawbridge/tlog/reading';
import type { ChangeDetail, LogRow } from '../api/audit-types.ts';
import { readBytes } from '../api/client.ts';
import { type Step, stepsOf } from './path.ts';

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

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

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

/** Files of a log, as they are handed out. What keeps them from coming is no finding about the log: it is thrown. */
function fetchOf(name: string, signal: AbortSignal): Fetch {
  return (path, limit) => readBytes(`/logs/${encodeURIComponent(name)}/${path}`, limit, signal);
}

/**
 * Verifies a whole log: every entry and tile against the signed root, and that it begins with what this browser verified
 * before. Throws ApiError, UnreachableError, or what `signal` was aborted with.
 */
export async function checkLog(
  log: Pick<LogRow, 'name' | 'origin' | 'verifierKey' | 'root'>,
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
  const report = await fsck({ ...trust, fetch, clock, limits });
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

/** A step of the way up with the hashes of its two nodes, in base64. */
export interface LitStep extends Step {
  hash: string;
  siblingHash: string;
}

/** The way from an entry to a signed root, worked out here. */
export interface LitPath {
  index: number;
  size: number;
  steps: LitStep[];
  /** What the way leads to. */
  computed: string;
  /** What the log has signed. */
  signed: string;
  checkpoint: string;
  /** The entry's hash, the way and the signed root fit together. */
  fits: boolean;
}

/** The way of an entry's proof. Throws TlogError when proof or checkpoint are none, or not signed with the log's key. */
export function lightPath(
  proofText: string,
  entry: string,
  log: Pick<LogRow, 'origin' | 'verifierKey'>,
): LitPath {
  const { index, hashes, checkpoint } = parseProof(proofText);
  const trust = { origin: log.origin, log: logVerifier(log.verifierKey) };
  const { size, root } = openCheckpoint(checkpoint, trust).checkpoint;
  const steps: LitStep[] = [];
  let hash = leafHash(bytesOf(entry));
  const way = index < size ? stepsOf(index, size) : [];
  for (const [at, step] of way.entries()) {
    const sibling = hashes[at];
    if (sibling === undefined) break;
    steps.push({ ...step, hash: base64(hash), siblingHash: base64(sibling) });
    hash = step.side === 'left' ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  }
  const computed = base64(hash);
  const signed = base64(root);
  const fits = index < size && hashes.length === way.length && computed === signed;
  return { index, size, steps, computed, signed, checkpoint, fits };
}

/** What is looked at for one change, in order; each stands on those before it. */
export const checks = ['checkpoint', 'tiles', 'entry', 'payload'] as const;
export type CheckName = (typeof checks)[number];

export interface ChangeCheck {
  passed: CheckName[];
  failed: { check: CheckName; text: string } | null;
  /** Of the tree that was downloaded. */
  size: number | null;
  files: number;
  bytes: number;
}

/**
 * Verifies one change on the log's files: downloads checkpoint, tiles and entry, and compares the entry's commitment with
 * what the page shows. Throws ApiError, UnreachableError, or what `signal` was aborted with.
 */
export async function checkChange(
  change: ChangeDetail & { index: number },
  log: Pick<LogRow, 'name' | 'origin' | 'verifierKey'>,
  signal: AbortSignal,
): Promise<ChangeCheck> {
  const result: ChangeCheck = { passed: [], failed: null, size: null, files: 0, bytes: 0 };
  const files = fetchOf(log.name, signal);
  const fetch: Fetch = async (path, limit) => {
    const bytes = await files(path, limit);
    if (bytes !== null) result.files += 1;
    result.bytes += bytes?.length ?? 0;
    if (path === 'checkpoint' && bytes !== null) {
      openCheckpoint(bytes, trust);
      result.passed.push('checkpoint');
    }
    return bytes;
  };
  const trust = { origin: log.origin, log: logVerifier(log.verifierKey) };
  try {
    const reader = await openReader({ ...trust, fetch });
    result.passed.push('tiles');
    result.size = reader.checkpoint.checkpoint.size;
    const entry = await reader.entry(change.index);
    result.passed.push('entry');
    if (commits(entry, change)) result.passed.push('payload');
    else result.failed = { check: 'payload', text: 'payload' };
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    const check = checks[result.passed.length] ?? 'payload';
    result.failed = { check, text: error.message };
  }
  return result;
}

/** Whether an entry commits to the payload, and the payload says what the page shows. */
function commits(entry: Uint8Array, change: ChangeDetail): boolean {
  const leaf = membersOf(new TextDecoder().decode(entry));
  const said = membersOf(change.payload);
  const salt = bytesOf(change.salt);
  const payload = new TextEncoder().encode(change.payload);
  const both = new Uint8Array(salt.length + payload.length);
  both.set(salt);
  both.set(payload, salt.length);
  const { id, at, actor, reason, act, subject, detail } = change;
  const shown = { id, at, actor, reason, act, subject, detail };
  return (
    leaf?.commit === base64(sha256(both)) &&
    Object.entries(shown).every(([name, value]) => sorted(said?.[name]) === sorted(value))
  );
}

/** The members of a JSON object; null for any other text, which commits to nothing and says nothing. */
function membersOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** JSON in which the order of members makes no difference. */
function sorted(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
