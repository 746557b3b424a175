import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { notFound, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import { expectLeft, type Factors, factorsOf } from './factors.ts';
import type { Passkeys, Site } from './passkeys.ts';
import { expectGoodPassword, type Passwords } from './passwords.ts';
import { findPersonByEmail, lockPerson, normalEmail, type Person } from './person.ts';
import { makeRecoveryCodes } from './recovery.ts';
import { endSessions, type Session } from './sessions.ts';
import type { IdentityTables } from './tables.ts';
import type { AppCodes } from './totp.ts';

interface ProfileDeps {
  platform: Platform;
  passwords: Passwords;
  passkeys: Passkeys;
  appCodes: AppCodes;
  /** What the deployment is called. */
  name(): Promise<string>;
}

/** What people change about themselves: what they are called, and what they sign in with. Each is written down. */
export type Profile = ReturnType<typeof createProfile>;

export function createProfile({ platform, passwords, passkeys, appCodes, name }: ProfileDeps) {
  const { db, clock } = platform;
  const rowsOf = (tx: Tx) => tx.withTables<IdentityTables>();

  /** Does it while the person is held, writes it down, and ends their other sessions where a factor is another one now. */
  function change<T>(
    session: Session,
    what: { act: string; reason: string; detail?: Record<string, unknown>; endOthers?: true },
    work: (tx: Tx, person: Person) => Promise<T>,
  ): Promise<T> {
    return db.transaction().execute(async (tx) => {
      const person = await lockPerson(tx, session.person.id);
      if (person === null) throw new Error('a session is of nobody');
      const result = await work(tx, person);
      const by = { actor: person, reason: what.reason };
      await recordChange(tx, platform, {
        ...by,
        act: what.act,
        subject: { kind: 'person', id: person.id },
        detail: what.detail ?? {},
      });
      if (what.endOthers === true)
        await endSessions(tx, platform, { person: person.id, butNot: session.id }, by);
      return result;
    });
  }

  /** What would be left must still sign in; while somebody enrols they may change their mind. */
  async function expectStillIn(
    tx: Tx,
    session: Session,
    left: (now: Factors) => Partial<Factors>,
  ): Promise<void> {
    if (session.stage !== 'signed_in') return;
    const factors = await factorsOf(tx, session.person.id);
    expectLeft({ ...factors, ...left(factors) });
  }

  return {
    /** While enrolling: what they are called, and the first administrator’s address, once. */
    async introduce(
      session: Session,
      { name, email }: { name: string; email?: string | undefined },
    ): Promise<void> {
      await change(session, { act: 'person.introduce', reason: 'Enrolling' }, async (tx, person) => {
        const isSame =
          email === undefined || (person.email !== null && normalEmail(email) === normalEmail(person.email));
        if (!isSame && person.email !== null)
          throw new Problem(
            409,
            'email_given',
            'The address is the one that you were invited with. Leave it out.',
          );
        if (!isSame && (await findPersonByEmail(tx, email)) !== null)
          throw new Problem(409, 'person_exists', 'Somebody else has this address here. Give another one.');
        await rowsOf(tx)
          .updateTable('person')
          .set({ name, ...(isSame ? {} : { email, email_normal: normalEmail(email) }) })
          .where('id', '=', person.id)
          .execute();
      });
    },

    async rename(session: Session, name: string): Promise<void> {
      await change(session, { act: 'person.rename', reason: 'Changed by themself' }, async (tx, person) => {
        await rowsOf(tx).updateTable('person').set({ name }).where('id', '=', person.id).execute();
      });
    },

    async setPassword(session: Session, password: string): Promise<void> {
      expectGoodPassword(password, { ...session.person, organisation: await name() });
      const hash = await passwords.hash(password);
      const what = { act: 'password.set', reason: 'Set by themself', endOthers: true } as const;
      await change(session, what, async (tx, person) => {
        const row = { hash, changed_at: new Date(clock.now()) };
        await rowsOf(tx)
          .insertInto('password')
          .values({ person: person.id, ...row })
          .onConflict((conflict) => conflict.column('person').doUpdateSet(row))
          .execute();
      });
    },

    beginApp: (session: Session) => appCodes.begin(session.person, session.id),

    /** Puts the app into force. Throws a Problem 401 `wrong_code`. */
    async confirmApp(session: Session, code: string): Promise<void> {
      const what = { act: 'totp.set', reason: 'Set by themself', endOthers: true } as const;
      await change(session, what, async (tx, person) => {
        if (await appCodes.confirm(tx, person.id, session.id, code)) return;
        throw new Problem(
          401,
          'wrong_code',
          'That is not a code of this app now. Look whether its device has the right time, and try the next one.',
        );
      });
    },

    async removeApp(session: Session): Promise<void> {
      const what = { act: 'totp.remove', reason: 'Removed by themself', endOthers: true } as const;
      await change(session, what, async (tx, person) => {
        await expectStillIn(tx, session, () => ({ totpSince: null }));
        await rowsOf(tx)
          .updateTable('totp')
          .set({ secret: null, since: null, last_step: null })
          .where('person', '=', person.id)
          .execute();
      });
    },

    async addPasskey(
      session: Session,
      asked: { name: string; response: RegistrationResponseJSON; site: Site },
    ): Promise<string> {
      const what = { act: 'passkey.add', reason: 'Added by themself', detail: { name: asked.name } };
      return change(session, what, (tx, person) =>
        passkeys.enrol(tx, { ...asked, person, use: `enrol ${session.id}` }),
      );
    },

    async renamePasskey(session: Session, id: string, name: string): Promise<void> {
      const what = { act: 'passkey.rename', reason: 'Renamed by themself', detail: { passkey: id, name } };
      await change(session, what, async (tx, person) => {
        const renamed = await rowsOf(tx)
          .updateTable('passkey')
          .set({ name })
          .where('id', '=', id)
          .where('person', '=', person.id)
          .executeTakeFirst();
        if (renamed.numUpdatedRows === 0n) throw notFound('passkey');
      });
    },

    async removePasskey(session: Session, id: string): Promise<void> {
      const what = {
        act: 'passkey.remove',
        reason: 'Removed by themself',
        detail: { passkey: id },
        endOthers: true,
      } as const;
      await change(session, what, async (tx, person) => {
        const removed = await rowsOf(tx)
          .deleteFrom('passkey')
          .where('id', '=', id)
          .where('person', '=', person.id)
          .executeTakeFirst();
        if (removed.numDeletedRows === 0n) throw notFound('passkey');
        await expectStillIn(tx, session, () => ({}));
      });
    },

    async newRecoveryCodes(session: Session): Promise<string[]> {
      const what = { act: 'recovery_codes.make', reason: 'Made by themself; earlier ones end' };
      return change(session, what, (tx, person) => makeRecoveryCodes(tx, platform, person.id));
    },

    async endOwnSession(session: Session, id: string): Promise<void> {
      await db.transaction().execute(async (tx) => {
        const by = { actor: session.person, reason: 'Ended by themself' };
        const ended = await endSessions(tx, platform, { ids: [id], person: session.person.id }, by);
        if (ended === 0) throw notFound('session');
      });
    },
  };
}
