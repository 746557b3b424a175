import { sql } from 'kysely';
import { type Caller, type Db, launcher, type Platform, recordChange, type Tx } from '../platform/index.ts';
import type { IdentityTables, RefusedReason } from './tables.ts';

const MINUTE = 60_000;

const texts: Readonly<Record<RefusedReason, string>> = {
  link_unknown: 'with a link that is none, or that is long over',
  link_used: 'with a link that had been used',
  link_expired: 'with a link whose time was over',
  command_token: 'with a token that is nobody’s',
  password: 'with a wrong password, or for an account that is none',
  totp: 'with a code that was wrong or used before',
  recovery_code: 'with a recovery code that was wrong or used before',
  passkey: 'with a passkey that is none of ours, or a wrong signature',
  passkey_copied: 'with a passkey of which there is a copy: its counter went back',
  too_many_attempts: 'as there had been too many attempts',
};

/**
 * Counts a sign-in that was refused. Anyone who reaches the port can make these, as many as they like: one row a minute,
 * reason and account that there is, is all that comes of it, and nothing of who asked is kept.
 *
 * @param person whose account was tried; null: nobody's, or it is not known
 */
export async function countRefused(
  db: Db | Tx,
  { clock }: Pick<Platform, 'clock'>,
  reason: RefusedReason,
  person: string | null = null,
): Promise<void> {
  const minute = new Date(Math.floor(clock.now() / MINUTE) * MINUTE);
  await db
    .withTables<IdentityTables>()
    .insertInto('refused_sign_in')
    .values({ minute, reason, person: person ?? '', count: 1 })
    .onConflict((conflict) =>
      conflict.columns(['minute', 'reason', 'person']).doUpdateSet({ count: sql`refused_sign_in.count + 1` }),
    )
    .execute();
}

/** Sign-ins to an account that were refused in minutes that are not over yet. */
export async function runningRefusals(tx: Tx, person: string): Promise<number> {
  const row = await tx
    .withTables<IdentityTables>()
    .selectFrom('refused_sign_in')
    .select(({ fn }) => fn.sum<string | null>('count').as('count'))
    .where('person', '=', person)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/**
 * Counts an act that was refused to somebody who is signed in. A flood of them is a row a minute, person, token, action and
 * cause.
 */
export async function countRefusedAct(
  { db, clock }: Platform,
  caller: Caller,
  asked: { action: string; code: string },
): Promise<void> {
  const minute = new Date(Math.floor(clock.now() / MINUTE) * MINUTE);
  await db
    .withTables<IdentityTables>()
    .insertInto('refused_act')
    .values({ minute, person: caller.id, token: caller.via?.id ?? '', ...asked, count: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['minute', 'person', 'token', 'action', 'code'])
        .doUpdateSet({ count: sql`refused_act.count + 1` }),
    )
    .execute();
}

/** Writes down acts that were refused in minutes that are over, as sign-ins are: one change for each row. */
async function recordRefusedActs(tx: Tx, platform: Platform, minute: Date): Promise<void> {
  const over = await tx
    .withTables<IdentityTables>()
    .deleteFrom('refused_act')
    .where('minute', '!=', minute)
    .returningAll()
    .execute();
  over.sort((one, other) => one.minute.getTime() - other.minute.getTime());
  for (const { minute: since, person, token, action, code, count } of over)
    await recordChange(tx, platform, {
      actor: { id: person, name: '', ...(token === '' ? {} : { via: { kind: 'token', id: token } }) },
      reason: `${count === 1 ? 'An act was' : `${count} acts were`} refused`,
      act: 'act.refuse',
      subject: { kind: 'deployment', id: platform.deployment.id },
      detail: { action, why: code, count, since: since.toISOString() },
    });
}

/**
 * Writes down what was refused in minutes that are over, one change a minute, reason and account; each once, however many
 * processes do it. A minute that lies ahead, as the clock was set back, is over as well.
 */
export async function recordRefused(platform: Platform): Promise<void> {
  const minute = new Date(Math.floor(platform.clock.now() / MINUTE) * MINUTE);
  await platform.db.transaction().execute(async (tx) => {
    const over = await tx
      .withTables<IdentityTables>()
      .deleteFrom('refused_sign_in')
      .where('minute', '!=', minute)
      .returning(['minute', 'reason', 'person', 'count'])
      .execute();
    over.sort((one, other) => one.minute.getTime() - other.minute.getTime());
    for (const { minute: since, reason, person, count } of over) {
      if (person !== '') await keepForPerson(tx, person, count);
      const sentence = `${count === 1 ? 'A sign-in was' : `${count} sign-ins were`} refused`;
      await recordChange(tx, platform, {
        actor: launcher,
        reason: `${sentence} ${texts[reason]}`,
        act: 'session.refuse',
        subject: { kind: 'deployment', id: platform.deployment.id },
        detail: { why: reason, count, since: since.toISOString(), ...(person === '' ? {} : { person }) },
      });
    }
    await recordRefusedActs(tx, platform, minute);
  });
}

/** Until they sign in, and are told. */
async function keepForPerson(tx: Tx, person: string, count: number): Promise<void> {
  await tx
    .withTables<IdentityTables>()
    .updateTable('person')
    .set({ refused_since: sql`refused_since + ${count}` })
    .where('id', '=', person)
    .execute();
}
