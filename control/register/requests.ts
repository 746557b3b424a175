import {
  type By,
  type Db,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  readSetting,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { datesOf } from './agreed.ts';
import { dayOf } from './days.ts';
import { rulesSetting, tierOf } from './rules.ts';
import { closesAt, type Standing, type StandingFacts, standingOf } from './standing.ts';
import type { RegisterTables } from './tables.ts';
import { readVendor } from './vendors.ts';

/** What a connection is asked for. */
export interface RequestEntry {
  purpose: string;
  /** Field classes, or what else is meant to cross. */
  data: readonly string[];
  owner: string;
  /** Left out: the vendor's tier, or the usual one. */
  tier?: string | undefined;
}

export interface KeptRequest extends Required<Omit<RequestEntry, 'tier'>> {
  tier: string;
  askedAt: Date;
  askedBy: string;
}

export interface KeptException {
  id: string;
  owner: string;
  reason: string;
  until: Date;
  grantedAt: Date;
  grantedBy: string;
  endedAt: Date | null;
}

export interface Intake {
  connection: { id: string; name: string; vendor: string };
  request: KeptRequest | null;
  exceptions: readonly KeptException[];
  standing: Standing;
  /** When what is open closes by time alone; null: it does not. Milliseconds since 1970. */
  closesAt: number | null;
}

/** What stands against a connection's use: why it may not be used now, or from when on it may not. */
export type Withheld = { reasons: readonly string[] } | { from: number };

const LONGEST_DAYS = 366;
type Tables = RegisterTables & {
  connection: { id: string; name: string; vendor: string; created_at: Date };
};
const tables = (db: Db | Tx) => db.withTables<Tables>();

/**
 * Asks for a connection to be used, or changes what was asked. `mayDecide` is asked where the tier is another than the vendor's, or
 * than it was before. Throws Problem 404, 422.
 */
export async function askFor(
  tx: Tx,
  platform: Platform,
  connection: string,
  given: RequestEntry,
  by: By,
  mayDecide: () => Promise<void>,
): Promise<void> {
  const { vendor } = await connectionOf(tx, connection);
  const rules = await readSetting(tx, rulesSetting);
  const entered = await readVendor(tx, vendor);
  const before = await tables(tx)
    .selectFrom('register_request')
    .select('tier')
    .where('connection', '=', connection)
    .forUpdate()
    .executeTakeFirst();
  const usual = entered?.tier ?? rules.usualTier;
  const tier = given.tier ?? before?.tier ?? usual;
  if (tierOf(rules, tier) === undefined) {
    throw invalid('tier', `there is no such tier; there are ${rules.tiers.map(({ id }) => id).join(', ')}`);
  }
  if (tier !== (before?.tier ?? usual)) await mayDecide();
  const row = { purpose: given.purpose, data: [...given.data], owner: given.owner, tier };
  const asked = { asked_at: new Date(platform.clock.now()), asked_by: by.actor.name };
  await tables(tx)
    .insertInto('register_request')
    .values({ connection, ...row, ...asked })
    .onConflict((conflict) => conflict.column('connection').doUpdateSet(row))
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: before === undefined ? 'request.ask' : 'request.change',
    subject: { kind: 'connection', id: connection },
    detail: { tier, owner: given.owner, data: given.data },
  });
}

/** Lets a connection be used for a time though conditions do not hold. Throws Problem 404, 422 for an end that can't be. */
export async function grantException(
  tx: Tx,
  platform: Platform,
  connection: string,
  given: { owner: string; until: Date },
  by: By,
): Promise<string> {
  await connectionOf(tx, connection);
  const now = platform.clock.now();
  const end = given.until.getTime();
  if (end <= now) throw invalid('until', 'lies in the past');
  if (end > now + LONGEST_DAYS * 86_400_000) throw invalid('until', `is more than ${LONGEST_DAYS} days away`);
  const id = newId(platform.clock, platform.random);
  await tables(tx)
    .insertInto('register_exception')
    .values({
      id,
      connection,
      owner: given.owner,
      reason: by.reason,
      until: given.until,
      granted_at: new Date(now),
      granted_by: by.actor.name,
      ended_at: null,
    })
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: 'exception.grant',
    subject: { kind: 'connection', id: connection },
    detail: { exception: id, owner: given.owner, until: given.until.toISOString() },
  });
  return id;
}

