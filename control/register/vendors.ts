import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import {
  type By,
  type Db,
  invalid,
  notFound,
  type Platform,
  Problem,
  readSetting,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Day } from './days.ts';
import { asksLess, type Rules, rulesSetting, tierOf } from './rules.ts';
import { type Criticality, mayMove, movesFrom, type Status } from './status.ts';
import type { RegisterTables, VendorRow } from './tables.ts';

/** What is entered of a vendor apart from its id. What is left out is unknown. */
export interface VendorEntry {
  name: string;
  status?: Status | undefined;
  owner?: string | null | undefined;
  purpose?: string | null | undefined;
  category?: string | null | undefined;
  domain?: string | null | undefined;
  criticality?: Criticality | undefined;
  tier?: string | null | undefined;
}
export type VendorChange = { [Name in keyof Omit<VendorEntry, 'status'>]?: VendorEntry[Name] | undefined };

/** Words that the register's own paths have. */
const TAKEN: ReadonlySet<string> = new Set(['calendar', 'export', 'imports', 'rules']);

export const isVendorId = (id: string): boolean => /^[a-z0-9][a-z0-9-]{0,60}$/.test(id) && !TAKEN.has(id);

const tables = (db: Db | Tx) => db.withTables<RegisterTables>();

export async function readVendor(db: Db | Tx, id: string): Promise<Selectable<VendorRow> | undefined> {
  return tables(db).selectFrom('register_vendor').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The same, locked until the transaction ends. Throws Problem 404 for one that was not entered. */
export async function lockVendor(tx: Tx, id: string): Promise<Selectable<VendorRow>> {
  const row = await tables(tx)
    .selectFrom('register_vendor')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('vendor in the register');
  return row;
}

/**
 * Throws Problem 422 for a tier that is not there. `mayDecide` is asked before a vendor that has none gets one that asks for less
 * than the usual one.
 */
export async function expectTier(
  db: Db | Tx,
  id: string | null | undefined,
  mayDecide: () => Promise<void>,
): Promise<void> {
  if (id === null || id === undefined) return;
  const rules = await readSetting(db, rulesSetting);
  if (asksLess(rules, id)) await mayDecide();
  if (tierOf(rules, id) !== undefined) return;
  throw invalid('tier', `there is no such tier; there are ${rules.tiers.map((tier) => tier.id).join(', ')}`);
}

/** Enters a vendor. `mayDecide` is asked before it gets a tier that asks for less than the usual one. Throws Problem 409 for one that is there, 422 for an id that can't be. */
export async function enterVendor(
  tx: Tx,
  platform: Platform,
  id: string,
  given: VendorEntry,
  by: By,
  mayDecide: () => Promise<void>,
): Promise<void> {
  if (!isVendorId(id)) {
    throw invalid(
      'id',
      'has lower-case letters, digits and hyphens, at most 61, and is no word of the register’s own',
    );
  }
  await expectTier(tx, given.tier, mayDecide);
  const now = new Date(platform.clock.now());
  const inserted = await tables(tx)
    .insertInto('register_vendor')
    .values({
      id,
      name: given.name,
      status: given.status ?? 'candidate',
      owner: given.owner ?? null,
      purpose: given.purpose ?? null,
      category: given.category ?? null,
      domain: given.domain ?? null,
      criticality: given.criticality ?? 'unknown',
      tier: given.tier ?? null,
      reviewed_on: null,
      revision: 1,
      entered_at: now,
      entered_by: by.actor.name,
      changed_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 0n) {
    throw new Problem(409, 'vendor_there', `A vendor "${id}" is in the register already. Change that one.`);
  }
  await recordChange(tx, platform, {
    ...by,
    act: 'register.enter',
    subject: { kind: 'vendor', id },
    detail: { status: given.status ?? 'candidate', tier: given.tier ?? null },
  });
}

/**
 * Changes what is entered. `mayDecide` is asked before a tier that was set is changed, as conditions hang on it. Throws Problem 404.
 */
export async function changeVendor(
  tx: Tx,
  platform: Platform,
  id: string,
  given: VendorChange,
  by: By,
  mayDecide: () => Promise<void>,
): Promise<void> {
  const row = await lockVendor(tx, id);
  if (given.tier !== row.tier) await expectTier(tx, given.tier, mayDecide);
  if (given.tier !== undefined && row.tier !== null && given.tier !== row.tier) await mayDecide();
  const columns = Object.fromEntries(
    Object.entries(given).filter(
      ([name, value]) => value !== undefined && value !== row[name as keyof typeof row],
    ),
  ) as VendorChange;
  const changed = Object.keys(columns).sort();
  if (changed.length === 0) return;
  await touchVendor(tx, platform, id, columns);
  await recordChange(tx, platform, {
    ...by,
    act: 'register.change',
    subject: { kind: 'vendor', id },
    detail: {
      changed,
      ...(columns.tier === undefined ? {} : { tier: { from: row.tier, to: columns.tier } }),
    },
  });
}

/** Moves a vendor to another status. Throws Problem 404, 409 for a move that is not there. */
export async function moveVendor(tx: Tx, platform: Platform, id: string, to: Status, by: By): Promise<void> {
  const { status } = await lockVendor(tx, id);
  if (!mayMove(status, to)) {
    throw new Problem(
      409,
      'status_move',
      `From "${status}" a vendor goes to ${movesFrom(status).join(', ')}; not to "${to}".`,
      undefined,
      { from: status, to, may: movesFrom(status) },
    );
  }
  await touchVendor(tx, platform, id, { status: to });
  await recordChange(tx, platform, {
    ...by,
    act: 'register.move',
    subject: { kind: 'vendor', id },
    detail: { from: status, to },
  });
}

/** Writes columns and gives the vendor its next revision. */
export async function touchVendor(
  tx: Tx,
  { clock }: Platform,
  id: string,
  columns: Partial<Pick<VendorRow, 'status' | 'reviewed_on'>> & VendorChange,
): Promise<void> {
  await tables(tx)
    .updateTable('register_vendor')
    .set({ ...columns, changed_at: new Date(clock.now()), revision: sql<number>`revision + 1` } as never)
    .where('id', '=', id)
    .execute();
}

export interface VendorQuery {
  search?: string | undefined;
  status?: Status | undefined;
  criticality?: Criticality | undefined;
  /** Null: those without one. */
  tier?: string | null | undefined;
  owner?: string | null | undefined;
  /** Whose next review is on this day or before, by what their tiers ask for. */
  due?: { by: Day; rules: Rules } | undefined;
  after: readonly [name: string, id: string] | null;
  limit: number;
}

/** Vendors in order of their names; one more than `limit` where there are more. */
export async function listVendors(db: Db, query: VendorQuery): Promise<Selectable<VendorRow>[]> {
  const { search, status, criticality, tier, owner, due, after, limit } = query;
  let rows = tables(db).selectFrom('register_vendor').selectAll();
  if (status !== undefined) rows = rows.where('status', '=', status);
  if (criticality !== undefined) rows = rows.where('criticality', '=', criticality);
  if (tier !== undefined) rows = rows.where('tier', 'is not distinct from', tier);
  if (owner !== undefined) rows = rows.where('owner', 'is not distinct from', owner);
  if (due !== undefined) rows = rows.where(dueBy(due.by, due.rules));
  if (search !== undefined && search !== '') {
    const like = `%${search.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
    rows = rows.where((where) =>
      where.or([
        where(sql`lower(name)`, 'like', like),
        where('id', 'like', like),
        where('domain', 'like', like),
        where(sql`lower(owner)`, 'like', like),
      ]),
    );
  }
  if (after !== null) rows = rows.where(sql<boolean>`(lower(name), id) > (${after[0]}, ${after[1]})`);
  return rows
    .orderBy(sql`lower(name)`)
    .orderBy('id')
    .limit(limit + 1)
    .execute();
}

/** As `nextReview` says it, for the database. */
function dueBy(day: Day, { tiers }: Rules): RawBuilder<SqlBool> {
  const each = tiers.flatMap(({ id, reviewEveryDays: every }) =>
    every === null
      ? []
      : [
          sql`(tier = ${id} AND coalesce(reviewed_on + ${every}::int, (entered_at AT TIME ZONE 'UTC')::date) <= ${day}::date)`,
        ],
  );
  if (each.length === 0) return sql<SqlBool>`false`;
  return sql<SqlBool>`(status <> 'ended' AND (${sql.join(each, sql` OR `)}))`;
}

const MOST_OWNERS = 500;

/** Who owns vendors here, by name. */
export async function listOwners(db: Db): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('register_vendor')
    .select('owner')
    .distinct()
    .where('owner', 'is not', null)
    .orderBy('owner')
    .limit(MOST_OWNERS)
    .execute();
  return rows.flatMap(({ owner }) => (owner === null ? [] : [owner]));
}

/** How many there are by status. */
export async function countByStatus(db: Db): Promise<Partial<Record<Status, number>>> {
  const rows = await tables(db)
    .selectFrom('register_vendor')
    .select(['status', sql<number>`count(*)`.as('count')])
    .groupBy('status')
    .execute();
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}
