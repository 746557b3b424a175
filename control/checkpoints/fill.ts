import { Frontier, rootNodes, sameHash, subtreeHash, tileOfNode } from '@drawbridge/tlog';
import type pg from 'pg';
import { inTransaction, type Platform } from '../platform/index.ts';
import { keepEvidence, lockLog, newestUpTo, readKey } from './store.ts';
import { hashInto } from './take.ts';
import { keepTiles, NewTiles, readTile } from './tiles.ts';

/** Entries hashed in one transaction, which keeps checkpoints of that log waiting. */
const PORTION = 5_000;
const LOOK_MS = 60_000;

/** What a portion came to. `stuck`: only a person can mend it. */
type Filled = 'more' | 'done' | 'stuck';

/**
 * Makes hash tiles of entries that were taken before tiles were kept: a portion, from where tiles end, in one
 * transaction. Tiles of entries that don't give the root that was verified are not kept; that is evidence.
 */
async function fillPortion(platform: Platform, log: number, portion: number): Promise<Filled> {
  return inTransaction(platform.pool, async (client) => {
    await lockLog(client, log);
    const bound = await readKey(client, log);
    const newest = await newestUpTo(client, log, Number.MAX_SAFE_INTEGER);
    if (bound === null || newest === null || bound.tiled >= newest.size) return 'done';
    const tree = await tiledTree(client, log, bound.tiled);
    const tiles = new NewTiles();
    const end = Math.min(newest.size, bound.tiled + portion);
    const isWhole = tree !== null && (await hashInto(client, log, tree, end, tiles));
    const isRight = isWhole && (end < newest.size || sameHash(tree.root(), newest.root));
    if (isRight && (await keepTiles(client, log, tiles, end))) return end < newest.size ? 'more' : 'done';
    platform.log.error(
      { alarm: 'log_tiles_stuck', log, tiled: bound.tiled, size: newest.size },
      'hash tiles of a log can not be made: its stored entries or tiles are not what was verified',
    );
    const place = await client.query<{ pruned: number }>('SELECT pruned FROM journal_log WHERE id = $1', [
      log,
    ]);
    // What was pruned before it was hashed says nothing against anyone.
    if (tree === null || isRight || bound.tiled < (place.rows[0]?.pruned ?? 0)) return 'stuck';
    const kept = await client.query<{ note: string }>(
      'SELECT note FROM log_checkpoint WHERE log = $1 AND size = $2',
      [log, newest.size],
    );
    await keepEvidence(
      client,
      log,
      {
        kind: isWhole ? 'other_root' : 'entries_missing',
        verifierKey: bound.verifierKey,
        note: kept.rows[0]?.note ?? '',
        ourRoot: isWhole ? tree.root() : null,
      },
      new Date(platform.clock.now()),
    );
    return 'stuck';
  });
}

/** The tree that the stored tiles are of; null when they are not whole. */
async function tiledTree(client: pg.PoolClient, log: number, size: number): Promise<Frontier | null> {
  const hashes: Buffer[] = [];
  for (const node of rootNodes(size)) {
    const { tile, level, index } = tileOfNode(node, size);
    const bytes = await readTile(client, log, tile);
    if (bytes === null) return null;
    hashes.push(subtreeHash(bytes, level, index));
  }
  return Frontier.of(size, hashes);
}

/** Fills all logs up to their newest checkpoints. Returns those that it could not, `except` those that are known. */
export async function fillTiles(
  platform: Platform,
  except: ReadonlySet<number> = new Set(),
  isStopped = () => false,
  portion = PORTION,
): Promise<number[]> {
  const behind = await platform.pool.query<{ log: number }>(
    `SELECT k.log FROM log_key k
      WHERE k.tiled_size < (SELECT max(size) FROM log_checkpoint c WHERE c.log = k.log) ORDER BY k.log`,
  );
  const stuck: number[] = [];
  for (const { log } of behind.rows) {
    if (except.has(log)) continue;
    let filled: Filled = 'more';
    while (filled === 'more' && !isStopped()) filled = await fillPortion(platform, log, portion);
    if (filled === 'stuck') stuck.push(log);
  }
  if (stuck.length > 0) platform.events.publish('gateways');
  return stuck;
}

/** Fills at once and looks again every minute: another control process may be of an earlier version. */
export function keepTilesFilled(platform: Platform): { stop(): Promise<void> } {
  const stuck = new Set<number>();
  let isStopped = false;
  let running: Promise<void> | null = null;
  async function fill(): Promise<void> {
    try {
      for (const log of await fillTiles(platform, stuck, () => isStopped)) stuck.add(log);
    } catch (error) {
      platform.log.warn(
        { err: error },
        'hash tiles of logs could not be made; it is tried again in a minute',
      );
    }
  }
  const begin = (): void => {
    running ??= fill().finally(() => {
      running = null;
    });
  };
  begin();
  const timer = setInterval(begin, LOOK_MS);
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
