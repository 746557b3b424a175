import type pg from 'pg';
import { inTransaction, type Platform } from '../platform/index.ts';
import { HORIZON, holdProjectors, homeOf, type Projection, projectBatch } from './projection.ts';

const BATCH = 5_000;
/** Key of the advisory lock that a rebuild shares for as long as it reads, and that one portion of pruning holds alone. */
const HORIZON_LOCK = 4_400_441_8;

/** Keeps journals from being pruned until it is unlocked or the connection ends. Waits for a portion that is pruned. */
export async function holdHorizon(client: pg.PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_lock_shared($1)', [HORIZON_LOCK]);
}

export async function releaseHorizon(client: pg.PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_unlock_shared($1)', [HORIZON_LOCK]);
}

/**
 * The crossings of a log, from an index up to another, that legal holds keep, by their leaves' indexes. Asked in the
 * transaction that prunes the others.
 */
export type HeldCrossings = (
  client: pg.PoolClient,
  log: number,
  from: number,
  to: number,
) => Promise<readonly number[]>;

/** `busy`: a rebuild is going on, or another process prunes; nothing was done. */
type Advanced = { kind: 'busy' } | { kind: 'advanced'; pruned: number };

/**
 * Moves a log's horizon on by at most some thousand entries, towards `to`, and prunes those: what they give of the
 * projections is kept in the horizon's tables in the same transaction that deletes entries, items and listed crossings.
 * Held crossings stay, whole. Never goes beyond what all projections have read.
 */
export async function advanceHorizon(
  platform: Pick<Platform, 'pool'>,
  projections: readonly Projection[],
  { log, to }: { log: number; to: number },
  held: HeldCrossings,
): Promise<Advanced> {
  return inTransaction(platform.pool, async (client): Promise<Advanced> => {
    await holdProjectors(client);
    if (!(await isAlone(client))) return { kind: 'busy' };
    const home = await homeOf(client);
    const from = await readHorizon(client, log);
    const target = Math.min(to, from + BATCH, await projectedByAll(client, projections, log));
    if (target <= from) return { kind: 'advanced', pruned: from };
    await makeHorizon(client, projections);
    await client.query(`SET LOCAL search_path TO ${HORIZON}, ${home}`);
    await beginCursors(client, projections, log, from);
    const until = new Map([[log, target]]);
    for (let applied = 1; applied > 0; ) applied = await projectBatch(client, projections, BATCH, { until });
    await client.query(`SET LOCAL search_path TO ${home}`);
    await client.query(
      `UPDATE journal_log SET pruned = $3, pruned_until = greatest(pruned_until, (
          SELECT max(at) FROM journal_entry WHERE log = $1 AND idx >= $2 AND idx < $3)) WHERE id = $1`,
      [log, from, target],
    );
    await keepOnly(client, log, [from, target], await held(client, log, from, target));
    await prune(client, log, from, target);
    return { kind: 'advanced', pruned: target };
  });
}

/** Prunes crossings before a log's horizon that were held, and are not any more. Returns how many. */
export async function pruneReleased(
  platform: Pick<Platform, 'pool'>,
  log: number,
  held: HeldCrossings,
): Promise<number> {
  return inTransaction(platform.pool, async (client) => {
    await holdProjectors(client);
    if (!(await isAlone(client))) return 0;
    const horizon = await readHorizon(client, log);
    if (horizon === 0) return 0;
    const still = await held(client, log, 0, horizon);
    const gone = await client.query<{ idx: number; id: string }>(
      `DELETE FROM ${HORIZON}.crossing WHERE log = $1 AND idx < $2 AND idx <> ALL ($3::bigint[]) RETURNING idx, id`,
      [log, horizon, still],
    );
    const [indexes, ids] = [gone.rows.map(({ idx }) => idx), gone.rows.map(({ id }) => id)];
    // A settlement after the horizon goes when the horizon passes it.
    await client.query(
      'DELETE FROM journal_entry WHERE log = $1 AND idx < $2 AND crossing = ANY ($3::uuid[])',
      [log, horizon, ids],
    );
    for (const table of ['payload_item', 'crossing'])
      await client.query(`DELETE FROM ${table} WHERE log = $1 AND idx = ANY ($2::bigint[])`, [log, indexes]);
    await pruneSubjects(client, 'h.log = $1 AND h.idx = ANY ($2::bigint[])', [log, indexes]);
    return indexes.length;
  });
}

