import { createHash } from 'node:crypto';
import {
  type By,
  canonicalJson,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { declareList, nameTarget } from './list-edges.ts';
import { diffLists } from './lists/diff.ts';
import { type Held, heldBack } from './lists/held.ts';
import { type Match, matcher } from './lists/match.ts';
import { nameKey } from './lists/names.ts';
import { type ListFormat, type ListRow, readList } from './lists/read.ts';
import { type Objection, objectionOf, openReviews, withdrawReviews } from './reviews.ts';
import type { ListView } from './schemas.ts';
import { enteredNames, lockChain } from './store.ts';
import type { ChainTables } from './tables.ts';

export interface GivenList {
  vendor: string;
  content: string;
  format?: ListFormat | undefined;
  source: { kind: 'url' | 'file'; text: string };
  asOf: Date;
  /** Days; undefined: as with the last version. */
  objectionDays?: number | undefined;
  /** A person looked at a list that is held back, and it is right. */
  confirmed: boolean;
  preview: boolean;
}

interface TakenList {
  list: ListView;
  isNew: boolean;
  /** Reviews that it opened. */
  reviews: number;
  held: Held | null;
  objection: Objection;
}

type Version = Omit<ChainTables['chain_list'], 'rows'> & { rows: ListRow[] };

/** Lists of sub-processors as vendors publish them, in versions. */
export function createPublished(
  platform: Platform,
  known: () => Promise<Known>,
  nameOf: (id: string, known: Known) => string,
  agreedDays: (tx: Tx, vendor: string) => Promise<number | null>,
) {
  async function decided(
    vendor: string,
    tx: Pick<Platform, 'db'>['db'] | Tx,
  ): Promise<Map<string, string | null>> {
    const rows = await tx
      .withTables<ChainTables>()
      .selectFrom('chain_match')
      .select(['key', 'target'])
      .where('vendor', '=', vendor)
      .execute();
    return new Map(rows.map(({ key, target }) => [key, target]));
  }

  async function versionsOf(
    vendor: string,
    tx: Pick<Platform, 'db'>['db'] | Tx,
    upTo?: number,
  ): Promise<Version[]> {
    let query = tx
      .withTables<ChainTables>()
      .selectFrom('chain_list')
      .selectAll()
      .where('vendor', '=', vendor)
      .orderBy('version', 'desc')
      .limit(2);
    if (upTo !== undefined) query = query.where('version', '<=', upTo);
    return query.execute();
  }

  function viewOf(
    is: Version,
    was: Version | undefined,
    match: (row: ListRow) => Match,
    facts: Known,
    entered: ReadonlyMap<string, string>,
  ): ListView {
    const items = is.rows.map((row) => {
      const found = match(row);
      return {
        ...row,
        key: nameKey(row.name),
        match: {
          by: found.by,
          vendor: found.vendor,
          suggestions: 'suggestions' in found ? found.suggestions : [],
        },
      };
    });
    const { rows, ...head } = headOf(is, nameOf(is.vendor, facts));
    const called = (id: string): string => {
      const name = nameOf(id, facts);
      return name === id ? (entered.get(id) ?? id) : name;
    };
    const spoken = items.flatMap(({ match: { vendor, suggestions } }) => [
      ...(vendor === null ? [] : [vendor]),
      ...suggestions,
    ]);
    return {
      ...head,
      rows,
      items,
      unmatched: items.filter((item) => item.match.by === 'nobody').length,
      names: Object.fromEntries(spoken.map((id) => [id, called(id)])),
      diff: diffLists(was?.rows ?? [], is.rows),
    };
  }

  /** A version with what each row is matched to, and what the one before did not say. Throws Problem 404. */
  async function read(vendor: string, version?: number): Promise<ListView> {
    const [[is, was], facts, decisions, entered] = await Promise.all([
      versionsOf(vendor, platform.db, version),
      known(),
      decided(vendor, platform.db),
      enteredNames(platform),
    ]);
    if (is === undefined || (version !== undefined && is.version !== version)) throw notFound('list');
    return viewOf(is, was, matcher(facts, decisions), facts, entered);
  }

  return {
    read,

    /**
     * Throws Problem 422 for what is no list, or is older than the last version; 409 `list_replaced`, `list_shrunk` for one that
     * shares too little with it and that nobody confirmed.
     */
    async take(given: GivenList, by: By): Promise<TakenList> {
      const { format, rows } = readList(given.content, given.format);
      const [facts, entered] = await Promise.all([known(), enteredNames(platform)]);
      const hash = createHash('sha256').update(canonicalJson(rows)).digest();
      const now = new Date(platform.clock.now());
      if (given.asOf > now) throw invalid('asOf', 'lies ahead; say when it was published like this');
      const done = await platform.db.transaction().execute(async (tx): Promise<TakenList> => {
        await lockChain(tx);
        const [last, before] = await versionsOf(given.vendor, tx);
        const match = matcher(facts, await decided(given.vendor, tx));
        const ofList = given.objectionDays ?? last?.objection_days ?? null;
        const objection = objectionOf(await agreedDays(tx, given.vendor), ofList);
        if (last?.hash.equals(hash) === true) {
          const list = viewOf(last, before, match, facts, entered);
          return { list, isNew: false, reviews: 0, held: null, objection };
        }
        if (last !== undefined && given.asOf < last.as_of) {
          throw invalid(
            'asOf',
            `lies before version ${last.version}, which is of ${last.as_of.toISOString()}`,
          );
        }
        const made: Version = {
          id: newId(platform.clock, platform.random),
          vendor: given.vendor,
          version: (last?.version ?? 0) + 1,
          taken_at: now,
          taken_by: by.actor.name,
          as_of: given.asOf,
          source_kind: given.source.kind,
          source: given.source.text,
          format,
          hash,
          rows,
          objection_days: ofList,
        };
        const list = viewOf(made, last, match, facts, entered);
        // Of a first list everyone was there before we looked.
        const added = last === undefined ? [] : list.diff.added;
        const held = heldBack(last?.rows, rows);
        if (given.preview) return { list, isNew: true, reviews: added.length, held, objection };
        if (held !== null && !given.confirmed) throw heldProblem(held, last?.rows.length ?? 0, list);
        await tx
          .withTables<ChainTables>()
          .insertInto('chain_list')
          .values({ ...made, rows: JSON.stringify(rows) })
          .execute();
        await declareList(tx, platform, { ...made, asOf: made.as_of }, targetsOf(rows, match));
        await openReviews(tx, platform, made, added, objection);
        await withdrawReviews(tx, made.vendor, list.diff.gone, now);
        await recordChange(tx, platform, {
          ...by,
          act: 'chain_list.take',
          subject: { kind: 'vendor', id: made.vendor },
          detail: {
            version: made.version,
            source: made.source,
            hash: hash.toString('hex'),
            rows: rows.length,
            added: list.diff.added.map(({ name }) => name).slice(0, 100),
            gone: list.diff.gone.map(({ name }) => name).slice(0, 100),
            ...(held === null ? {} : { confirmed: held }),
          },
        });
        return { list, isNew: true, reviews: added.length, held, objection };
      });
      if (!given.preview && done.isNew) platform.events.publish('chain');
      return done;
    },

    /**
     * Keeps which vendor a row of the list is, and draws its edge; without a target what was decided is taken back. Throws
     * Problem 404 for a row that no version has.
     */
    async decide(
      vendor: string,
      asked: { key: string; target?: string | null | undefined; name?: string | undefined },
      by: By,
    ): Promise<ListView> {
      const facts = await known();
      const now = new Date(platform.clock.now());
      if (asked.target === vendor) throw invalid('target', 'is the vendor whose list it is');
      await platform.db.transaction().execute(async (tx) => {
        await lockChain(tx);
        const [last] = await versionsOf(vendor, tx);
        if (last === undefined) throw notFound('list');
        if (!last.rows.some(({ name }) => nameKey(name) === asked.key)) throw notFound('row');
        const { target } = asked;
        if (target === undefined) {
          await tx
            .withTables<ChainTables>()
            .deleteFrom('chain_match')
            .where('vendor', '=', vendor)
            .where('key', '=', asked.key)
            .execute();
        } else {
          const row = { target, decided_at: now, decided_by: by.actor.name, reason: by.reason };
          await tx
            .withTables<ChainTables>()
            .insertInto('chain_match')
            .values({ vendor, key: asked.key, ...row })
            .onConflict((conflict) => conflict.columns(['vendor', 'key']).doUpdateSet(row))
            .execute();
          if (target !== null && asked.name !== undefined) await nameTarget(tx, target, asked.name, by, now);
        }
        const match = matcher(facts, await decided(vendor, tx));
        await declareList(tx, platform, { ...last, asOf: last.as_of }, targetsOf(last.rows, match));
        await recordChange(tx, platform, {
          ...by,
          act: 'chain_list.match',
          subject: { kind: 'vendor', id: vendor },
          detail: target === undefined ? { row: asked.key, takenBack: true } : { row: asked.key, target },
        });
      });
      platform.events.publish('chain');
      return read(vendor);
    },

    /** The newest version of each vendor's list, by vendor. */
    async newest(after: string | null, limit: number) {
      let query = platform.db
        .withTables<ChainTables>()
        .selectFrom('chain_list')
        .distinctOn('vendor')
        .selectAll()
        .orderBy('vendor')
        .orderBy('version', 'desc')
        .limit(limit);
      if (after !== null) query = query.where('vendor', '>', after);
      const [found, facts] = await Promise.all([query.execute(), known()]);
      return found.map((row) => headOf(row, nameOf(row.vendor, facts)));
    },

    /** Every version of one vendor's list, the newest first. */
    async versions(vendor: string, below: number | null, limit: number) {
      let query = platform.db
        .withTables<ChainTables>()
        .selectFrom('chain_list')
        .selectAll()
        .where('vendor', '=', vendor)
        .orderBy('version', 'desc')
        .limit(limit);
      if (below !== null) query = query.where('version', '<', below);
      const [found, facts] = await Promise.all([query.execute(), known()]);
      return found.map((row) => headOf(row, nameOf(row.vendor, facts)));
    },
  };
}
export type Published = ReturnType<typeof createPublished>;

function heldProblem(held: Held, before: number, { diff: { gone } }: ListView): Problem {
  const what =
    held === 'replaced'
      ? `None of the ${before} names of the last version is on it`
      : `${gone.length} of the ${before} names of the last version are gone from it`;
  return new Problem(
    409,
    `list_${held}`,
    `${what}: the page may show something else than the list. Nothing was changed. Look at it, and send it again with "confirmed" if it is right.`,
  );
}

/** Vendors that rows are, each with the first row that it is. */
function targetsOf(rows: readonly ListRow[], match: (row: ListRow) => Match): Map<string, ListRow> {
  const targets = new Map<string, ListRow>();
  for (const row of rows) {
    const { vendor } = match(row);
    if (vendor !== null && !targets.has(vendor)) targets.set(vendor, row);
  }
  return targets;
}

const headOf = (row: Version, name: string) => ({
  vendor: row.vendor,
  name,
  version: row.version,
  takenAt: row.taken_at.toISOString(),
  takenBy: row.taken_by,
  asOf: row.as_of.toISOString(),
  source: { kind: row.source_kind, text: row.source },
  format: row.format,
  hash: row.hash.toString('hex'),
  rows: row.rows.length,
  objectionDays: row.objection_days,
});
