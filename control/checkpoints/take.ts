import type { CheckpointPost } from '@drawbridge/protocol';
import {
  type Checkpoint,
  Frontier,
  leafHash,
  logVerifier,
  openCheckpoint,
  sameHash,
  TlogError,
  type Verifier,
} from '@drawbridge/tlog';
import type pg from 'pg';
import { findStoredLog, readStoredEntries, type StoredLog } from '../crossings/index.ts';
import { inTransaction, invalid, type Platform, Problem } from '../platform/index.ts';
import {
  bindKey,
  type Edge,
  hashesOf,
  keepCheckpoint,
  keepEvidence,
  keepRead,
  lockLog,
  newestUpTo,
  readKey,
} from './store.ts';
import type { ContradictionKind } from './tables.ts';
import { keepTiles, NewTiles } from './tiles.ts';

/** Entries hashed at a time, and for one request: a long log that is seen for the first time takes several. */
const READ_ENTRIES = 1_000;
export const REQUEST_ENTRIES = 20_000;

/** `taken`: verified to the last entry. `reading`: entries below `verified` are hashed; post it again. */
export type Taken = { kind: 'taken' | 'reading'; verified: number };

type Outcome =
  | Taken
  | { kind: 'gap'; next: number }
  | { kind: 'contradiction'; what: ContradictionKind; size: number | null; ourRoot: Buffer | null };

const contradiction = (
  what: ContradictionKind,
  size: number | null = null,
  ourRoot: Buffer | null = null,
): Outcome => ({ kind: 'contradiction', what, size, ourRoot });

/**
 * Takes a log's checkpoint if the key that the log had from the first on has signed it, all of its entries are stored,
 * and they give its root: the tree is computed from the entries as they lie in the database, whatever the gateway says
 * of them. What does not fit is kept as evidence and told of. Throws a Problem: `journal_not_yours`, `journal_gap`
 * (with `next`), `checkpoint_contradiction`, `invalid_request`. `most`: entries that it hashes for one request.
 */
export async function takeCheckpoint(
  platform: Platform,
  gateway: string,
  posted: CheckpointPost,
  most = REQUEST_ENTRIES,
): Promise<Taken> {
  const { origin } = posted;
  const outcome = await inTransaction(platform.pool, async (client): Promise<Outcome> => {
    const log = await findStoredLog(client, origin);
    if (log === null) return { kind: 'gap', next: 0 };
    if (log.gateway !== gateway) throw notYours(platform, gateway, origin);
    await lockLog(client, log.id);
    const verdict = await judge(client, platform, log, posted, most);
    if (verdict.kind === 'contradiction') {
      const { what: kind, ourRoot } = verdict;
      const evidence = { kind, verifierKey: posted.verifierKey, note: posted.note, ourRoot };
      await keepEvidence(client, log.id, evidence, new Date(platform.clock.now()));
    }
    return verdict;
  });
  if (outcome.kind === 'gap') throw gap(outcome.next);
  if (outcome.kind !== 'contradiction') return outcome;
  const { what, size } = outcome;
  platform.log.error(
    { alarm: 'checkpoint_contradiction', origin, gateway, what, size },
    'a gateway has signed a checkpoint that does not fit what is stored of its log',
  );
  platform.events.publish('gateways');
  throw new Problem(
    409,
    'checkpoint_contradiction',
    `This checkpoint does not fit what is known of the log (${what}). It is kept as evidence. Find out why before this log is relied on.`,
    undefined,
    { what },
  );
}

