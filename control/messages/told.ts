import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import type { Channel } from './tables.ts';

/** What messages tell an incident: somebody speaks for its party, or a message said what was not there. None of their words. */
export interface ToldMessage {
  /** The message; of several that are like each other the first. */
  id: string;
  at: Date;
  what: 'impersonation' | 'not_there';
  channel: Channel;
  /** How many are like each other; of an answer one. */
  count: number;
  /** Orders what is of one time; an integer. */
  place: number;
}

export interface ToldQuery {
  /** Messages that led to it count whenever they came. */
  incident: string;
  party: string | null;
  from: Date;
  to: Date | null;
  /** What is later, or of the same time and not of a lower place, is left out; `place` null: all of that time is. */
  before: { at: Date; place: number | null } | null;
  limit: number;
}

/**
 * The newest first. An impersonation is told when it was first judged one, or when a person closed it as one; what a person closed as
 * something else is none. Messages of a campaign are one line.
 */
export async function toldByMessages(
  { db }: Pick<Platform, 'db'>,
  { incident, party, from, to, before, limit }: ToldQuery,
): Promise<ToldMessage[]> {
  const within = (at: 'judged_at' | 'answered_at') =>
    sql`(incident = ${incident}::uuid
      OR (${sql.ref(at)} >= ${from} AND (${to}::timestamptz IS NULL OR ${sql.ref(at)} <= ${to})))`;
  const { rows } = await sql<ToldMessage>`
    WITH mine AS (
      SELECT m.id, m.channel, m.incident, coalesce(m.campaign, m.id) AS alike, m.answered_there, m.answered_at,
        CASE WHEN m.closed_as = 'impersonation' THEN least(v.at, m.closed_at)
          WHEN m.closed_as IS NULL AND m.verdict = 'likely-impersonation' THEN v.at END AS judged_at
      FROM message m LEFT JOIN LATERAL (
        SELECT min(at) AS at FROM message_verdict WHERE message = m.id AND verdict = 'likely-impersonation') v ON true
      WHERE m.incident = ${incident}::uuid OR m.vendor = ${party}),
    told AS (
      SELECT (array_agg(id ORDER BY judged_at, id))[1] AS id, min(judged_at) AS at, 'impersonation' AS what,
        (array_agg(channel ORDER BY judged_at, id))[1] AS channel, count(*)::int AS count
      FROM mine WHERE judged_at IS NOT NULL AND ${within('judged_at')} GROUP BY alike
      UNION ALL
      SELECT id, answered_at, 'not_there', channel, 1 FROM mine
      WHERE answered_there = false AND answered_at IS NOT NULL AND ${within('answered_at')}),
    placed AS (
      SELECT *, (('x' || right(id::text, 8))::bit(32)::bigint * 2 + (what = 'not_there')::int)::float8 AS place FROM told)
    SELECT * FROM placed
    WHERE ${before === null} OR at < ${before?.at ?? null}::timestamptz
      OR (at = ${before?.at ?? null}::timestamptz AND place < ${before?.place ?? null}::float8)
    ORDER BY at DESC, place DESC LIMIT ${limit}`.execute(db);
  return rows;
}
