import { type Selectable, sql, type Updateable } from 'kysely';
import {
  type By,
  invalid,
  launcher,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { beginning, stateAt, USUAL_MS, wrongApproval, wrongEnd } from './break-glass-rule.ts';
import type { BreakGlassEntry, BreakGlassView } from './schemas.ts';
import { lockConnection } from './store.ts';
import type { ConnectionTables } from './tables.ts';

export interface BreakGlassDeps {
  platform: Platform;
  /** How many people may approve, the one who asks among them. */
  people: () => Promise<number>;
}

/** Lifting a connection's contract and policies for a time. Every write is recorded with actor and reason. */
export interface BreakGlass {
  /** Those asked for or in force first, then the latest that are over; at most 50. */
  list(connection?: string): Promise<BreakGlassView[]>;
  /**
   * Until an ISO time, or for so many minutes; for an hour where nothing is said. Throws Problem 409 for a severed connection and while
   * another one is asked for or in force, 422 for an end that can't be.
   */
  ask(connection: string, given: BreakGlassEntry, by: By): Promise<BreakGlassView>;
  /** Throws Problem 409 when it waits for nobody, 403 for the one who asked. */
  approve(id: string, by: By): Promise<BreakGlassView>;
  /** Ends one that is in force, or takes back one that is asked for. Throws Problem 409 when it is over. */
  end(id: string, by: By): Promise<BreakGlassView>;
}

type Table = ConnectionTables['break_glass'];
type Row = Selectable<Table> & { name: string };
const SHOWN = 50;

export function createBreakGlass({ platform, people }: BreakGlassDeps): BreakGlass {
  const now = () => platform.clock.now();

  async function write(work: (tx: Tx) => Promise<string>): Promise<BreakGlassView> {
    const row = await platform.db.transaction().execute(async (tx) => readOne(tx, await work(tx)));
    platform.events.publish('connections');
    return viewOf(row, now());
  }

  /** The row with its connection locked, so that what is done to it is done one after another. */
  async function locked(tx: Tx, id: string): Promise<Row> {
    const { connection } = await readOne(tx, id);
    await lockConnection(tx, connection);
    return readOne(tx, id);
  }

  return {
    async list(connection) {
      let query = select(platform.db);
      if (connection !== undefined) query = query.where('break_glass.connection', '=', connection);
      const at = new Date(now());
      const rows = await query
        .orderBy(sql`ended_at IS NULL AND until > ${at}`, 'desc')
        .orderBy('asked_at', 'desc')
        .limit(SHOWN)
        .execute();
      return rows.map((row) => viewOf(row, at.getTime()));
    },

    async ask(connection, given, by) {
      const count = await people();
      return write(async (tx) => {
        const { state } = await lockConnection(tx, connection);
        const at = now();
        const end = endOf(given, at);
        const wrong = wrongEnd(end, at);
        if (wrong !== null) throw invalid('until', wrong);
        if (state === 'severed') {
          throw new Problem(
            409,
            'connection_severed',
            'This connection is severed: nothing crosses, and a break-glass does not change that. Open it first.',
          );
        }
        await refuseSecond(tx, connection, new Date(at));
        const begins = beginning(count);
        const row = {
          id: newId(platform.clock, platform.random),
          connection,
          reason: by.reason,
          asked_at: new Date(at),
          asked_by: by.actor.id,
          asked_by_name: by.actor.name,
          until: new Date(end),
          in_force_at: begins === 'in_force' ? new Date(at) : null,
        };
        await tx.withTables<ConnectionTables>().insertInto('break_glass').values(row).execute();
        if (begins === 'asked') await log(tx, platform, by, 'ask', row);
        else await log(tx, platform, by, 'begin', row, { byOnePerson: true });
        return row.id;
      });
    },

    async approve(id, by) {
      return write(async (tx) => {
        const row = await locked(tx, id);
        const wrong = wrongApproval(stateAt(timesOf(row), now()), row.asked_by, by.actor.id);
        if (wrong === 'own') {
          throw new Problem(403, 'own_approval', 'You asked for it: somebody else has to approve it.');
        }
        if (wrong !== null) {
          throw new Problem(409, 'not_asked', 'It waits for no approval: it is in force, or over.');
        }
        await update(tx, id, {
          in_force_at: new Date(now()),
          approved_by: by.actor.id,
          approved_by_name: by.actor.name,
        });
        await log(tx, platform, by, 'approve', row);
        return id;
      });
    },

    async end(id, by) {
      return write(async (tx) => {
        const row = await locked(tx, id);
        const state = stateAt(timesOf(row), now());
        if (state === 'ended' || state === 'expired') {
          throw new Problem(409, 'already_over', 'It is over already; nothing was changed.');
        }
        await update(tx, id, {
          ended_at: new Date(now()),
          ended_by: by.actor.id,
          ended_by_name: by.actor.name,
          end_reason: by.reason,
        });
        await log(tx, platform, by, 'end', row, { was: state });
        return id;
      });
    },
  };
}

/** Writes into the change log which have expired since this was last called. Returns how many. */
export async function recordExpired(platform: Platform): Promise<number> {
  return platform.db.transaction().execute(async (tx) => {
    const rows = await tx
      .withTables<ConnectionTables>()
      .updateTable('break_glass')
      .set({ expiry_logged: true })
      .where('expiry_logged', '=', false)
      .where('ended_at', 'is', null)
      .where('until', '<=', new Date(platform.clock.now()))
      .returning(['id', 'connection', 'until', 'in_force_at'])
      .execute();
    const by = { actor: launcher, reason: 'The time that was set for it is over' };
    for (const row of rows) {
      await log(tx, platform, by, 'expire', row, { was: row.in_force_at === null ? 'asked' : 'in_force' });
    }
    return rows.length;
  });
}

function endOf({ until, minutes }: BreakGlassEntry, now: number): number {
  if (until !== undefined && minutes !== undefined)
    throw invalid('minutes', 'say either `until` or `minutes`');
  if (until !== undefined) return Date.parse(until);
  return now + (minutes === undefined ? USUAL_MS : minutes * 60_000);
}

function log(
  tx: Tx,
  platform: Platform,
  by: By,
  act: string,
  row: Pick<Row, 'id' | 'connection' | 'until'>,
  detail = {},
): Promise<void> {
  return recordChange(tx, platform, {
    ...by,
    act: `break_glass.${act}`,
    subject: { kind: 'connection', id: row.connection },
    detail: { breakGlass: row.id, until: row.until.toISOString(), ...detail },
  });
}

function select(db: Platform['db'] | Tx) {
  return db
    .withTables<ConnectionTables>()
    .selectFrom('break_glass')
    .innerJoin('connection', 'connection.id', 'break_glass.connection')
    .selectAll('break_glass')
    .select('connection.name');
}

async function readOne(tx: Tx, id: string): Promise<Row> {
  const row = await select(tx).where('break_glass.id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('break-glass');
  return row;
}

async function update(tx: Tx, id: string, columns: Updateable<Table>): Promise<void> {
  await tx
    .withTables<ConnectionTables>()
    .updateTable('break_glass')
    .set(columns)
    .where('id', '=', id)
    .execute();
}

async function refuseSecond(tx: Tx, connection: string, now: Date): Promise<void> {
  const there = await select(tx)
    .where('break_glass.connection', '=', connection)
    .where('ended_at', 'is', null)
    .where('until', '>', now)
    .executeTakeFirst();
  if (there === undefined) return;
  throw new Problem(
    409,
    'break_glass_there',
    `One ${there.in_force_at === null ? 'was asked for' : 'is in force'} already, until ${there.until.toISOString()}. End it first.`,
    undefined,
    { breakGlass: there.id },
  );
}

const timesOf = (row: Row) => ({
  until: row.until.getTime(),
  inForceAt: row.in_force_at?.getTime() ?? null,
  endedAt: row.ended_at?.getTime() ?? null,
});

function viewOf(row: Row, now: number): BreakGlassView {
  return {
    id: row.id,
    connection: { id: row.connection, name: row.name },
    state: stateAt(timesOf(row), now),
    reason: row.reason,
    askedAt: row.asked_at.toISOString(),
    askedBy: row.asked_by_name,
    until: row.until.toISOString(),
    inForceAt: row.in_force_at?.toISOString() ?? null,
    approvedBy: row.approved_by_name,
    byOnePerson: row.in_force_at !== null && row.approved_by === null,
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_by_name,
    endReason: row.end_reason,
  };
}

/** Those in force, by connection, for the snapshot. Read in the transaction that reads the rest of it. */
export async function readBreakGlassForSnapshot(
  tx: Tx,
  now: Date,
): Promise<ReadonlyMap<string, { id: string; until: number }>> {
  const rows = await tx
    .withTables<ConnectionTables>()
    .selectFrom('break_glass')
    .select(['id', 'connection', 'until'])
    .where('in_force_at', 'is not', null)
    .where('ended_at', 'is', null)
    .where('until', '>', now)
    .execute();
  return new Map(rows.map((row) => [row.connection, { id: row.id, until: row.until.getTime() }]));
}
