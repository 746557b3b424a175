import type pg from 'pg';

/** The newest checkpoint of a gateway's log that the stored entries gave the root of. */
export interface NewestCheckpoint {
  /** journal_log.id */
  log: number;
  origin: string;
  /** That the log has had from its first checkpoint on. */
  verifierKey: string;
  /** As it was posted. */
  note: string;
}

/** Of each log that has one. */
export async function readNewestCheckpoints(db: Pick<pg.PoolClient, 'query'>): Promise<NewestCheckpoint[]> {
  const { rows } = await db.query<NewestCheckpoint>(
    `SELECT l.id AS log, l.origin, k.verifier_key AS "verifierKey", c.note
     FROM journal_log l JOIN log_key k ON k.log = l.id
     JOIN LATERAL (SELECT note FROM log_checkpoint WHERE log = l.id ORDER BY size DESC LIMIT 1) c ON true
     ORDER BY l.id`,
  );
  return rows;
}
