import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** Counts of crossings, read off the rollups by kind. Times are Dates; "24 hours" begins at a whole minute. */

const DAY_MS = 24 * 3600_000;
const MINUTE_MS = 60_000;

/** Where the last 24 hours begin: a whole minute, so that a list `from` there shows exactly what is counted. */
export function dayAgo(platform: Platform): Date {
  return new Date(Math.floor((platform.clock.now() - DAY_MS) / MINUTE_MS) * MINUTE_MS);
}

export interface VendorTraffic {
  vendor: string;
  /** Those that crossed and those that were refused. */
  crossings24h: number;
  crossed24h: number;
  refused24h: number;
  lastCrossingAt: Date;
  /** What crossed or was kept from it, ever. */
  pairs: { class: string; treatment: string }[];
}

/** Vendors to which something crossed: when first and last, and the field classes of what crossed. */
export async function crossedVendors(
  platform: Pick<Platform, 'db'>,
): Promise<{ vendor: string; firstAt: Date; lastAt: Date; classes: string[] }[]> {
  const found = await sql<{ vendor: string; firstAt: Date; lastAt: Date; classes: string[] }>`
    SELECT vendor, min(first_at) AS "firstAt", max(last_at) AS "lastAt",
      ARRAY(SELECT DISTINCT c FROM crossing_kind k CROSS JOIN LATERAL unnest(k.classes) AS c
            WHERE k.vendor = crossing_kind.vendor AND k.decision = 'forwarded') AS classes
    FROM crossing_kind JOIN crossing_day ON kind = id
    WHERE decision = 'forwarded' GROUP BY vendor`.execute(platform.db);
  return found.rows;
}

/** All vendors to which anything ever crossed or was refused. */
export async function vendorTraffic(platform: Platform): Promise<Map<string, VendorTraffic>> {
  const found = await sql<Omit<VendorTraffic, 'pairs'>>`
    WITH recent AS (
      SELECT kind, sum(crossings)::bigint AS crossings FROM crossing_minute
      WHERE minute >= ${dayAgo(platform)} GROUP BY kind),
    ever AS (SELECT kind, max(last_at) AS last_at FROM crossing_day GROUP BY kind)
    SELECT vendor, coalesce(sum(crossings), 0)::bigint AS "crossings24h",
      coalesce(sum(crossings) FILTER (WHERE decision = 'forwarded'), 0)::bigint AS "crossed24h",
      coalesce(sum(crossings) FILTER (WHERE decision = 'refused'), 0)::bigint AS "refused24h",
      max(last_at) AS "lastCrossingAt"
    FROM crossing_kind JOIN ever ON ever.kind = id LEFT JOIN recent ON recent.kind = id
    GROUP BY vendor`.execute(platform.db);
  const pairs = await sql<{ vendor: string; class: string; treatment: string }>`
    SELECT DISTINCT vendor, f.class, f.treatment
    FROM crossing_kind CROSS JOIN LATERAL unnest(classes, treatments) AS f (class, treatment)`.execute(
    platform.db,
  );
  const pairsOf = Map.groupBy(pairs.rows, (pair) => pair.vendor);
  return new Map(
    found.rows.map((row) => [
      row.vendor,
      {
        ...row,
        pairs: (pairsOf.get(row.vendor) ?? []).map((pair) => ({
          class: pair.class,
          treatment: pair.treatment,
        })),
      },
    ]),
  );
}

/**
 * Stored records of crossings that were forwarded: counted in the journal itself, not in what was computed from it.
 */