/** Ends an exception before its time. Throws Problem 404, 409 for one that is over. */
export async function endException(tx: Tx, platform: Platform, id: string, by: By): Promise<void> {
  const now = new Date(platform.clock.now());
  const row = await tables(tx)
    .selectFrom('register_exception')
    .select(['connection', 'until', 'ended_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('exception');
  if (row.ended_at !== null || row.until <= now) {
    throw new Problem(409, 'already_over', 'It is over already; nothing was changed.');
  }
  await tables(tx).updateTable('register_exception').set({ ended_at: now }).where('id', '=', id).execute();
  await recordChange(tx, platform, {
    ...by,
    act: 'exception.end',
    subject: { kind: 'connection', id: row.connection },
    detail: { exception: id },
  });
}

/** The connections with what was asked for them and whether they may be used: of one, of a vendor, or all. */
export async function readIntakes(
  db: Db | Tx,
  now: number,
  which: { connection?: string; vendor?: string } = {},
): Promise<Intake[]> {
  let asked = tables(db)
    .selectFrom('connection')
    .select(['connection.id', 'name', 'vendor', 'created_at'])
    .orderBy('connection.id');
  if (which.connection !== undefined) asked = asked.where('connection.id', '=', which.connection);
  if (which.vendor !== undefined) asked = asked.where('vendor', '=', which.vendor);
  const connections = await asked.execute();
  if (connections.length === 0) return [];
  const ids = connections.map(({ id }) => id);
  const vendors = [...new Set(connections.map(({ vendor }) => vendor))];
  const rules = await readSetting(db, rulesSetting);
  const rows = tables(db);
  // One after another: a transaction has one connection to the database.
  const requests = await rows
    .selectFrom('register_request')
    .selectAll()
    .where('connection', 'in', ids)
    .execute();
  const exceptions = await rows
    .selectFrom('register_exception')
    .selectAll()
    .where('connection', 'in', ids)
    .orderBy('granted_at', 'desc')
    .execute();
  const agreements = await rows
    .selectFrom('register_agreement')
    .selectAll()
    .where('vendor', 'in', vendors)
    .execute();
  const entered = await rows
    .selectFrom('register_vendor')
    .select(['id', 'reviewed_on'])
    .where('id', 'in', vendors)
    .execute();
  const residency = await rows
    .selectFrom('register_statement')
    .select('vendor')
    .where('kind', '=', 'residency')
    .where('vendor', 'in', vendors)
    .execute();
  const requestOf = new Map(requests.map((row) => [row.connection, row]));
  const exceptionsOf = Map.groupBy(exceptions, ({ connection }) => connection);
  const agreementsOf = Map.groupBy(agreements, ({ vendor }) => vendor);
  const reviewedOf = new Map(entered.map(({ id, reviewed_on }) => [id, reviewed_on]));
  const placed = new Set(residency.map(({ vendor }) => vendor));
  return connections.map(({ created_at, ...connection }) => {
    const request = requestOf.get(connection.id);
    const granted = exceptionsOf.get(connection.id) ?? [];
    const facts: StandingFacts = {
      connectedAt: created_at.toISOString(),
      request:
        request === undefined ? null : { tier: request.tier, askedOn: dayOf(request.asked_at.getTime()) },
      agreements: (agreementsOf.get(connection.vendor) ?? []).map(datesOf),
      reviewedOn: reviewedOf.get(connection.vendor) ?? null,
      residency: placed.has(connection.vendor),
      exceptions: granted
        .filter(({ until, ended_at }) => ended_at === null && until.getTime() > now)
        .map(({ until }) => until.toISOString()),
    };
    const standing = standingOf(facts, rules, dayOf(now));
    return {
      connection,
      request:
        request === undefined
          ? null
          : {
              purpose: request.purpose,
              data: request.data,
              owner: request.owner,
              tier: request.tier,
              askedAt: request.asked_at,
              askedBy: request.asked_by,
            },
      exceptions: granted.map((one) => ({
        id: one.id,
        owner: one.owner,
        reason: one.reason,
        until: one.until,
        grantedAt: one.granted_at,
        grantedBy: one.granted_by,
        endedAt: one.ended_at,
      })),
      standing,
      closesAt: standing.open ? closesAt(facts, rules, now) : null,
    };
  });
}

/** The connections that may not be used, or not for ever: for the snapshot, read in the transaction that reads the rest of it. */
export async function readWithheld(tx: Tx, now: Date): Promise<ReadonlyMap<string, Withheld>> {
  const intakes = await readIntakes(tx, now.getTime());
  return new Map(
    intakes.flatMap(({ connection, standing, closesAt: from }): [string, Withheld][] => {
      if (!standing.open) return [[connection.id, { reasons: standing.reasons.map(({ text }) => text) }]];
      return from === null ? [] : [[connection.id, { from }]];
    }),
  );
}

async function connectionOf(tx: Tx, id: string): Promise<{ vendor: string }> {
  const row = await tables(tx)
    .selectFrom('connection')
    .select('vendor')
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('connection');
  return row;
}
