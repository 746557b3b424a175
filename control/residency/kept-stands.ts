import type { Pack } from '@drawbridge/protocol';
import type { Platform } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import type { RangeTable } from './range-table.ts';
import type { StatementView } from './schemas.ts';
import type { ResidencyTables } from './tables.ts';
import {
  byIdOf,
  configuredIn,
  type EvidenceSeen,
  groundsOf,
  MOST_SEEN,
  readSeen,
  type SeenRow,
  type Stand,
  seenSince,
  standOf,
  type WhereDeps,
} from './where.ts';

/** The stands of all vendors, in the order of ids. The same object as long as nothing that they are made of has changed. */
export type KeptStands = () => Promise<readonly Stand[]>;

/** Numbers that each change raises, in the transaction that makes it. */
interface Versions {
  statements: number;
  seen: number;
  hosts: number;
}
interface ConnectionName {
  id: string;
  name: string;
  vendor: string;
}
interface Kept {
  versions: Versions;
  /** Milliseconds since 1970, when it was made: an earlier time sees other rows. */
  at: number;
  statements: readonly StatementView[];
  rowsOf: Map<string, readonly SeenRow[]>;
  /** There are more rows than are read: which ones depends on all of them. */
  isCut: boolean;
  hosts: ReadonlyMap<string, string>;
  /** Of which the hosts were read. */
  hostsOf: ReadonlySet<number>;
  connections: readonly ConnectionName[];
  known: Known;
  table: RangeTable | null;
  evidence: readonly EvidenceSeen[];
  packs: readonly Pack[];
  stands: readonly Stand[];
}

/** With more than so many vendors changed, all are read. */
const MOST_CHANGED = 1_000;

/**
 * Makes the stands of all vendors once, and again only those of which something is another. What was read under a version is
 * at least as new as that version, so an answer is never older than its question.
 */
export function keepStands(deps: WhereDeps): KeptStands {
  let kept: Kept | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  const brought = async (): Promise<readonly Stand[]> => {
    kept = await bringUp(deps, kept);
    return kept.stands;
  };
  return () => {
    // One after the other: each goes on from what the one before it kept, also where that one failed.
    const mine = turn.then(brought, brought);
    turn = mine;
    return mine;
  };
}

async function bringUp(deps: WhereDeps, kept: Kept | null): Promise<Kept> {
  const { platform } = deps;
  const at = platform.clock.now();
  const since = seenSince(at);
  const versions = await readVersions(platform);
  const [statements, went, connections, known, table, evidence] = await Promise.all([
    kept?.versions.statements === versions.statements ? kept.statements : deps.statements.holding(),
    readWent(platform, kept, versions, at),
    deps.connections.all(),
    deps.known(),
    deps.ranges.table(),
    deps.inEvidence(since),
  ]);
  const now = {
    versions,
    at,
    statements,
    ...went,
    ...(await hostsFor(deps, kept, versions, went.rowsOf)),
    connections: connections.map(({ id, name, vendor }) => ({ id, name, vendor })),
    known,
    table,
    evidence,
    packs: deps.catalogue.packs,
  };
  if (kept === null || !restsOnTheSame(kept, now)) return { ...now, stands: allStands(deps, now) };
  if (went.changed === null) return { ...now, stands: allStands(deps, now) };
  if (went.changed.size === 0) return { ...now, stands: kept.stands };
  return { ...now, stands: someStands(deps, now, kept.stands, went.changed) };
}

type Now = Omit<Kept, 'stands'>;
interface Went extends Pick<Kept, 'rowsOf' | 'isCut'> {
  /** Vendors with other rows than before; null: all may have. */
  changed: ReadonlySet<string> | null;
}

/** Rows of vendors that changed since, and without those that are past their time by now. */
async function readWent(
  platform: Platform,
  kept: Kept | null,
  versions: Versions,
  at: number,
): Promise<Went> {
  const since = seenSince(at);
  const changed =
    kept === null || kept.isCut || at < kept.at
      ? null
      : await changedSince(platform, kept.versions, versions);
  if (kept === null || changed === null) {
    const rows = await readSeen(platform, since);
    return {
      rowsOf: Map.groupBy(rows, ({ vendor }) => vendor),
      isCut: rows.length >= MOST_SEEN,
      changed: null,
    };
  }
  const rowsOf = new Map(kept.rowsOf);
  const first = since.toISOString();
  const others = new Set(changed);
  for (const [vendor, rows] of kept.rowsOf) {
    // The latest come first, and times of one form are in the order of their letters.
    if (changed.has(vendor) || (rows.at(-1)?.last_at ?? first) >= first) continue;
    rowsOf.set(
      vendor,
      rows.filter(({ last_at: last }) => last >= first),
    );
    others.add(vendor);
  }
  const fresh = Map.groupBy(await readSeen(platform, since, [...changed]), ({ vendor }) => vendor);
  for (const vendor of changed) rowsOf.set(vendor, fresh.get(vendor) ?? []);
  for (const vendor of others) if (rowsOf.get(vendor)?.length === 0) rowsOf.delete(vendor);
  const size = [...rowsOf.values()].reduce((sum, rows) => sum + rows.length, 0);
  return size >= MOST_SEEN
    ? readWent(platform, null, versions, at)
    : { rowsOf, isCut: false, changed: others };
}