export async function forwardedLeaves(platform: Pick<Platform, 'db'>): Promise<number> {
  const found = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM journal_entry
    WHERE kind = 'crossing' AND convert_from(bytes, 'UTF8')::json ->> 'decision' = 'forwarded'`.execute(
    platform.db,
  );
  return found.rows[0]?.count ?? 0;
}

export interface Holding {
  class: string;
  treatment: string;
  crossings: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** Ids. */
  apps: string[];
}

/** What crossed to a vendor, or was kept from it, by field class and treatment. */
export async function vendorHoldings(platform: Platform, vendor: string): Promise<Holding[]> {
  const found = await sql<Holding>`
    WITH kinds AS (
      SELECT id, app, classes, treatments, sum(crossings)::bigint AS crossings, min(first_at) AS first_at,
        max(last_at) AS last_at
      FROM crossing_kind JOIN crossing_day ON kind = id WHERE vendor = ${vendor} GROUP BY id)
    SELECT f.class, f.treatment, sum(crossings)::bigint AS crossings, min(first_at) AS "firstSeenAt",
      max(last_at) AS "lastSeenAt", array_agg(DISTINCT app ORDER BY app) AS apps
    FROM kinds CROSS JOIN LATERAL unnest(classes, treatments) AS f (class, treatment)
    GROUP BY f.class, f.treatment`.execute(platform.db);
  return found.rows;
}

/** What of each kind was sent by which app over which connection, up to a moment and after another one. */
export interface SentTraffic {
  vendor: string;
  class: string;
  treatment: string;
  app: string;
  connection: string;
  crossings: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
}

/**
 * Crossings of whole UTC days that began by `to` (ms) and did not end by what `gates` name for their vendor and class. Classes
 * without a gate count from the beginning.
 */
export async function sentTraffic(
  { db }: Pick<Platform, 'db'>,
  vendors: readonly string[],
  sendingTreatments: readonly string[],
  to: number,
  gates: readonly { vendor: string; class: string; after: number }[],
): Promise<SentTraffic[]> {
  const found = await sql<SentTraffic>`
    WITH gate AS (
      SELECT * FROM unnest(${gates.map((gate) => gate.vendor)}::text[], ${gates.map((gate) => gate.class)}::text[],
        ${gates.map(({ after }) => new Date(after))}::timestamptz[]) AS gate (vendor, class, after))
    SELECT k.vendor, f.class, f.treatment, k.app, k.connection, sum(crossings)::bigint AS crossings,
      min(first_at) AS "firstSeenAt", max(last_at) AS "lastSeenAt"
    FROM crossing_kind k JOIN crossing_day ON kind = k.id
      CROSS JOIN LATERAL unnest(k.classes, k.treatments) AS f (class, treatment)
      LEFT JOIN gate ON gate.vendor = k.vendor AND gate.class = f.class
    WHERE k.vendor = ANY (${[...vendors]}) AND f.treatment = ANY (${sendingTreatments}) AND first_at <= ${new Date(to)}
      AND (after IS NULL OR last_at > after)
    GROUP BY k.vendor, f.class, f.treatment, k.app, k.connection
    ORDER BY k.vendor, f.class, f.treatment, k.app, k.connection`.execute(db);
  return found.rows;
}

/** How many apps something crossed from to each vendor. */
export async function appsByVendor({ db }: Pick<Platform, 'db'>): Promise<Map<string, number>> {
  const found = await sql<{ vendor: string; apps: number }>`
    SELECT vendor, count(DISTINCT app) AS apps FROM crossing_kind WHERE decision = 'forwarded' GROUP BY vendor`.execute(
    db,
  );
  return new Map(found.rows.map(({ vendor, apps }) => [vendor, apps]));
}

/** Crossings per field class and UTC day on which something of the class was sent to the vendor. */
export async function sentByDay(
  platform: Platform,
  vendor: string,
  since: string,
  sendingTreatments: readonly string[],
): Promise<{ class: string; day: string; crossings: number }[]> {
  const found = await sql<{ class: string; day: string; crossings: number }>`
    SELECT f.class, day::text, sum(crossings)::bigint AS crossings
    FROM crossing_kind JOIN crossing_day ON kind = id CROSS JOIN LATERAL (
      SELECT DISTINCT class FROM unnest(classes, treatments) AS pair (class, treatment)
      WHERE treatment = ANY (${sendingTreatments})) AS f
    WHERE vendor = ${vendor} AND day >= ${since}::date
    GROUP BY f.class, day`.execute(platform.db);
  return found.rows;
}