async function judge(
  client: pg.PoolClient,
  platform: Platform,
  log: StoredLog,
  posted: CheckpointPost,
  most: number,
): Promise<Outcome> {
  const now = new Date(platform.clock.now());
  const bound = await readKey(client, log.id);
  const checkpoint = opened(posted, bound?.verifierKey ?? null);
  if (typeof checkpoint === 'string') return contradiction(checkpoint);
  const { size, root } = checkpoint;
  if (size > log.next) return { kind: 'gap', next: log.next };
  await bindKey(client, log.id, posted.verifierKey, now);

  const newest = await newestUpTo(client, log.id, Number.MAX_SAFE_INTEGER);
  const before = await newestUpTo(client, log.id, size);
  const isLate = newest !== null && size < newest.size;
  const read = bound !== null && bound.read.size <= size ? bound.read : emptyEdge;
  const from = before !== null && before.size >= read.size ? before : read;
  // What is older than all that is kept is checked from the first entry on, unless that takes too long or that is pruned.
  if (isLate && (size - from.size > most || from.size < log.pruned)) return contradiction('went_back', size);

  const grown = await hashed(client, log.id, from, size, most);
  if (grown === null) return contradiction('entries_missing', size);
  const { tree } = grown;
  // Tiles go on where they end; what is missing before is made apart from this (fill.ts).
  const keepNewTiles = async (): Promise<void> => {
    if ((bound?.tiled ?? 0) !== from.size || tree.size === from.size) return;
    if (await keepTiles(client, log.id, grown.tiles, tree.size)) return;
    platform.log.error(
      { alarm: 'log_tiles_damaged', origin: posted.origin, size: from.size },
      'the stored hash tiles of a log do not end where its last checkpoint does: proofs are not made any more',
    );
  };
  if (tree.size < size) {
    await keepRead(client, log.id, edgeOf(tree));
    await keepNewTiles();
    return { kind: 'reading', verified: tree.size };
  }
  const ours = tree.root();
  if (!sameHash(ours, root)) return contradiction('other_root', size, ours);
  if (newest === null || size > newest.size) {
    const signedAt = posted.signedAt === null ? null : new Date(posted.signedAt);
    const kept = { ...edgeOf(tree), root, note: posted.note, signedAt, verifiedAt: now };
    await keepCheckpoint(client, log.id, kept);
    await keepNewTiles();
  }
  return { kind: 'taken', verified: size };
}

/** What the checkpoint says, or why it is none of this log's. */
function opened(posted: CheckpointPost, bound: string | null): Checkpoint | ContradictionKind {
  const { origin, verifierKey, note } = posted;
  if (bound !== null && bound !== verifierKey) return 'other_key';
  const log = verifierOf(verifierKey);
  if (log.name !== origin) throw invalid('verifierKey', 'names another log than origin does');
  try {
    return openCheckpoint(note, { origin, log }).checkpoint;
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    if (isOfAnother.has(cause.code)) return 'not_signed';
    throw invalid('note', cause.message);
  }
}

const isOfAnother: ReadonlySet<string> = new Set(['bad_signature', 'unsigned', 'wrong_origin']);

function verifierOf(key: string): Verifier {
  try {
    return logVerifier(key);
  } catch (cause) {
    if (cause instanceof TlogError) throw invalid('verifierKey', cause.message);
    throw cause;
  }
}

const emptyEdge: Edge = { size: 0, edge: Buffer.alloc(0) };

function edgeOf(tree: Frontier): Edge {
  return { size: tree.size, edge: Buffer.concat(tree.hashes()) };
}

/**
 * The tree over the stored entries up to `until`, or as far as one request goes, and what it adds to tiles; null when one
 * of them is not there.
 */
async function hashed(
  client: pg.PoolClient,
  log: number,
  from: Edge,
  until: number,
  most: number,
): Promise<{ tree: Frontier; tiles: NewTiles } | null> {
  const tree = Frontier.of(from.size, hashesOf(from.edge));
  const tiles = new NewTiles();
  const isWhole = await hashInto(client, log, tree, Math.min(until, from.size + most), tiles);
  return isWhole ? { tree, tiles } : null;
}

/** Appends the stored entries up to `end`. False: one of them is not there. */
export async function hashInto(
  client: pg.PoolClient,
  log: number,
  tree: Frontier,
  end: number,
  tiles: NewTiles,
): Promise<boolean> {
  while (tree.size < end) {
    const entries = await readStoredEntries(client, log, tree.size, Math.min(end, tree.size + READ_ENTRIES));
    if (entries === null) return false;
    for (const entry of entries) tree.append(leafHash(entry), tiles.add);
  }
  return true;
}

function gap(next: number): Problem {
  return new Problem(
    409,
    'journal_gap',
    `Entries from ${next} on are not stored. Ship them first, then this checkpoint.`,
    undefined,
    { next },
  );
}

function notYours(platform: Platform, gateway: string, origin: string): Problem {
  platform.log.error(
    { alarm: 'journal_not_yours', origin, gateway },
    'a gateway posted a checkpoint of another one’s log',
  );
  return new Problem(403, 'journal_not_yours', 'This log belongs to another gateway. Post only your own.');
}