/** Null: all, or too many to read one by one. */
async function changedSince(platform: Platform, was: Versions, is: Versions): Promise<Set<string> | null> {
  if (was.seen === is.seen) return new Set();
  const rows = await platform.db
    .withTables<ResidencyTables>()
    .selectFrom('residency_seen_change')
    .select('vendor')
    .where('version', '>', was.seen)
    .limit(MOST_CHANGED + 1)
    .execute();
  const vendors = new Set(rows.map(({ vendor }) => vendor));
  return vendors.has('') || vendors.size > MOST_CHANGED ? null : vendors;
}

/** The hosts of versions that rows speak of: those of a version that is kept never change. */
async function hostsFor(
  deps: WhereDeps,
  kept: Kept | null,
  versions: Versions,
  rowsOf: ReadonlyMap<string, readonly SeenRow[]>,
): Promise<Pick<Kept, 'hosts' | 'hostsOf'>> {
  const wanted = new Set<number>();
  for (const rows of rowsOf.values()) for (const version of configuredIn(rows)) wanted.add(version);
  const same = kept !== null && kept.versions.hosts === versions.hosts ? kept : null;
  // Versions that no row speaks of any more are let go from time to time.
  if (same === null || same.hostsOf.size > 2 * wanted.size + 10)
    return { hosts: await deps.hostsAt([...wanted]), hostsOf: wanted };
  const missing = [...wanted].filter((version) => !same.hostsOf.has(version));
  if (missing.length === 0) return { hosts: same.hosts, hostsOf: same.hostsOf };
  const hosts = new Map([...same.hosts, ...(await deps.hostsAt(missing))]);
  return { hosts, hostsOf: new Set([...same.hostsOf, ...missing]) };
}

async function readVersions(platform: Platform): Promise<Versions> {
  const rows = await platform.db
    .withTables<ResidencyTables>()
    .selectFrom('residency_version')
    .selectAll()
    .execute();
  const of = new Map(rows.map((row) => [row.of, Number(row.version)]));
  return { statements: of.get('statements') ?? 0, seen: of.get('seen') ?? 0, hosts: of.get('hosts') ?? 0 };
}

function allStands(deps: WhereDeps, now: Now): Stand[] {
  const grounds = groundsOf({
    declared: now.statements,
    rows: [...now.rowsOf.values()].flat(),
    evidence: now.evidence,
  });
  for (const { vendor } of now.connections) grounds(vendor);
  const common = { ...deps, ...now, connections: byIdOf(now.connections) };
  return grounds.vendors().map((vendor) => standOf(vendor, grounds(vendor), common));
}

/** Those of before, with those of some vendors made anew. */
function someStands(
  deps: WhereDeps,
  now: Now,
  before: readonly Stand[],
  changed: ReadonlySet<string>,
): Stand[] {
  const grounds = groundsOf({
    declared: now.statements.filter(({ vendor }) => changed.has(vendor)),
    rows: [...changed].flatMap((vendor) => now.rowsOf.get(vendor) ?? []),
    evidence: now.evidence.filter(({ vendor }) => changed.has(vendor)),
  });
  for (const { vendor } of now.connections) if (changed.has(vendor)) grounds(vendor);
  const common = { ...deps, ...now, connections: byIdOf(now.connections) };
  const made = grounds.vendors().map((vendor) => standOf(vendor, grounds(vendor), common));
  const rest = before.filter(({ vendor }) => !changed.has(vendor));
  return [...rest, ...made].sort((one, other) => (one.vendor < other.vendor ? -1 : 1));
}

/** All but the rows that were seen. */
function restsOnTheSame(was: Kept, is: Now): boolean {
  return (
    was.statements === is.statements &&
    was.versions.hosts === is.versions.hosts &&
    was.known === is.known &&
    was.table === is.table &&
    allSame(was.packs, is.packs, (one, other) => one === other) &&
    allSame(
      was.connections,
      is.connections,
      (one, other) => one.id === other.id && one.name === other.name && one.vendor === other.vendor,
    ) &&
    allSame(was.evidence, is.evidence, isSameEvidence)
  );
}

function allSame<Item>(
  some: readonly Item[],
  others: readonly Item[],
  same: (one: Item, other: Item) => boolean,
): boolean {
  return (
    some.length === others.length &&
    some.every((one, index) => {
      const other = others[index];
      return other !== undefined && same(one, other);
    })
  );
}

function isSameEvidence(one: EvidenceSeen, other: EvidenceSeen): boolean {
  return (
    one.vendor === other.vendor &&
    one.host === other.host &&
    one.service === other.service &&
    one.address === other.address &&
    one.source === other.source &&
    one.file === other.file &&
    one.count === other.count &&
    one.firstAt.getTime() === other.firstAt.getTime() &&
    one.lastAt.getTime() === other.lastAt.getTime()
  );
}

const MOST_MADE = 8;

/** Makes something of the stands once for each `of`, as long as they are the same. At most `MOST_MADE` are kept. */
export function madeOf<Result>(make: (stands: readonly Stand[], of: string) => Result) {
  let last: readonly Stand[] | null = null;
  const results = new Map<string, Result>();
  return (stands: readonly Stand[], of = ''): Result => {
    if (stands !== last) results.clear();
    last = stands;
    const there = results.get(of);
    if (there !== undefined) return there;
    const [oldest] = results.keys();
    if (results.size >= MOST_MADE && oldest !== undefined) results.delete(oldest);
    const result = make(stands, of);
    results.set(of, result);
    return result;
  };
}
