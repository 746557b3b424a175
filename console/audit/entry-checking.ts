import {
  type Fetch,
  leafHash,
  logVerifier,
  nodeHash,
  openCheckpoint,
  openReader,
  parseProof,
  TlogError,
} from '@drawbridge/tlog/reading';
import { base64, bytesOf, fetchOf, type KnownLog } from './checking.ts';
import { type Step, stepsOf } from './path.ts';

/** Looking at one entry of a log: the way of its proof, and whether the log's own files hold it. */

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
  log: Pick<KnownLog, 'origin' | 'verifierKey'>,
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

/** Something that is looked at once an entry was found to be the one that the log has signed. */
export interface Further {
  name: string;
  /** Whether it holds of the entry, byte for byte as it was downloaded. Throws what keeps it from being looked at. */
  holds(entry: Uint8Array): boolean | Promise<boolean>;
}

/** The checks that every entry has, in order; each stands on those before it. */
export const entryChecks = ['checkpoint', 'tiles', 'entry'] as const;

export interface EntryCheck {
  passed: string[];
  /** `text`: what was found wrong with the log's files; null: one of the further ones does not hold. */
  failed: { check: string; text: string | null } | null;
  /** Of the tree that was downloaded. */
  size: number | null;
  files: number;
  bytes: number;
}

/**
 * Verifies one entry on the log's files: downloads checkpoint, tiles and entry, and then looks at what the entry says.
 * Throws ApiError, UnreachableError, what `signal` was aborted with, or what a further check throws.
 */
export async function checkEntry(
  index: number,
  log: KnownLog,
  further: readonly Further[],
  signal: AbortSignal,
): Promise<EntryCheck> {
  const result: EntryCheck = { passed: [], failed: null, size: null, files: 0, bytes: 0 };
  const files = fetchOf(log.name, signal);
  const trust = { origin: log.origin, log: logVerifier(log.verifierKey) };
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
  let entry: Uint8Array;
  try {
    const reader = await openReader({ ...trust, fetch });
    result.passed.push('tiles');
    result.size = reader.checkpoint.checkpoint.size;
    entry = await reader.entry(index);
    result.passed.push('entry');
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    result.failed = { check: entryChecks[result.passed.length] ?? 'entry', text: error.message };
    return result;
  }
  for (const { name, holds } of further) {
    if (!(await holds(entry))) {
      result.failed = { check: name, text: null };
      return result;
    }
    result.passed.push(name);
  }
  return result;
}

/** The members of a JSON object; null for any other text, which commits to nothing and says nothing. */
export function membersOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Whether some JSON says just this of these members; the order of members within them makes no difference. */
export function says(said: Record<string, unknown> | null, shown: Record<string, unknown>): boolean {
  return (
    said !== null && Object.entries(shown).every(([name, value]) => sorted(said[name]) === sorted(value))
  );
}

function sorted(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
