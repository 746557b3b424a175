import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** A host of a vendor, as a file of traffic (a log, a recording) shows it on days. */
export interface SeenHost {
  sighting: string;
  source: string;
  file: string;
  /** The first places in the file. */
  lines: number[];
  host: string;
  /** What kind of file: `squid`, `zeek-dns`, `har`, … */
  via: string;
  days: { day: string; count: number }[];
}

/** On which days a source of traffic shows anything at all. */
export interface TrafficSource {
  source: string;
  via: string;
  days: string[];
}

/** What the egress proxy saw is told by its own crossings; an export of a gateway's journal is no other's evidence. */
const NOT_OTHERS = sql`'gateway'`;

/** Hosts that are for sure a vendor's, as evidence of traffic shows them from one day until and with another. */
export async function seenHosts(
  platform: Pick<Platform, 'db'>,
  vendor: string,
  { from, to }: { from: string; to: string },
): Promise<SeenHost[]> {
  const { rows } = await sql<SeenHost>`
    SELECT s.id::text AS sighting, e.name AS source, s.file, s.lines, s.value AS host, s.detail->>'via' AS via, d.days
      FROM sighting s JOIN evidence_source e ON e.id = s.source
     CROSS JOIN LATERAL (
       SELECT jsonb_agg(jsonb_build_object('day', key, 'count', value::bigint) ORDER BY key) AS days
         FROM jsonb_each_text(s.days) WHERE key BETWEEN ${from} AND ${to}) d
     WHERE s.vendor = ${vendor} AND s.sure AND s.kind = 'host' AND s.grade = 0 AND d.days IS NOT NULL
       AND s.detail->>'via' <> ${NOT_OTHERS}
     ORDER BY e.name, s.file, s.value, s.id`.execute(platform.db);
  return rows;
}

/** Sources of traffic that speak of any of these days, whether a vendor is in them or not. */
export async function trafficSources(
  platform: Pick<Platform, 'db'>,
  { from, to }: { from: string; to: string },
): Promise<TrafficSource[]> {
  const { rows } = await sql<TrafficSource>`
    SELECT e.name AS source, d.via, array_agg(DISTINCT d.day::text ORDER BY d.day::text) AS days
      FROM evidence_day d JOIN evidence_source e ON e.id = d.source
     WHERE d.day BETWEEN ${from}::date AND ${to}::date AND d.via <> ${NOT_OTHERS}
     GROUP BY e.name, d.via ORDER BY e.name, d.via`.execute(platform.db);
  return rows;
}

/** An endpoint of a vendor that evidence of traffic shows: a host, and one of the addresses that it had, where it has any. */
interface SeenEndpoint {
  vendor: string;
  host: string;
  service: string | null;
  /** Of the server; null: the file names none. */
  address: string | null;
  source: string;
  file: string;
  /** How often the file has the host. */
  count: number;
  firstAt: Date;
  lastAt: Date;
}

/** Endpoints that are read at a time, the latest first. */
const MOST_ENDPOINTS = 20_000;
const MOST_ADDRESSES = 20;

/**
 * Hosts that are for sure a vendor's and were observed since a time, of all vendors or of those given. What is configured, or
 * could be done, is no endpoint that anything went to. Each address of a host stands by itself.
 */
export async function endpointsSeen(
  platform: Pick<Platform, 'db'>,
  since: Date,
  only?: readonly string[],
): Promise<SeenEndpoint[]> {
  if (only?.length === 0) return [];
  const { rows } = await sql<SeenEndpoint>`
    SELECT s.vendor, s.value AS host, s.service, a.address, e.name AS source, s.file, s.count::float8 AS count,
        coalesce(s.first_at, s.last_at) AS "firstAt", s.last_at AS "lastAt"
      FROM sighting s JOIN evidence_source e ON e.id = s.source
      LEFT JOIN LATERAL unnest(s.addresses[1:${sql.lit(MOST_ADDRESSES)}]) AS a (address) ON true
     WHERE s.vendor IS NOT NULL AND s.sure AND s.kind = 'host' AND s.grade = 0 AND s.last_at >= ${since}
       AND s.detail->>'via' <> ${NOT_OTHERS}
       AND (${only === undefined} OR s.vendor = ANY (${only === undefined ? [] : [...only]}::text[]))
     ORDER BY s.last_at DESC, s.id, a.address LIMIT ${MOST_ENDPOINTS}`.execute(platform.db);
  return rows;
}
