import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { type Platform, Problem, type Tx } from '../platform/index.ts';
import { factorsOf, forgetFactors, missingOf, usable } from './factors.ts';
import type { Passkeys, Site } from './passkeys.ts';
import type { Passwords } from './passwords.ts';
import { findPerson, findPersonByEmail, isActive, normalEmail } from './person.ts';
import { useRecoveryCode } from './recovery.ts';
import { countRefused } from './refused.ts';
import {
  endSessions,
  type Method,
  type Place,
  raiseSession,
  type Session,
  startSession,
  stepUpSession,
} from './sessions.ts';
import type { IdentityTables, RefusedReason } from './tables.ts';
import { networkOf, type Throttle, type Tried } from './throttle.ts';
import type { AppCodes } from './totp.ts';

/** What signs people in. Each returns the secret of a session, which only the cookie holds, or throws a Problem. */
export interface SignIn {
  /** The first of two factors. 401 `wrong_sign_in`, the same whatever was wrong, as late; 429 `too_many_attempts`. */
  password(email: string, password: string, place: Place): Promise<Secret>;
  /** The second. 401 `wrong_code`, 429 `too_many_attempts`. */
  totp(session: Session, code: string, place: Place): Promise<Secret>;
  /** In place of the app’s code, once. */
  recovery(session: Session, code: string, place: Place): Promise<Secret>;
  /** For who has passkeys only, and lost them: these end, and others must be enrolled. 401 `wrong_code`. */
  recoverPasskeys(email: string, code: string, place: Place): Promise<Secret>;
  /** Both at once. 401 `wrong_passkey`. */
  passkey(response: AuthenticationResponseJSON, site: Site, place: Place): Promise<Secret>;
  /** A factor used anew in a session. 401 `wrong_code`. */
  stepUp(
    session: Session,
    factor: { totp: string } | { passkey: AuthenticationResponseJSON; site: Site },
    place: Place,
  ): Promise<Secret>;
  /** Ends enrolment. 409 `enrolment_unfinished`. */
  finish(session: Session): Promise<Secret>;
}
interface Secret {
  secret: string;
}

/** No person has this id. */
const NOBODY = '';

interface SignInDeps {
  platform: Platform;
  passwords: Passwords;
  passkeys: Passkeys;
  appCodes: AppCodes;
  throttle: Throttle;
}

