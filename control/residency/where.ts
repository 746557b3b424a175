import { EGRESS } from '@drawbridge/protocol';
import { sql } from 'kysely';
import type { Connections } from '../connections/index.ts';
import { type Exposed, exposedBy } from '../exposure/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Catalogue, Known } from '../vendors/index.ts';
import { rulesOf } from './hosts.ts';
import type { Groups } from './place.ts';
import { type Found, type PlaceFacts, placeOf } from './place-of.ts';
import type { RangeTable } from './range-table.ts';
import type { Ranges } from './ranges-store.ts';
import type { JudgedView, SeenView, StatementView, WhereView } from './schemas.ts';
import { EGRESS_SEEN, FURTHER, MOST_ENDPOINTS } from './seen-projection.ts';
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
  /** Endpoints that evidence of traffic shows since a day, of all vendors or of those given. */
  inEvidence: (since: Date, only?: readonly string[]) => Promise<EvidenceSeen[]>;
}

/** An endpoint of a vendor in a file of traffic: a log of a proxy, a recording of a browser, answers of DNS. */
export interface EvidenceSeen {
  vendor: string;
  host: string;
  service: string | null;
  /** Null: the file has none. */
  address: string | null;
  source: string;
  file: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
}

export const hostKey = (connection: string, version: number): string => `${version} ${connection}`;

/** Addresses that are looked at; the latest. A connection to a cloud has hundreds. */
export const MOST_SEEN = 50_000;
const SHOWN = 20;
/** What was seen longer ago shows where a vendor was, not where it is. */
export const SEEN_FOR_DAYS = 30;

/** What was declared and what was seen of a vendor, and how they fit: without whom it reached. */
export type Stand = Omit<WhereView, 'classes' | 'people'>;

/** Of the vendors given: what was declared, what was seen, and how they fit. Asks not whom it reached, which takes longer. */
export async function readStands(deps: WhereDeps, only: readonly string[]): Promise<Stand[]> {
  const since = seenSince(deps.platform.clock.now());
  const [declared, rows, connections, known, table, evidence] = await Promise.all([
    deps.statements.holding(only),
    readSeen(deps.platform, since, only),
    deps.connections.all(),
    deps.known(),
    deps.ranges.table(),
    deps.inEvidence(since, only),
  ]);
  const hosts = await deps.hostsAt([...configuredIn(rows)]);
  const common = { ...deps, known, table, hosts, connections: byIdOf(connections) };
  const grounds = groundsOf({ declared, rows, evidence });
  for (const { vendor } of connections) if (only.includes(vendor)) grounds(vendor);
  return grounds.vendors().map((vendor) => standOf(vendor, grounds(vendor), common));
}

/** The same, with the kinds of data and the people each vendor got. */
export async function readWhere(deps: WhereDeps, only: readonly string[]): Promise<WhereView[]> {
  const stands = await readStands(deps, only);
  const exposed = await exposedBy(
    deps.platform,
    stands.map(({ vendor }) => vendor),
  );
  const exposedOf = Map.groupBy(exposed, ({ vendor }) => vendor);
  return stands.map((stand) => {
    const mine = exposedOf.get(stand.vendor) ?? [];
    return { ...stand, classes: classesOf(mine), people: peopleOf(mine) };
  });
}

/** What a vendor's stand is made of, beside what is common to all. */
interface Grounds {
  declared: readonly StatementView[];
  rows: readonly SeenRow[];
  evidence: readonly EvidenceSeen[];
}
interface Common extends Pick<WhereDeps, 'catalogue' | 'groups'> {
  known: Known;
  table: RangeTable | null;
  /** By `hostKey`. */
  hosts: ReadonlyMap<string, string>;
  /** By id. */
  connections: ReadonlyMap<string, { name: string }>;
}

/** Grounds by vendor, in the order of ids. Asking for a vendor of which nothing is known makes it one of them. */
export function groundsOf({ declared, rows, evidence }: Grounds) {
  const statementsOf = Map.groupBy(declared, ({ vendor }) => vendor);
  const rowsOf = Map.groupBy(rows, ({ vendor }) => vendor);
  const evidenceOf = Map.groupBy(evidence, ({ vendor }) => vendor);
  const vendors = new Set([...statementsOf.keys(), ...rowsOf.keys(), ...evidenceOf.keys()]);
  return Object.assign(
    (vendor: string): Grounds => {
      vendors.add(vendor);
      return {
        declared: statementsOf.get(vendor) ?? [],
        rows: rowsOf.get(vendor) ?? [],
        evidence: evidenceOf.get(vendor) ?? [],
      };
    },
    { vendors: () => [...vendors].sort() },
  );
}

