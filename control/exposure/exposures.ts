import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { type Names, nameAll } from '../crossings/index.ts';
import { decodeCursor, type Platform, page } from '../platform/index.ts';
import { sendingTreatments } from './facts.ts';
import type { Exposure, ExposureQuery } from './schemas.ts';

interface ExposureRow {
  slot: number;
  subject: number;
  pseudonym: string;
  about: 'person' | 'organisation';
  person: string;
  kind: string | null;
  connection: string;
  app: string;
  class: string;
  treatment: string;
  first: Date;
  last: Date;
  crossings: number;
}

const Cursor = z.tuple([z.int(), z.int()]);

/** One page of what a vendor was seen to get, or not to get, of single subjects. */
export async function listExposures(
  platform: Platform,
  names: Names,
  vendor: string,
  query: ExposureQuery,
): Promise<{ items: Exposure[]; next: string | null }> {
  const [slot, subject] = query.cursor === undefined ? [0, 0] : decodeCursor(query.cursor, Cursor);
  const more = query.limit + 1;
  // `nobody` stands for items that identify no one: what was sent is in the holdings, but there is no one to list.
  const about = query.about === undefined ? ['person', 'organisation'] : [query.about];
  const rows = await sql<ExposureRow>`
    WITH slots AS (
      SELECT id, connection, app, class, treatment FROM exposure_slot
      WHERE vendor = ${vendor} AND id >= ${slot}
        ${query.class === undefined ? sql`` : sql`AND class = ${query.class}`}
        ${query.treatment === undefined ? sql`` : sql`AND treatment = ${query.treatment}`}
        ${query.held === 'true' ? sql`AND treatment = ANY (${sendingTreatments})` : sql``})
    SELECT slots.id AS slot, found.subject, s.pseudonym, s.about, linked.pseudonym AS person, s.kind, connection, app, class, treatment, first, last, crossings
    FROM slots CROSS JOIN LATERAL (
      -- The first subjects of all profiles together are among the first of each.
      SELECT subject, min(first_seen_at) AS first, max(last_seen_at) AS last, sum(crossings)::bigint AS crossings
      FROM exposure_profile profile CROSS JOIN LATERAL (
        SELECT subject, first_seen_at, last_seen_at, crossings FROM exposure_part
        WHERE profile = profile.id AND (slots.id > ${slot} OR subject > ${subject})
          AND EXISTS (SELECT FROM subject WHERE id = exposure_part.subject AND about = ANY (${about}))
        ORDER BY subject LIMIT ${more}) AS part
      WHERE slots.id = ANY (profile.slots)
      GROUP BY subject ORDER BY subject LIMIT ${more}) AS found
    JOIN subject s ON s.id = found.subject JOIN subject linked ON linked.id = s.person
    ORDER BY slots.id, found.subject LIMIT ${more}`.execute(platform.db);
  const named = await nameAll(names, rows.rows);
  return page(
    rows.rows,
    query.limit,
    (row) => [row.slot, row.subject],
    (row) => ({
      subject: row.pseudonym,
      about: row.about,
      person: row.person,
      kind: row.kind,
      app: named.app(row.app),
      connection: named.connection(row.connection),
      class: row.class,
      treatment: row.treatment,
      firstSeenAt: row.first.toISOString(),
      lastSeenAt: row.last.toISOString(),
      crossings: row.crossings,
    }),
  );
}