export function createSignIn({ platform, passwords, passkeys, appCodes, throttle }: SignInDeps): SignIn {
  const { db } = platform;
  const addressOf = ({ address }: Place): Tried => ({ kind: 'address', name: networkOf(address) });

  /** Attempts of these are counted from here on; those that are not heard are counted as refused. */
  async function takeTurn(tried: readonly Tried[]): Promise<void> {
    await throttle.take(tried).catch(async (error: unknown) => {
      if (error instanceof Problem) await countRefused(db, platform, 'too_many_attempts');
      throw error;
    });
  }

  async function refuse(reason: RefusedReason, person: string | null, problem: Problem): Promise<never> {
    await countRefused(db, platform, reason, person);
    throw problem;
  }

  /** Whether the factor is right, and then what comes of it, in one transaction: a code is used up by what it opens only. */
  function within(use: (tx: Tx) => Promise<boolean>, then: (tx: Tx) => Promise<Secret>) {
    return db.transaction().execute(async (tx) => ((await use(tx)) ? then(tx) : null));
  }

  async function secondFactor(
    session: Session,
    place: Place,
    factor: { method: Method; refused: RefusedReason; use(tx: Tx): Promise<boolean> },
  ): Promise<Secret> {
    const { person } = session;
    const tried: Tried[] = [addressOf(place), { kind: 'code', name: person.id }];
    await takeTurn(tried);
    const raised = await within(factor.use, async (tx) => {
      await throttle.succeed(tx, tried);
      const reason =
        factor.method === 'totp' ? 'Signed in with password and code' : 'Signed in with a recovery code';
      return raiseSession(tx, platform, session, { methods: [factor.method], reason });
    });
    return raised ?? refuse(factor.refused, person.id, wrongCode());
  }

  return {
    async password(email, password, place) {
      const tried: Tried[] = [addressOf(place), { kind: 'account', name: normalEmail(email) }];
      await takeTurn(tried);
      const person = await findPersonByEmail(db, email);
      const kept = await passwordOf(person?.id ?? NOBODY);
      const isRight = await passwords.verify(kept, password);
      if (!isRight || person === null || !isActive(person, platform.clock.now()))
        return refuse('password', person?.id ?? null, wrongSignIn());
      return db.transaction().execute(async (tx) => {
        await throttle.succeed(tx, tried);
        return startSession(tx, platform, {
          ...place,
          person,
          stage: 'second_factor',
          methods: ['password'],
          reason: 'The password was right',
        });
      });
    },

    totp: (session, code, place) =>
      secondFactor(session, place, {
        method: 'totp',
        refused: 'totp',
        use: (tx) => appCodes.use(tx, session.person.id, code),
      }),

    recovery: (session, code, place) =>
      secondFactor(session, place, {
        method: 'recovery',
        refused: 'recovery_code',
        use: (tx) => useRecoveryCode(tx, session.person.id, code),
      }),

    async recoverPasskeys(email, code, place) {
      const tried: Tried[] = [addressOf(place), { kind: 'account', name: normalEmail(email) }];
      await takeTurn(tried);
      const person = await findPersonByEmail(db, email);
      // The same is asked for nobody: how long it takes must not tell whether somebody is there.
      const { hasPassword } = await factorsOf(db, person?.id ?? NOBODY);
      const tryer = person === null || hasPassword || !isActive(person, platform.clock.now()) ? null : person;
      const opened = await db.transaction().execute(async (tx) => {
        const isRight = await useRecoveryCode(tx, tryer?.id ?? NOBODY, code);
        if (!isRight || tryer === null) return null;
        await throttle.succeed(tx, tried);
        const reason = 'Their passkeys were lost: signed in with a recovery code';
        await forgetFactors(tx, tryer.id);
        await endSessions(tx, platform, { person: tryer.id }, { actor: tryer, reason });
        const methods: Method[] = ['recovery'];
        return startSession(tx, platform, { ...place, person: tryer, stage: 'enrolling', methods, reason });
      });
      return opened ?? refuse('recovery_code', person?.id ?? null, wrongCode());
    },

    async passkey(response, site, place) {
      const shown = await passkeys.show(response, site, 'sign-in');
      const person = shown.outcome === 'right' ? await findPerson(db, shown.person) : null;
      if (person === null || !isActive(person, platform.clock.now())) {
        const reason = shown.outcome === 'copied' ? 'passkey_copied' : 'passkey';
        return refuse(reason, shown.person, wrongPasskey());
      }
      return db.transaction().execute((tx) =>
        startSession(tx, platform, {
          ...place,
          person,
          stage: 'signed_in',
          methods: ['passkey'],
          reason: 'Signed in with a passkey',
        }),
      );
    },

    async stepUp(session, factor, place) {
      const { id, person } = session;
      if ('passkey' in factor) {
        const shown = await passkeys.show(factor.passkey, factor.site, `step-up ${id}`);
        const isTheirs = shown.outcome === 'right' && shown.person === person.id;
        const raised = isTheirs
          ? await db.transaction().execute((tx) => stepUpSession(tx, platform, id))
          : null;
        const reason = shown.outcome === 'copied' ? 'passkey_copied' : 'passkey';
        return raised ?? refuse(reason, person.id, wrongCode());
      }
      const tried: Tried[] = [addressOf(place), { kind: 'code', name: person.id }];
      await takeTurn(tried);
      const raised = await within(
        (tx) => appCodes.use(tx, person.id, factor.totp),
        async (tx) => {
          await throttle.succeed(tx, tried);
          return stepUpSession(tx, platform, id);
        },
      );
      return raised ?? refuse('totp', person.id, wrongCode());
    },

    async finish(session) {
      return db.transaction().execute(async (tx) => {
        const person = await findPerson(tx, session.person.id);
        if (person === null) throw new Error('a session is of nobody');
        const factors = await factorsOf(tx, person.id);
        const missing = missingOf(person, factors);
        if (missing.length > 0)
          throw new Problem(
            409,
            'enrolment_unfinished',
            `Something is missing yet: ${missing.join(', ')}. Nothing else opens before.`,
            undefined,
            { missing },
          );
        const rows = tx.withTables<IdentityTables>();
        await rows.updateTable('person').set({ state: 'active' }).where('id', '=', person.id).execute();
        await rows.deleteFrom('invitation').where('person', '=', person.id).execute();
        // The factor was made in this session, by who holds it: it counts as used in it.
        const methods = usable(factors).slice(0, 1);
        const reason = 'Enrolled, and signed in';
        return raiseSession(tx, platform, { ...session, person }, { methods, reason });
      });
    },
  };

  async function passwordOf(person: string): Promise<string | null> {
    const row = await db
      .withTables<IdentityTables>()
      .selectFrom('password')
      .select('hash')
      .where('person', '=', person)
      .executeTakeFirst();
    return row?.hash ?? null;
  }
}

const wrongSignIn = (): Problem =>
  new Problem(
    401,
    'wrong_sign_in',
    'The address and the password do not belong together. Try again, or sign in with a passkey.',
  );
const wrongCode = (): Problem =>
  new Problem(
    401,
    'wrong_code',
    'That is not right, was used before, or came too late. Wait for the next code, and try again.',
  );
const wrongPasskey = (): Problem =>
  new Problem(401, 'wrong_passkey', 'This passkey does not sign in here. Try another one.');
