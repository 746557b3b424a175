import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** A change without its reason and detail, which are for those who may read the log. */
export interface ChangeHead {
  id: string;
  seq: number;
  at: Date;
  actor: string;
  act: string;
  subject: { kind: string; id: string };
}

interface Query {
  /** Of these things, … */
  subjects: readonly { kind: string; id: string }[];
  /** … or of any thing of these kinds. */
  kinds: readonly string[];
  from: Date;
  to: Date | null;
  /** Only what comes after this in the order: of the same time those with a lower place, all (`inclusive`), or none. */
  before: { at: Date; seq: number | null; inclusive: boolean } | null;
  limit: number;
}

/** Changes about some things in a time, the newest first: by time, then by their place. */
export async function changesAbout({ db }: Pick<Platform, 'db'>, query: Query): Promise<ChangeHead[]> {
  const { before, subjects } = query;
  const sameTime =
    before === null || (before.seq === null && !before.inclusive)
      ? sql`false`
      : before.seq === null
        ? sql`at = ${before.at}`
        : sql`at = ${before.at} AND seq < ${before.seq}`;
  const { rows } = await sql<Omit<ChangeHead, 'subject'> & { kind: string; of: string }>`
    SELECT id, seq, at, actor, act, subject_kind AS kind, subject_id AS of FROM change
    WHERE at >= ${query.from} AND at <= coalesce(${query.to}::timestamptz, 'infinity')
      AND (subject_kind = ANY (${query.kinds}) OR (subject_kind, subject_id) IN (
        SELECT * FROM unnest(${subjects.map(({ kind }) => kind)}::text[], ${subjects.map(({ id }) => id)}::text[])))
      AND ${before === null ? sql`true` : sql`(at < ${before.at} OR (${sameTime}))`}
    ORDER BY at DESC, seq DESC LIMIT ${query.limit}`.execute(db);
  return rows.map(({ kind, of, ...row }) => ({ ...row, subject: { kind, id: of } }));
}
