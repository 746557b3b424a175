import { type Db, newId, type Platform, type Tx } from '../../platform/index.ts';
import type { ObligationTables, ReminderRow, ReminderState } from '../tables.ts';

/** Reminders that are to be sent, are being sent, and were. The database lets one process have each. */

const tables = (db: Db | Tx) => db.withTables<ObligationTables>();

/** For how long an attempt is taken for alive; longer than any attempt takes. */
export const LEASE_MS = 120_000;

export type Planned = Pick<ReminderRow, 'incident' | 'rule' | 'moment' | 'recipient' | 'repeatable'> & {
  dueAt: number;
  momentAt: number;
};

/** Makes a row for what has none yet. Returns how many were made. */
export async function plan({ db, clock, random }: Platform, planned: readonly Planned[]): Promise<number> {
  if (planned.length === 0) return 0;
  const now = new Date(clock.now());
  const made = await tables(db)
    .insertInto('obligation_reminder')
    .values(
      planned.map(({ incident, rule, moment, recipient, repeatable, dueAt, momentAt }) => ({
        id: newId(clock, random),
        incident,
        rule,
        due_at: new Date(dueAt),
        moment,
        moment_at: new Date(momentAt),
        recipient,
        repeatable,
        state: 'pending' as const,
        attempts: 0,
        next_try_at: now,
        claim: null,
        claimed_until: null,
        trouble: null,
        made_at: now,
        settled_at: null,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['incident', 'rule', 'due_at', 'moment', 'recipient']).doNothing(),
    )
    .executeTakeFirst();
  return Number(made.numInsertedOrUpdatedRows ?? 0n);
}

/** Those that wait to be sent. */
export function waiting({ db }: Platform): Promise<ReminderRow[]> {
  return tables(db)
    .selectFrom('obligation_reminder')
    .selectAll()
    .where('state', '=', 'pending')
    .orderBy('next_try_at')
    .limit(10_000)
    .execute();
}

/** Takes back what is not to be said any more, unless somebody is at it. */
export async function withdraw(
  { db, clock }: Platform,
  ids: readonly string[],
  state: 'superseded' | 'dropped',
): Promise<void> {
  if (ids.length === 0) return;
  await tables(db)
    .updateTable('obligation_reminder')
    .set({ state, settled_at: new Date(clock.now()) })
    .where('id', 'in', [...ids])
    .where('state', '=', 'pending')
    .execute();
}

/** What was being sent by somebody who is gone: it may have arrived. Sent again only where the receiver knows a repetition. */
export async function takeBackAbandoned({ db, clock }: Platform): Promise<void> {
  const now = new Date(clock.now());
  const abandoned = tables(db)
    .updateTable('obligation_reminder')
    .where('state', '=', 'sending')
    .where('claimed_until', '<', now);
  await abandoned.set({ state: 'pending', next_try_at: now }).where('repeatable', '=', true).execute();
  await abandoned
    .set({
      state: 'in_doubt',
      settled_at: now,
      trouble: 'abandoned: Drawbridge stopped while it was being sent; it may have arrived.',
    })
    .where('repeatable', '=', false)
    .execute();
}

/** Takes one that is due to be tried; null: none. `claim`: whose attempt it is from now on. */
export async function claimOne(
  { db, clock }: Platform,
  claim: string,
  only: readonly string[],
): Promise<ReminderRow | null> {
  if (only.length === 0) return null;
  const now = clock.now();
  const row = await tables(db)
    .updateTable('obligation_reminder')
    .set((e) => ({
      state: 'sending' as const,
      claim,
      claimed_until: new Date(now + LEASE_MS),
      attempts: e('attempts', '+', 1),
    }))
    .where('id', '=', (e) =>
      e
        .selectFrom('obligation_reminder')
        .select('id')
        .where('state', '=', 'pending')
        .where('next_try_at', '<=', new Date(now))
        .where('id', 'in', [...only])
        .orderBy('next_try_at')
        .orderBy('id')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** It arrived: that holds, whoever took the row meanwhile. */
export async function settleSent({ db, clock }: Platform, id: string): Promise<void> {
  await tables(db)
    .updateTable('obligation_reminder')
    .set({
      state: 'sent',
      settled_at: new Date(clock.now()),
      trouble: null,
      claim: null,
      claimed_until: null,
    })
    .where('id', '=', id)
    .execute();
}

/** It did not go out, or may not have. `nextTryAt`: milliseconds since 1970; null: it is not tried again. */
export async function settleFailed(
  { db, clock }: Platform,
  { id, claim }: { id: string; claim: string },
  given: {
    trouble: string;
    state: Extract<ReminderState, 'pending' | 'failed' | 'in_doubt'>;
    nextTryAt: number;
  },
): Promise<void> {
  await tables(db)
    .updateTable('obligation_reminder')
    .set({
      state: given.state,
      trouble: given.trouble,
      claim: null,
      claimed_until: null,
      next_try_at: new Date(given.nextTryAt),
      settled_at: given.state === 'pending' ? null : new Date(clock.now()),
    })
    .where('id', '=', id)
    .where('state', '=', 'sending')
    .where('claim', '=', claim)
    .execute();
}

/** When each clock was first spoken of, by incident, rule and due time. */
export async function firstSpoken(
  { db }: Platform,
  incidents: readonly string[],
): Promise<{ incident: string; rule: string; dueAt: number; at: number }[]> {
  if (incidents.length === 0) return [];
  const rows = await tables(db)
    .selectFrom('obligation_reminder')
    .select((e) => ['incident', 'rule', 'due_at', e.fn.min('made_at').as('at')])
    .where('incident', 'in', [...incidents])
    .groupBy(['incident', 'rule', 'due_at'])
    .execute();
  return rows.map(({ incident, rule, due_at, at }) => ({
    incident,
    rule,
    dueAt: due_at.getTime(),
    at: at.getTime(),
  }));
}

/** Clocks of which a lead has said that they know. */
export async function acknowledged(
  { db }: Platform,
  incidents: readonly string[],
): Promise<{ incident: string; rule: string; dueAt: number }[]> {
  if (incidents.length === 0) return [];
  const rows = await tables(db)
    .selectFrom('obligation_acknowledgement')
    .select(['incident', 'rule', 'due_at'])
    .where('incident', 'in', [...incidents])
    .execute();
  return rows.map(({ incident, rule, due_at }) => ({ incident, rule, dueAt: due_at.getTime() }));
}