export const seenSince = (now: number): Date => new Date(now - SEEN_FOR_DAYS * 24 * 3600_000);

export const byIdOf = <Item extends { id: string }>(items: readonly Item[]): Map<string, Item> =>
  new Map(items.map((item) => [item.id, item]));

/** Versions of the configuration under which connections were used. */
export function configuredIn(rows: readonly SeenRow[]): Set<number> {
  return new Set(
    rows
      .filter(({ connection }) => !connection.startsWith(EGRESS_SEEN))
      .map(({ snapshot }) => Number(snapshot)),
  );
}

/** What was declared and what was seen of one vendor, and how they fit. Pure. */
export function standOf(vendor: string, { declared, rows, evidence }: Grounds, common: Common): Stand {
  const { catalogue, known, groups } = common;
  const facts = { rules: rulesOf(vendor, catalogue, known), ranges: common.table };
  const seen = rows.map((row) => viewOf(row, facts, common));
  for (const one of evidence) seen.push(shown(one, placeOf(one.host, one.address, facts)));
  const statements = declared.map((one) => judgedOf(one, seen, groups));
  return {
    vendor,
    name: catalogue.pack(vendor)?.name ?? known.get(vendor)?.name ?? vendor,
    verdict: worst(statements.map(({ verdict }) => verdict)),
    statements,
    seen,
  };
}

/** An endpoint that a connection went to, or the egress proxy. */
function viewOf(row: SeenRow, facts: PlaceFacts, { hosts, connections }: Common): SeenView {
  const isEgress = row.connection.startsWith(EGRESS_SEEN);
  const isFurther = row.address === FURTHER;
  const host = isFurther
    ? null
    : isEgress
      ? row.connection.slice(EGRESS_SEEN.length)
      : (hosts.get(hostKey(row.connection, Number(row.snapshot))) ?? null);
  return {
    source: isEgress ? 'egress' : 'gateway',
    connection: isEgress
      ? null
      : { id: row.connection, name: connections.get(row.connection)?.name ?? row.connection },
    service: isEgress ? null : row.service,
    host,
    address: isFurther ? null : row.address,
    found: isFurther ? FURTHER_FOUND : placeOf(host, row.address, facts),
    crossings: Number(row.crossings),
    firstAt: row.first_at,
    lastAt: row.last_at,
    lastCrossing: row.last_crossing,
    evidence: null,
  };
}

/** Where endpoints beyond those that are listed are, nobody looks up. */
const FURTHER_FOUND: Found = {
  place: 'UNKNOWN',
  by: 'nothing',
  says: `Endpoints beyond the first ${MOST_ENDPOINTS}, counted together. The crossings name them.`,
};

export function classesOf(exposed: readonly Exposed[]): string[] {
  return [...new Set(exposed.flatMap((one) => (one.class === '' ? [] : [one.class])))].sort();
}

/** Over all connections of the vendor, each person once. */
function peopleOf(exposed: readonly Exposed[]): number {
  return exposed.find((one) => one.connection === '' && one.class === '')?.people ?? 0;
}

export type SeenRow = Omit<ResidencyTables['residency_seen'], 'first_at' | 'last_at'> & {
  /** ISO 8601: making dates of tens of thousands of rows only to write them again takes longer than all else here. */
  first_at: string;
  last_at: string;
};
const iso = (column: 'first_at' | 'last_at') =>
  sql<string>`to_char(${sql.ref(column)} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Endpoints that crossings went to, the latest first: at most `MOST_SEEN`. */
export async function readSeen(
  platform: Platform,
  since: Date,
  only?: readonly string[],
): Promise<SeenRow[]> {
  if (only?.length === 0) return [];
  let query = platform.db
    .withTables<ResidencyTables>()
    .selectFrom('residency_seen')
    .select(['connection', 'address', 'vendor', 'service', 'snapshot', 'crossings', 'last_crossing'])
    .select([iso('first_at').as('first_at'), iso('last_at').as('last_at')])
    .where('last_at', '>=', since)
    // Rows of before hosts were kept: they mix what the proxy connected to of several vendors.
    .where('connection', '<>', EGRESS)
    .orderBy('residency_seen.last_at', 'desc')
    .orderBy('connection')
    .orderBy('address')
    .limit(MOST_SEEN);
  if (only !== undefined) query = query.where('vendor', 'in', [...only]);
  return query.execute();
}

function shown(
  { host, service, address, source, file, count, ...one }: EvidenceSeen,
  found: Found,
): SeenView {
  return {
    source: 'evidence',
    connection: null,
    service,
    host,
    address,
    found,
    crossings: count,
    firstAt: one.firstAt.toISOString(),
    lastAt: one.lastAt.toISOString(),
    lastCrossing: null,
    evidence: { source, file },
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
