import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';

type Database = Pick<Platform, 'db'>;

/** A host that visits to a vendor's console saw. Days are `YYYY-MM-DD`, in UTC. */
export interface SeenHost {
  vendor: string;
  host: string;
  first: string;
  last: string;
  calls: number;
}

/** Visits to one vendor's console that stand. */
export interface VisitDays {
  count: number;
  first: string;
  last: string;
}

/** A party behind a vendor's console, or the vendor itself, with all of its hosts that were seen. */
export interface SeenParty {
  vendor: string;
  /** A vendor's id, or the host where it is not known whose it is. */
  party: string;
  known: boolean;
  /** Null: nobody knows whose the host is. */
  firstParty: boolean | null;
  hosts: string[];
  calls: number;
  first: string;
  last: string;
}

/** @param vendors only of these; all unless said. */
export async function seenHosts(platform: Database, vendors?: readonly string[]): Promise<SeenHost[]> {
  const those = vendors === undefined ? sql`true` : sql`v.vendor = ANY(${vendors})`;
  const { rows } = await sql<Omit<SeenHost, 'calls'> & { calls: string }>`
    SELECT v.vendor, h.host, min(v.day)::text AS first, max(v.day)::text AS last, sum(h.calls) AS calls
      FROM console_visit v JOIN console_visit_host h ON h.visit = v.id
     WHERE v.withdrawn_at IS NULL AND ${those}
     GROUP BY v.vendor, h.host ORDER BY v.vendor, h.host`.execute(platform.db);
  return rows.map((row) => ({ ...row, calls: Number(row.calls) }));
}

/** By vendor, of those that were visited. */
export async function visitDays(platform: Database): Promise<Map<string, VisitDays>> {
  const { rows } = await sql<Omit<VisitDays, 'count'> & { vendor: string; count: string }>`
    SELECT vendor, count(*) AS count, min(day)::text AS first, max(day)::text AS last
      FROM console_visit WHERE withdrawn_at IS NULL GROUP BY vendor`.execute(platform.db);
  return new Map(rows.map(({ vendor, count, ...days }) => [vendor, { ...days, count: Number(count) }]));
}

/** A name of a field, or an address, at a host of a vendor's console. */
export interface SeenDetail {
  vendor: string;
  host: string;
  kind: 'field' | 'address';
  value: string;
  first: string;
  last: string;
}

/** @param hosts only of these; all unless said. */
export async function seenDetails(
  platform: Database,
  vendors: readonly string[],
  hosts?: readonly string[],
): Promise<SeenDetail[]> {
  const those = hosts === undefined ? sql`true` : sql`h.host = ANY(${hosts})`;
  const { rows } = await sql<SeenDetail>`
    SELECT v.vendor, h.host, d.kind, d.value, min(v.day)::text AS first, max(v.day)::text AS last
      FROM console_visit v JOIN console_visit_host h ON h.visit = v.id
      CROSS JOIN LATERAL (SELECT 'field' AS kind, unnest(h.fields) AS value
                          UNION ALL SELECT 'address', unnest(h.addresses)) d
     WHERE v.withdrawn_at IS NULL AND v.vendor = ANY(${vendors}) AND ${those}
     GROUP BY v.vendor, h.host, d.kind, d.value ORDER BY v.vendor, h.host, d.kind, d.value`.execute(
    platform.db,
  );
  return rows;
}

/** Hosts as parties, by what is known of vendors now. */
export function partiesOf(hosts: readonly SeenHost[], known: Known): SeenParty[] {
  const of = ({ vendor, host }: SeenHost): string => `${vendor}\n${known.ofHost(host)?.id ?? host}`;
  return [...Map.groupBy(hosts, of)].flatMap(([key, some]): SeenParty[] => {
    const [one] = some;
    if (one === undefined) return [];
    const party = key.slice(key.indexOf('\n') + 1);
    const isKnown = known.ofHost(one.host) !== undefined;
    const days = some.flatMap(({ first, last }) => [first, last]).sort();
    return [
      {
        vendor: one.vendor,
        party,
        known: isKnown,
        firstParty: isKnown ? party === one.vendor : null,
        hosts: some.map(({ host }) => host),
        calls: some.reduce((sum, { calls }) => sum + calls, 0),
        first: days[0] ?? one.first,
        last: days.at(-1) ?? one.last,
      },
    ];
  });
}

/** A vendor's console that was seen to call a party that is known, which is not the vendor itself. */
export interface ConsoleLink {
  vendor: string;
  party: string;
  firstAt: Date;
  lastAt: Date;
  /** The day of the newest visit, where that did not show it. */
  notSeenIn: string | null;
}

/** What visits add to the chain. */
export async function consoleLinks(platform: Database, known: Known): Promise<ConsoleLink[]> {
  const [hosts, days] = await Promise.all([seenHosts(platform), visitDays(platform)]);
  return partiesOf(hosts, known)
    .filter(({ firstParty }) => firstParty === false)
    .map(({ vendor, party, first, last }) => ({
      vendor,
      party,
      firstAt: new Date(first),
      lastAt: new Date(last),
      notSeenIn: notSeenIn(last, days.get(vendor)),
    }));
}

/** All visits of the newest day count together: one may show a page that another does not. */
export function notSeenIn(last: string, days: VisitDays | undefined): string | null {
  return days !== undefined && last < days.last ? days.last : null;
}
