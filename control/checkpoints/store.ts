import { HASH_BYTES } from '@drawbridge/tlog';
import type pg from 'pg';
import type { ContradictionKind, KeptCheckpoint } from './tables.ts';

/** First key of the advisory lock that lets one checkpoint of a log be verified at a time; the second is the log. */
const LOG_LOCK = 4_400_441;
const KEPT_MS = 3_600_000;
const EVIDENCE_LIMIT = 20;

/** Until the transaction ends. Shipments of the log go on meanwhile. */
export async function lockLog(client: pg.PoolClient, log: number): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', [LOG_LOCK, log]);
}

/** A tree over a log's first entries; `edge` as `log_checkpoint` has it. */
export interface Edge {
  size: number;
  edge: Buffer;
}

/** The log's key, null before its first checkpoint; how far entries were hashed, and how far tiles hold the hashes. */
export async function readKey(
  client: pg.PoolClient,
  log: number,
): Promise<{ verifierKey: string; read: Edge; tiled: number } | null> {
  const found = await client.query<{
    verifier_key: string;
    read_size: number;
    read_edge: Buffer;
    tiled_size: number;
  }>('SELECT verifier_key, read_size, read_edge, tiled_size FROM log_key WHERE log = $1', [log]);
  const row = found.rows[0];
  if (row === undefined) return null;
  const read = { size: row.read_size, edge: row.read_edge };
  return { verifierKey: row.verifier_key, read, tiled: row.tiled_size };
}

export async function bindKey(client: pg.PoolClient, log: number, key: string, now: Date): Promise<void> {
  await client.query(
    'INSERT INTO log_key (log, verifier_key, bound_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [log, key, now],
  );
}

export async function keepRead(client: pg.PoolClient, log: number, { size, edge }: Edge): Promise<void> {
  await client.query('UPDATE log_key SET read_size = $2, read_edge = $3 WHERE log = $1', [log, size, edge]);
}

/** The newest that is kept and has at most so many entries. */
export async function newestUpTo(
  client: pg.PoolClient,
  log: number,
  size: number,
): Promise<KeptCheckpoint | null> {
  const found = await client.query<KeptCheckpoint>(
    'SELECT size, root, edge FROM log_checkpoint WHERE log = $1 AND size <= $2 ORDER BY size DESC LIMIT 1',
    [log, size],
  );
  return found.rows[0] ?? null;
}

/** Of each log that has a verified checkpoint, how many entries the newest speaks for, as far as their hashes stand in tiles. */
export async function verifiedSizes(client: pg.PoolClient): Promise<{ log: number; size: number }[]> {
  const found = await client.query<{ log: number; size: number }>(
    `SELECT c.log, least(max(c.size), k.tiled_size) AS size FROM log_checkpoint c JOIN log_key k ON k.log = c.log
      GROUP BY c.log, k.tiled_size ORDER BY c.log`,
  );
  return found.rows;
}

/** Keeps a verified checkpoint, and forgets those of more than an hour before. */
export async function keepCheckpoint(
  client: pg.PoolClient,
  log: number,
  kept: KeptCheckpoint & { note: string; signedAt: Date | null; verifiedAt: Date },
): Promise<void> {
  const { size, root, edge, note, signedAt, verifiedAt } = kept;
  await client.query(
    `INSERT INTO log_checkpoint (log, size, root, edge, note, signed_at, verified_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [log, size, root, edge, note, signedAt, verifiedAt],
  );
  await client.query(
    `DELETE FROM log_checkpoint WHERE log = $1 AND verified_at < $2
      AND size < (SELECT max(size) FROM log_checkpoint WHERE log = $1)`,
    [log, new Date(verifiedAt.getTime() - KEPT_MS)],
  );
}

export interface Evidence {
  kind: ContradictionKind;
  verifierKey: string;
  note: string;
  ourRoot: Buffer | null;
}

/**
 * Keeps what was posted; the same again, and what comes after the first 20 of a log, is counted only. That somebody has
 * looked holds for the same again, and not for what only counts on it.
 */
export async function keepEvidence(
  client: pg.PoolClient,
  log: number,
  { kind, verifierKey, note, ourRoot }: Evidence,
  now: Date,
): Promise<void> {
  const again = await client.query(
    `UPDATE log_contradiction SET times = times + 1, last_at = $4,
        acknowledged_at = CASE WHEN kind = $2 AND note = $3 THEN acknowledged_at END,
        acknowledged_by = CASE WHEN kind = $2 AND note = $3 THEN acknowledged_by END,
        acknowledged_reason = CASE WHEN kind = $2 AND note = $3 THEN acknowledged_reason END
      WHERE id = (
        SELECT id FROM log_contradiction WHERE log = $1 AND (kind = $2 AND note = $3
          OR (SELECT count(*) FROM log_contradiction WHERE log = $1) >= $5)
        ORDER BY (kind = $2 AND note = $3) DESC, id DESC LIMIT 1)`,
    [log, kind, note, now, EVIDENCE_LIMIT],
  );
  if (again.rowCount !== 0) return;
  await client.query(
    `INSERT INTO log_contradiction (log, kind, verifier_key, note, our_root, found_at, last_at)
      VALUES ($1, $2, $3, $4, $5, $6, $6)`,
    [log, kind, verifierKey, note, ourRoot, now],
  );
}

/** An edge as it is kept, in single hashes. */
export function hashesOf(edge: Buffer): Buffer[] {
  return Array.from({ length: edge.length / HASH_BYTES }, (_, at) =>
    edge.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}
