import { sql } from 'kysely';
import type { Connections, ConnectionView } from '../connections/index.ts';
import { type Exposed, exposedBy } from '../exposure/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Catalogue, Known } from '../vendors/index.ts';
import { rulesOf } from './hosts.ts';
import type { Groups } from './place.ts';
import { type Found, placeOf } from './place-of.ts';
import type { Ranges } from './ranges-store.ts';
import type { JudgedView, SeenView, StatementView, WhereView } from './schemas.ts';
import type { Statements } from './statements.ts';
import type { ResidencyTables } from './tables.ts';
import { judge, worst } from './verdict.ts';

export interface WhereDeps {
  platform: Platform;
  catalogue: Catalogue;
  known: () => Promise<Known>;
  connections: Pick<Connections, 'all'>;
  statements: Statements;
  ranges: Ranges;
  groups: Groups;
  /** The hosts that connections had in versions of the configuration, by `hostKey`. */
  hostsAt: (versions: readonly number[]) => Promise<ReadonlyMap<string, string>>;
}

export const hostKey = (connection: string, version: number): string => `${version} ${connection}`;

/** Addresses that are looked at; the latest. A connection to a cloud has hundreds. */
const MOST_SEEN = 50_000;
const SHOWN = 20;
/** What was seen longer ago shows where a vendor was, not where it is. */
export const SEEN_FOR_DAYS = 30;

/** Of all vendors, or of those given: what was declared, what was seen, and how they fit. In the order of ids. */
export async function readWhere(deps: WhereDeps, only?: readonly string[]): Promise<WhereView[]> {
  const { platform, catalogue, statements, ranges } = deps;
  const [declared, rows, connections, known, table, exposed] = await Promise.all([
    statements.holding(only),
    readSeen(platform, only),
    deps.connections.all(),
    deps.known(),
    ranges.table(),
    exposedBy(platform),
  ]);
  const hosts = await deps.hostsAt([...new Set(rows.map(({ snapshot }) => Number(snapshot)))]);
  const byId = new Map(connections.map((connection) => [connection.id, connection]));
  const statementsOf = Map.groupBy(declared, ({ vendor }) => vendor);
  const rowsOf = Map.groupBy(rows, ({ vendor }) => vendor);
  const vendors = new Set([...statementsOf.keys(), ...rowsOf.keys()]);
  for (const { vendor } of connections) if (only === undefined || only.includes(vendor)) vendors.add(vendor);
  return [...vendors].sort().map((vendor) => {
    const rules = rulesOf(vendor, catalogue, known);
    const seen = (rowsOf.get(vendor) ?? []).map((row): SeenView => {
      const host = hosts.get(hostKey(row.connection, Number(row.snapshot))) ?? null;
      return seenOf(
        row,
        byId.get(row.connection),
        host,
        placeOf(host, row.address, { rules, ranges: table }),
      );
    });
    const judged = (statementsOf.get(vendor) ?? []).map((one) => judgedOf(one, seen, deps.groups));
    const mine = exposed.filter((one) => one.vendor === vendor);
    return {
      vendor,
      name: catalogue.pack(vendor)?.name ?? known.get(vendor)?.name ?? vendor,
      verdict: worst(judged.map(({ verdict }) => verdict)),
      statements: judged,
      seen,
      classes: classesOf(mine),
      people: peopleOf(mine),
    };
  });
}

export function classesOf(exposed: readonly Exposed[]): string[] {
  return [...new Set(exposed.flatMap((one) => (one.class === '' ? [] : [one.class])))].sort();
}

/** Over all connections of the vendor, each person once. */
function peopleOf(exposed: readonly Exposed[]): number {
  return exposed.find((one) => one.connection === '' && one.class === '')?.people ?? 0;
}

type SeenRow = ResidencyTables['residency_seen'];

async function readSeen(platform: Platform, only: readonly string[] | undefined): Promise<SeenRow[]> {
  if (only?.length === 0) return [];
  let query = platform.db
    .withTables<ResidencyTables>()
    .selectFrom('residency_seen')
    .selectAll()
    .where('last_at', '>=', new Date(platform.clock.now() - SEEN_FOR_DAYS * 24 * 3600_000))
    .orderBy('last_at', 'desc')
    .orderBy('connection')
    .orderBy('address')
    .limit(MOST_SEEN);
  if (only !== undefined) query = query.where('vendor', 'in', [...only]);
  return query.execute();
}

function seenOf(
  row: SeenRow,
  connection: ConnectionView | undefined,
  host: string | null,
  found: Found,
): SeenView {
  return {
    connection: { id: row.connection, name: connection?.name ?? row.connection },
    service: row.service,
    host,
    address: row.address,
    found,
    crossings: Number(row.crossings),
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    lastCrossing: row.last_crossing,
  };
}

/** A statement against every place that its service was seen at: the worst of what comes out counts. */
function judgedOf(statement: StatementView, seen: readonly SeenView[], groups: Groups): JudgedView {
  const mine = seen.filter(({ service }) => statement.service === null || statement.service === service);
  const places = [...new Set(mine.map(({ found }) => found.place))];
  const judged = places.map((place) => ({ place, ...judge(statement, { place }, groups) }));
  const verdict = worst(judged.map((one) => one.verdict));
  const first = judged.find((one) => one.verdict === verdict) ?? judge(statement, null, groups);
  const behind = mine.filter(({ found }) => !('place' in first) || found.place === first.place);
  return { statement, verdict: first.verdict, says: first.says, seen: behind.slice(0, SHOWN) };
}

/** Ids of vendors that a statement, a connection or a crossing speaks of, after one of them, in their order. */
export async function vendorsAfter(platform: Platform, after: string, limit: number): Promise<string[]> {
  const found = await sql<{ vendor: string }>`
    SELECT vendor COLLATE "C" AS vendor FROM residency_statement WHERE is_latest AND NOT withdrawn AND vendor > ${after}
    UNION SELECT vendor COLLATE "C" FROM residency_seen WHERE vendor > ${after}
    UNION SELECT vendor COLLATE "C" FROM connection WHERE vendor COLLATE "C" > ${after}
    ORDER BY vendor LIMIT ${limit}`.execute(platform.db);
  return found.rows.map(({ vendor }) => vendor);
}
