import { encodeBundle, parsePath, TILE_WIDTH } from '@drawbridge/tlog';
import { readStoredEntries } from '../crossings/index.ts';
import { type Asks, readTile } from './tiles.ts';

/** A gateway's log, and how far its files can be had. */
export interface ServedLog {
  id: number;
  origin: string;
  /** Null: no checkpoint was ever taken. */
  verifierKey: string | null;
  /** Entries under the newest verified checkpoint. */
  verified: number;
  /** Entries whose hashes stand in tiles. */
  tiled: number;
  /** Entries under the newest verified checkpoint that tiles are there for: the one that is handed out. */
  served: number;
}

/** By the number that the API gives to logs. Null: there is no such log. */
export async function findServedLog(db: Asks, id: number): Promise<ServedLog | null> {
  const found = await db.query<ServedLog>(
    `SELECT l.id, l.origin, k.verifier_key AS "verifierKey", coalesce(k.tiled_size, 0) AS tiled,
        coalesce(max(c.size), 0) AS verified, coalesce(max(c.size) FILTER (WHERE c.size <= k.tiled_size), 0) AS served
      FROM journal_log l LEFT JOIN log_key k ON k.log = l.id LEFT JOIN log_checkpoint c ON c.log = l.id
      WHERE l.id = $1 GROUP BY l.id, k.log`,
    [id],
  );
  return found.rows[0] ?? null;
}

/**
 * The files of a gateway's log under the paths of c2sp.org/tlog-tiles, made of what is stored: the checkpoint as it was
 * posted, tiles as they were hashed when checkpoints were taken, bundles of the entries. Null for what is not there;
 * partial tiles are there in any width up to what there is.
 */
export async function readLogFile(db: Asks, log: ServedLog, path: string): Promise<Buffer | null> {
  const known = parsePath(path);
  if (known === null) return null;
  if (known.kind === 'checkpoint') return readNote(db, log);
  if (known.kind === 'tile') return readTile(db, log.id, known.tile);
  const from = known.bundle.index * TILE_WIDTH;
  const until = from + known.bundle.width;
  if (until > log.tiled) return null;
  const entries = await readStoredEntries(db, log.id, from, until);
  return entries === null ? null : encodeBundle(entries);
}

async function readNote(db: Asks, { id, served }: ServedLog): Promise<Buffer | null> {
  const found = await db.query<{ note: string }>(
    'SELECT note FROM log_checkpoint WHERE log = $1 AND size = $2',
    [id, served],
  );
  const note = found.rows[0]?.note;
  return note === undefined ? null : Buffer.from(note);
}
