import {
  Frontier,
  HASH_BYTES,
  leafHash,
  openReader,
  sameHash,
  TlogError,
  verifyConsistency,
} from '@drawbridge/tlog';
import type pg from 'pg';
import { fetchUnder, type OwnLog } from '../audit/index.ts';
import { type NewestCheckpoint, readPrunedHashes } from '../checkpoints/index.ts';
import { readStoredEntries } from '../crossings/index.ts';
import type { SignedCheckpoint, Taken } from './entry.ts';
import { readEdge } from './store.ts';
import { SourceRefused } from './trouble.ts';

/** Entries read at a time, and of one log at a look: a long one that is seen for the first time takes several. */
const READ_ENTRIES = 1_000;
const LOOK_ENTRIES = 20_000;

/** A log that is written here, whose files show that it grew. Throws SourceRefused where they do not. */
export async function expectGrown(
  { origin, log, files }: OwnLog,
  old: Taken,
  next: SignedCheckpoint,
): Promise<void> {
  const reader = await openReader({ origin, log, fetch: fetchUnder(next.entry, files) });
  const proof = await reader.consistency(old.size);
  if (!verifyConsistency({ old: old.size, oldRoot: old.root, size: next.size, root: next.root, proof }))
    throw rewritten(old, next);
}

/**
 * The trees of gateways' logs, computed from their entries as they lie in the database, or from the hashes of those that
 * are pruned: from the tree that the root log holds on, whatever was verified of it before.
 */
export class StoredTrees {
  /** How far each was computed. `passed`: the tree of the root log that it was found to begin with; null: of none yet. */
  readonly #reached = new Map<string, { tree: Frontier; passed: Taken | null }>();

  /**
   * The edge of the tree of `next`, which begins with the one of `old`; null while there are entries left to read: call
   * again. Throws SourceRefused where it does not, or `next` has another root.
   */
  async grow(
    client: pg.PoolClient,
    source: NewestCheckpoint,
    old: Taken | null,
    next: SignedCheckpoint,
  ): Promise<Buffer | null> {
    const reached = this.#reached.get(source.origin) ?? (await begin(client, source.origin, old));
    this.#reached.delete(source.origin);
    let left = LOOK_ENTRIES;
    if (old !== null && reached.passed?.index !== old.index) {
      left -= await advance(client, source, reached.tree, Math.min(old.size, reached.tree.size + left));
      if (reached.tree.size < old.size) return this.#later(source.origin, reached);
      if (!sameHash(reached.tree.root(), old.root))
        throw new SourceRefused(
          'rewritten',
          `The entries of ${source.origin} that are stored here do not give the tree of ${old.size} entries that the root log holds (entry ${old.index}): they were changed.`,
        );
      reached.passed = old;
    }
    await advance(client, source, reached.tree, Math.min(next.size, reached.tree.size + left));
    if (reached.tree.size < next.size) return this.#later(source.origin, reached);
    if (!sameHash(reached.tree.root(), next.root)) throw rewritten(old, next);
    return Buffer.concat(reached.tree.hashes());
  }

  #later(origin: string, reached: { tree: Frontier; passed: Taken | null }): null {
    this.#reached.set(origin, reached);
    return null;
  }
}

/** From the edge that is kept, if it is that of a tree not larger than the one that the root log holds; else from nothing. */
async function begin(
  client: pg.PoolClient,
  origin: string,
  old: Taken | null,
): Promise<{ tree: Frontier; passed: Taken | null }> {
  const kept = old === null ? null : await readEdge(client, origin);
  if (old === null || kept === null || kept.size > old.size) return { tree: Frontier.empty(), passed: null };
  const tree = frontierOf(kept.size, kept.edge);
  // Hashes that give the root are the edge: whoever changed them in the database has changed the root.
  if (tree === null || (kept.size === old.size && !sameHash(tree.root(), old.root)))
    return { tree: Frontier.empty(), passed: null };
  return { tree, passed: null };
}

function frontierOf(size: number, edge: Buffer): Frontier | null {
  const hashes = Array.from({ length: edge.length / HASH_BYTES }, (_, at) =>
    edge.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
  try {
    return Frontier.of(size, hashes);
  } catch (error) {
    if (error instanceof TlogError) return null;
    throw error;
  }
}

/**
 * Adds stored entries up to `until`, and returns how many. Of those that are pruned the kept hashes do: changed ones would
 * not give the root that was signed.
 */
async function advance(
  client: pg.PoolClient,
  { log, origin }: NewestCheckpoint,
  tree: Frontier,
  until: number,
): Promise<number> {
  const from = tree.size;
  while (tree.size < until) {
    const end = Math.min(until, tree.size + READ_ENTRIES);
    const entries = await readStoredEntries(client, log, tree.size, end);
    const hashes = entries?.map(leafHash) ?? (await readPrunedHashes(client, log, tree.size, end));
    if (hashes.length === 0)
      throw new SourceRefused(
        'entries_missing',
        `Entries of ${origin} between ${tree.size} and ${end} are not stored here, so that no one can say whether it only grew.`,
      );
    for (const hash of hashes) tree.append(hash);
  }
  return tree.size - from;
}

function rewritten(old: Taken | null, { origin, size }: SignedCheckpoint): SourceRefused {
  return new SourceRefused(
    'rewritten',
    old === null
      ? `The checkpoint of ${origin} over ${size} entries has another root than its entries that are stored here.`
      : `The checkpoint of ${origin} over ${size} entries does not begin with the tree of ${old.size} entries that the root log holds (entry ${old.index}): its history was rewritten. Keep both checkpoints: they prove it.`,
  );
}
