import type { Pack } from '@drawbridge/protocol';
import type { Platform } from '../platform/index.ts';
import type { StatementView } from './schemas.ts';
import type { ResidencyTables } from './tables.ts';
import {
  type EvidenceSeen,
  type Grounds,
  readSeen,
  SEEN_FOR_DAYS,
  type SeenGrounds,
  type Stand,
  seenSince,
  standsOf,
  type WhereDeps,
} from './where.ts';

/** The stands of all vendors. The same object as long as nothing that they are made of has changed. */
export type KeptStands = () => Promise<readonly Stand[]>;

/** Numbers that each change raises, in the transaction that makes it. */
interface Versions {
  statements: number;
  seen: number;
  hosts: number;
}

/** What is as it was read at a version. */
interface KeptSeen {
  versions: Versions;
  /** Milliseconds since 1970: from when on the same rows come out of the same table. */
  from: number;
  until: number;
  seen: SeenGrounds;
}
interface Made {
  grounds: Grounds;
  packs: readonly Pack[];
  stands: readonly Stand[];
}

/**
 * Makes the stands of all vendors once, and again when one of the things that they rest on is another: what was read under a
 * version is at least as new as that version, so an answer is never older than the question.
 */
export function keepStands(deps: WhereDeps): KeptStands {
  const { platform, catalogue } = deps;
  let declared: { version: number; statements: readonly StatementView[] } | null = null;
  let seen: KeptSeen | null = null;
  let made: Made | null = null;

  async function statementsAt(version: number): Promise<readonly StatementView[]> {
    if (declared?.version === version) return declared.statements;
    const statements = await deps.statements.holding();
    declared = { version, statements };
    return statements;
  }

  async function seenAt(versions: Versions): Promise<SeenGrounds> {
    const now = platform.clock.now();
    if (
      seen !== null &&
      seen.versions.seen === versions.seen &&
      seen.versions.hosts === versions.hosts &&
      now >= seen.from &&
      now <= seen.until
    ) {
      return seen.seen;
    }
    const read = await readSeen(deps, seenSince(now));
    const oldest = read.rows.at(-1)?.last_at;
    const until = oldest === undefined ? Number.POSITIVE_INFINITY : Date.parse(oldest) + SEEN_FOR_MS;
    seen = { versions, from: now, until, seen: read };
    return read;
  }

  return async () => {
    const versions = await readVersions(platform);
    const [statements, went, connections, known, table, evidence] = await Promise.all([
      statementsAt(versions.statements),
      seenAt(versions),
      deps.connections.all(),
      deps.known(),
      deps.ranges.table(),
      deps.inEvidence(seenSince(platform.clock.now())),
    ]);
    const { packs } = catalogue;
    const grounds: Grounds = {
      declared: statements,
      seen: went,
      connections: connections.map(({ id, name, vendor }) => ({ id, name, vendor })),
      known,
      table,
      evidence,
    };
    if (made === null || !isSame(made, grounds, packs))
      made = { grounds, packs, stands: standsOf(deps, grounds) };
    return made.stands;
  };
}

const SEEN_FOR_MS = SEEN_FOR_DAYS * 24 * 3600_000;

async function readVersions(platform: Platform): Promise<Versions> {
  const rows = await platform.db
    .withTables<ResidencyTables>()
    .selectFrom('residency_version')
    .selectAll()
    .execute();
  const of = new Map(rows.map((row) => [row.of, Number(row.version)]));
  return { statements: of.get('statements') ?? 0, seen: of.get('seen') ?? 0, hosts: of.get('hosts') ?? 0 };
}

function isSame(made: Made, grounds: Grounds, packs: readonly Pack[]): boolean {
  const was = made.grounds;
  return (
    was.declared === grounds.declared &&
    was.seen === grounds.seen &&
    was.known === grounds.known &&
    was.table === grounds.table &&
    allSame(made.packs, packs, (one, other) => one === other) &&
    allSame(
      was.connections,
      grounds.connections,
      (one, other) => one.id === other.id && one.name === other.name && one.vendor === other.vendor,
    ) &&
    allSame(was.evidence, grounds.evidence, isSameEvidence)
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
const MOST_MADE = 8;
