import type pg from 'pg';
import type { Platform } from '../platform/index.ts';
import type { StoredChange } from './leaf.ts';
import type { Trouble, TroubleCode } from './trouble.ts';

/** What a statement is given to: the pool, or the connection that holds the sequencer's lock. */
export type Asks = Pick<pg.Pool | pg.PoolClient, 'query'>;

export const CHANGE_COLUMNS = 'id, at, actor, reason, act, subject_kind, subject_id, detail, salt';

/** Changes that the log does not have yet, in their order. */
export async function readWaiting(db: Asks, limit: number): Promise<StoredChange[]> {
  const { rows } = await db.query<StoredChange>(
    `SELECT ${CHANGE_COLUMNS} FROM change WHERE log_index IS NULL ORDER BY seq LIMIT $1`,
    [limit],
  );
  return rows;
}

export async function countWaiting(db: Asks): Promise<number> {
  const { rows } = await db.query<{ count: number }>('SELECT count(*) FROM change WHERE log_index IS NULL');
  return rows[0]?.count ?? 0;
}

/** Writes where the log has changes. Returns which of them were waiting for that: not those that have an index already. */
export async function writeIndexes(
  db: Asks,
  epoch: number,
  logged: readonly { id: string; index: number }[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `UPDATE change SET log_index = logged.index, log_epoch = $3
     FROM unnest($1::text[], $2::bigint[]) AS logged (id, index)
     WHERE change.id = logged.id AND change.log_index IS NULL RETURNING change.id`,
    [logged.map(({ id }) => id), logged.map(({ index }) => index), epoch],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * Has changes wait again that an epoch's files end before: their entries are lost, and the next epoch takes them in.
 */
export async function logAgain(db: Asks, epoch: number, from: number): Promise<number> {
  const { rowCount } = await db.query(
    'UPDATE change SET log_index = NULL, log_epoch = NULL WHERE log_epoch = $1 AND log_index >= $2',
    [epoch, from],
  );
  return rowCount ?? 0;
}

/** The number of the epoch that changes are put into. */
export async function readEpoch(db: Asks, log: string): Promise<number> {
  const { rows } = await db.query<{ epoch: number | null }>(
    'SELECT max(epoch) AS epoch FROM log_epoch WHERE log = $1',
    [log],
  );
  return rows[0]?.epoch ?? 1;
}

/** What the database says that an epoch's log holds: how many changes, and the last of them; null for none. */
export async function readLogged(
  db: Asks,
  epoch: number,
): Promise<{ count: number; last: { id: string; index: number } | null }> {
  const { rows } = await db.query<{ count: number; id: string | null; index: number | null }>(
    `SELECT (SELECT count(*) FROM change WHERE log_epoch = $1) AS count, last.id, last.log_index AS index
     FROM (SELECT 1) AS one
     LEFT JOIN (SELECT id, log_index FROM change WHERE log_epoch = $1 ORDER BY log_index DESC LIMIT 1) AS last
       ON true`,
    [epoch],
  );
  const { count = 0, id = null, index = null } = rows[0] ?? {};
  return { count, last: id === null || index === null ? null : { id, index } };
}

/** Of these changes, how many are there, and how many of those wait for the log. */
export async function readProgress(
  db: Asks,
  ids: readonly string[],
): Promise<{ there: number; waiting: number }> {
  const { rows } = await db.query<{ there: number; waiting: number }>(
    `SELECT count(*) AS there, count(*) FILTER (WHERE log_index IS NULL) AS waiting
     FROM change WHERE id = ANY ($1::text[])`,
    [ids],
  );
  return rows[0] ?? { there: 0, waiting: 0 };
}

/** What is known of the log beside its files. */
export interface LogState {
  /** The last checkpoint that was signed; null before the first. */
  checkpoint: string | null;
  size: number;
  signedAt: Date | null;
  trouble: Trouble | null;
}

interface StateRow {
  checkpoint: string | null;
  size: number;
  signed_at: Date | null;
  trouble_code: TroubleCode | null;
  trouble_text: string | null;
  trouble_since: Date | null;
}

export async function readState(db: Asks, origin: string): Promise<LogState> {
  const { rows } = await db.query<StateRow>('SELECT * FROM control_log WHERE origin = $1', [origin]);
  const row = rows[0];
  if (row === undefined) return { checkpoint: null, size: 0, signedAt: null, trouble: null };
  const { checkpoint, size, signed_at, trouble_code: code, trouble_text: text, trouble_since: since } = row;
  const trouble = code === null || text === null || since === null ? null : { code, text, since };
  return { checkpoint, size, signedAt: signed_at, trouble };
}

/** Before a checkpoint is shown to anyone. A smaller one than is kept is refused: two processes must never both sign. */
export async function keepCheckpoint(
  db: Asks,
  clock: Platform['clock'],
  signed: { origin: string; note: string; size: number },
): Promise<void> {
  const { rowCount } = await db.query(
    `INSERT INTO control_log (origin, checkpoint, size, signed_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (origin) DO UPDATE SET checkpoint = $2, size = $3, signed_at = $4 WHERE control_log.size < $3`,
    [signed.origin, signed.note, signed.size, new Date(clock.now())],
  );
  if (rowCount === 1) return;
  const known = await readState(db, signed.origin);
  if (known.checkpoint !== signed.note)
    throw new Error(`a checkpoint of ${known.size} entries is kept, and one of ${signed.size} was signed`);
}

export async function writeTrouble(
  db: Asks,
  origin: string,
  trouble: Omit<Trouble, 'since'> | null,
  now: Date,
): Promise<void> {
  await db.query(
    `INSERT INTO control_log (origin, trouble_code, trouble_text, trouble_since) VALUES ($1, $2::text, $3, $4)
     ON CONFLICT (origin) DO UPDATE SET trouble_code = $2, trouble_text = $3, trouble_since =
       CASE WHEN control_log.trouble_code = $2 THEN control_log.trouble_since ELSE $4 END`,
    [origin, trouble?.code ?? null, trouble?.text ?? null, trouble === null ? null : now],
  );
}
