import { HASH_BYTES, TILE_HEIGHT, TILE_WIDTH } from '@drawbridge/tlog';
import type pg from 'pg';
import { plainArray } from '../platform/index.ts';

/** What is added to a tile: hashes from the `start`-th on. */
interface Addition {
  level: number;
  index: number;
  start: number;
  hashes: Buffer[];
}

/** Gathers the hashes that tiles hold while a tree grows. */
export class NewTiles {
  readonly #additions = new Map<string, Addition>();

  /** To be told of every complete subtree, as `Frontier.append` tells them. */
  readonly add = (level: number, index: number, hash: Buffer): void => {
    if (level % TILE_HEIGHT !== 0) return;
    const tile = { level: level / TILE_HEIGHT, index: Math.floor(index / TILE_WIDTH) };
    const name = `${tile.level}/${tile.index}`;
    const there = this.#additions.get(name);
    if (there === undefined)
      this.#additions.set(name, { ...tile, start: index % TILE_WIDTH, hashes: [hash] });
    else there.hashes.push(hash);
  };

  get additions(): Addition[] {
    return [...this.#additions.values()];
  }
}

/**
 * Stores hashes of a tree that has grown to `size`, all of them or none. False: the tiles that are there don't end where
 * these begin, and nothing was written.
 */
export async function keepTiles(
  client: pg.PoolClient,
  log: number,
  tiles: NewTiles,
  size: number,
): Promise<boolean> {
  const { additions } = tiles;
  const lengths = additions.map(({ hashes }) => hashes.length * HASH_BYTES);
  const bytes = Buffer.concat(additions.flatMap(({ hashes }) => hashes));
  let at = 1;
  const places = lengths.map((length) => {
    at += length;
    return at - length;
  });
  const kept = await client.query({
    name: 'log-keep-tiles',
    text: `WITH added AS (
        SELECT level, idx, start, substr($2::bytea, place, length) AS hashes
        FROM unnest($3::int[], $4::bigint[], $5::int[], $6::int[], $7::int[]) AS a (level, idx, start, place, length)
      ), fitting AS (
        SELECT bool_and(coalesce(octet_length(t.hashes), 0) = a.start * ${HASH_BYTES}) AS fits
        FROM added a LEFT JOIN log_tile t ON t.log = $1 AND t.level = a.level AND t.idx = a.idx
      )
      INSERT INTO log_tile AS t (log, level, idx, hashes)
        SELECT $1, level, idx, hashes FROM added WHERE (SELECT fits FROM fitting)
      ON CONFLICT (log, level, idx) DO UPDATE SET hashes = t.hashes || EXCLUDED.hashes`,
    values: [
      log,
      bytes,
      plainArray(additions.map(({ level }) => level)),
      plainArray(additions.map(({ index }) => index)),
      plainArray(additions.map(({ start }) => start)),
      plainArray(places),
      plainArray(lengths),
    ],
  });
  if (kept.rowCount !== additions.length) return false;
  await client.query('UPDATE log_key SET tiled_size = $2 WHERE log = $1', [log, size]);
  return true;
}

/** What can ask: a connection, or any of the pool. */
export type Asks = Pick<pg.Pool | pg.PoolClient, 'query'>;

/** The first `width` hashes of a tile; null when it has fewer. */
export async function readTile(
  db: Asks,
  log: number,
  { level, index, width }: { level: number; index: number; width: number },
): Promise<Buffer | null> {
  const length = width * HASH_BYTES;
  const found = await db.query<{ hashes: Buffer }>(
    `SELECT substr(hashes, 1, $4) AS hashes FROM log_tile
      WHERE log = $1 AND level = $2 AND idx = $3 AND octet_length(hashes) >= $4`,
    [log, level, index, length],
  );
  return found.rows[0]?.hashes ?? null;
}

/**
 * Leaf hashes of the entries from an index on that are pruned, up to `until` or to the log's horizon; fewer where tiles
 * lack some.
 */
export async function readPrunedHashes(
  db: Asks,
  log: number,
  from: number,
  until: number,
): Promise<Buffer[]> {
  const found = await db.query<{ idx: number; hashes: Buffer; end: number }>(
    `SELECT t.idx, t.hashes, least($3::bigint, l.pruned) AS end FROM journal_log l
      JOIN log_tile t ON t.log = l.id AND t.level = 0 AND t.idx BETWEEN $2::bigint / ${TILE_WIDTH} AND $3::bigint / ${TILE_WIDTH}
      WHERE l.id = $1 ORDER BY t.idx`,
    [log, from, until],
  );
  const hashes: Buffer[] = [];
  for (const { idx, hashes: tile, end } of found.rows) {
    for (let at = from + hashes.length; at < end && Math.floor(at / TILE_WIDTH) === idx; at++) {
      const place = (at % TILE_WIDTH) * HASH_BYTES;
      if (tile.length < place + HASH_BYTES) return hashes;
      hashes.push(tile.subarray(place, place + HASH_BYTES));
    }
  }
  return hashes;
}