async function isAlone(client: pg.PoolClient): Promise<boolean> {
  const found = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
    HORIZON_LOCK,
  ]);
  return found.rows[0]?.mine === true;
}

async function readHorizon(client: pg.PoolClient, log: number): Promise<number> {
  const found = await client.query<{ pruned: number }>('SELECT pruned FROM journal_log WHERE id = $1', [log]);
  return found.rows[0]?.pruned ?? 0;
}

/** What is not projected yet can't be pruned: nothing would be left to project. */
async function projectedByAll(
  client: pg.PoolClient,
  projections: readonly Projection[],
  log: number,
): Promise<number> {
  const found = await client.query<{ least: number }>(
    `SELECT coalesce(min(coalesce(c.next_index, 0)), 0) AS least FROM unnest($1::text[]) AS p (name)
      LEFT JOIN projection_cursor c ON c.projection = p.name AND c.log = $2`,
    [projections.map(({ name }) => name), log],
  );
  return found.rows[0]?.least ?? 0;
}

/** Where they are not there yet: empty tables of the form that those in use have. */
async function makeHorizon(client: pg.PoolClient, projections: readonly Projection[]): Promise<void> {
  const tables = ['projection_cursor', ...projections.flatMap(({ tables: own }) => own)];
  const found = await client.query<{ missing: string }>(
    `SELECT t AS missing FROM unnest($1::text[]) AS t WHERE to_regclass('${HORIZON}.' || t) IS NULL`,
    [tables],
  );
  if (found.rows.length === 0) return;
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${HORIZON}`);
  for (const { missing } of found.rows)
    await client.query(`CREATE TABLE ${HORIZON}.${missing} (LIKE ${missing} INCLUDING ALL)`);
}

/** A projection that came after the horizon was moved begins there: what was before it never read. */
async function beginCursors(
  client: pg.PoolClient,
  projections: readonly Projection[],
  log: number,
  from: number,
): Promise<void> {
  await client.query(
    `INSERT INTO ${HORIZON}.projection_cursor (projection, log, next_index)
      SELECT p, $2, $3 FROM unnest($1::text[]) AS p ON CONFLICT DO NOTHING`,
    [projections.map(({ name }) => name), log, from],
  );
}

/** Of the crossings that the horizon has just passed, its tables keep those that are held. */
async function keepOnly(
  client: pg.PoolClient,
  log: number,
  [from, to]: readonly [number, number],
  held: readonly number[],
): Promise<void> {
  const notHeld = 'h.log = $1 AND h.idx >= $2 AND h.idx < $3 AND h.idx <> ALL ($4::bigint[])';
  await pruneSubjects(client, notHeld, [log, from, to, held]);
  await client.query(`DELETE FROM ${HORIZON}.crossing h WHERE ${notHeld}`, [log, from, to, held]);
}

/** Whose the crossings were, by what the horizon's own table (`h`) says of them: in the other one that is found by subject. */
async function pruneSubjects(client: pg.PoolClient, which: string, values: unknown[]): Promise<void> {
  await client.query(
    `DELETE FROM crossing_subject s USING ${HORIZON}.crossing_subject h
      WHERE ${which} AND s.subject = h.subject AND s.at = h.at AND s.log = h.log AND s.idx = h.idx`,
    values,
  );
  await client.query(`DELETE FROM ${HORIZON}.crossing_subject h WHERE ${which}`, values);
}

/** Deletes all from one index up to another that is of no crossing that the horizon's tables keep. */
async function prune(client: pg.PoolClient, log: number, from: number, to: number): Promise<void> {
  const inRange = 'log = $1 AND idx >= $2 AND idx < $3';
  const values = [log, from, to];
  await client.query(
    `DELETE FROM journal_entry WHERE ${inRange} AND NOT EXISTS (
      SELECT FROM ${HORIZON}.crossing k WHERE k.id = journal_entry.crossing AND k.log = journal_entry.log)`,
    values,
  );
  for (const table of ['payload_item', 'crossing'])
    await client.query(
      `DELETE FROM ${table} WHERE ${inRange} AND NOT EXISTS (
        SELECT FROM ${HORIZON}.crossing k WHERE k.log = ${table}.log AND k.idx = ${table}.idx)`,
      values,
    );
}
