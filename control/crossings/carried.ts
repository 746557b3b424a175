import { type SqlBool, sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** What an app's crossings carried on a day (UTC, `2026-11-22`), and what became of it. */
export interface CarriedDay {
  day: string;
  class: string;
  treatment: string;
  /** Those that carried it so: the list of crossings with these filters. */
  crossings: number;
}

/** An app's crossings of a connection on a day. */
export interface ConnectionDay {
  day: string;
  connection: string;
  crossings: number;
  /** Of these, refused before the body was looked through to its end. */
  unread: number;
}

/** Stages that come before a body is looked at. */
const EARLY = ['accept', 'authenticate', 'admit'];
/** Reasons of later stages for which nobody knows all that a body holds. */
const UNSEEN = ['scan_over_budget', 'scan_failed', 'body_unreadable', 'body_too_deep'];

/** From one day on, until and with another one, read off the rollups by kind. */
export async function carriedByDay(
  platform: Pick<Platform, 'db'>,
  app: string,
  from: string,
  to: string,
): Promise<{ carried: CarriedDay[]; connections: ConnectionDay[] }> {
  const mine = sql<SqlBool>`k.app = ${app} AND d.day BETWEEN ${from}::date AND ${to}::date`;
  const [carried, connections] = await Promise.all([
    sql<CarriedDay>`
      SELECT to_char(d.day, 'YYYY-MM-DD') AS day, f.class, f.treatment, sum(d.crossings)::bigint AS crossings
        FROM crossing_kind k JOIN crossing_day d ON d.kind = k.id
        CROSS JOIN LATERAL unnest(k.classes, k.treatments) AS f (class, treatment)
       WHERE ${mine} GROUP BY d.day, f.class, f.treatment
       ORDER BY d.day, f.class, f.treatment`.execute(platform.db),
    sql<ConnectionDay>`
      SELECT to_char(d.day, 'YYYY-MM-DD') AS day, k.connection, sum(d.crossings)::bigint AS crossings,
             coalesce(sum(d.crossings) FILTER (WHERE k.decision = 'refused' AND
               (k.stage = ANY (${EARLY}) OR k.reason = ANY (${UNSEEN}))), 0)::bigint AS unread
        FROM crossing_kind k JOIN crossing_day d ON d.kind = k.id
       WHERE ${mine} GROUP BY d.day, k.connection ORDER BY d.day, k.connection`.execute(platform.db),
  ]);
  return { carried: carried.rows, connections: connections.rows };
}
