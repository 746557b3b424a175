import type { Updateable } from 'kysely';
import type { Approvals } from '../approvals/index.ts';
import {
  type By,
  type Caller,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { forgetFactors } from './factors.ts';
import { addPerson, type Link, makeLink, recoveryLink } from './links.ts';
import { activePeople, findPersonByEmail, lockPerson, normalEmail, type Person } from './person.ts';
import { permissionsOf, type Role } from './roles.ts';
import { endSessions } from './sessions.ts';
import type { IdentityTables } from './tables.ts';
import { expectMayTouch, holdPeople } from './touch.ts';

/** Who asks for it, and why. */
interface AskedBy {
  caller: Caller;
  reason: string;
}

/** What may be changed of a person by others. */
export interface PersonChange {
  roles?: readonly Role[] | undefined;
  /** Ms; null: not by date. */
  accessEnds?: number | null | undefined;
}

/** What came to a person: other rights, or the end of them; or what they prove who they are with was taken from them. */
export type PersonNews = 'rights' | 'factors';

/** Hears of a person whose rights changed or ended, or whose factors were taken, in the transaction that does it. */
export type PersonListener = (tx: Tx, person: string, news: PersonNews, by: By) => Promise<void>;

/** Those who administer people; what each may do to whom is asked here, beyond what their roles permit. */
export type People = ReturnType<typeof createPeople>;

export interface PeopleDeps {
  platform: Platform;
  approvals: Approvals;
  listeners: readonly PersonListener[];
}

export function createPeople({ platform, approvals, listeners }: PeopleDeps) {
  const { db, clock } = platform;

  const changing = <T>(id: string, work: (tx: Tx, person: Person) => Promise<T>): Promise<T> =>
    db.transaction().execute(async (tx) => {
      await holdPeople(tx);
      const person = await lockPerson(tx, id);
      if (person === null) throw notFound('person');
      return work(tx, person);
    });

  async function record(
    tx: Tx,
    { caller, reason }: AskedBy,
    act: string,
    person: string,
    detail: Record<string, unknown> = {},
  ): Promise<void> {
    await recordChange(tx, platform, {
      actor: caller,
      reason,
      act,
      subject: { kind: 'person', id: person },
      detail,
    });
  }

  const update = (tx: Tx, id: string, set: Updateable<IdentityTables['person']>) =>
    tx.withTables<IdentityTables>().updateTable('person').set(set).where('id', '=', id).execute();

  async function tell(
    tx: Tx,
    person: string,
    news: PersonNews,
    { caller: actor, reason }: AskedBy,
  ): Promise<void> {
    for (const listener of listeners) await listener(tx, person, news, { actor, reason });
  }

  /**
   * Who may approve what others ask for is made, and let in anew, by two where the setting says so: else one alone could
   * approve as somebody they made up.
   */
  async function expectApproved(
    tx: Tx,
    act: string,
    person: { id: string; email: string | null; roles: readonly Role[]; accessEnds: number | null },
    { caller: actor, reason }: AskedBy,
  ): Promise<void> {
    if (!mayApprove(person.roles)) return;
    const what = {
      person: { email: person.email === null ? null : normalEmail(person.email) },
      ...detailOf(person),
    };
    await approvals.spendIfNeeded(
      tx,
      { act, subject: { kind: 'person', id: person.id }, what },
      { actor, reason },
    );
  }

  return {
    /** Asks someone in, or in again. Throws a Problem 409 `person_exists`. */
    async invite(
      asked: { email: string; name: string; roles: readonly Role[]; accessEnds: number | null },
      by: AskedBy,
    ): Promise<{ person: string; link: Link }> {
      expectFuture(asked.accessEnds, clock.now());
      return db.transaction().execute(async (tx) => {
        await holdPeople(tx);
        await expectMayTouch(tx, by.caller, asked.roles);
        expectMayGive(by.caller, asked.roles);
        const known = await findPersonByEmail(tx, asked.email);
        if (known !== null && known.state !== 'offboarded')
          throw new Problem(
            409,
            'person_exists',
            'Somebody with this address is here already. Look in the list.',
          );
        await expectApproved(tx, 'person.invite', { ...asked, id: known?.id ?? 'new' }, by);
        const person = known?.id ?? newId(clock, platform.random);
        if (known === null) await addPerson(tx, platform, { ...asked, id: person });
        else
          await update(tx, person, {
            state: 'invited',
            roles: [...asked.roles],
            access_ends: dateOf(asked.accessEnds),
            ...(asked.name === '' ? {} : { name: asked.name }),
          });
        await record(tx, by, 'person.invite', person, detailOf(asked));
        return { person, link: await makeLink(tx, platform, person, { by: by.caller.name }) };
      });
    },

    /** A new link for somebody who did not come in yet. Throws a Problem 409 `not_invited`. */
    async inviteAgain(id: string, by: AskedBy): Promise<Link> {
      return changing(id, async (tx, person) => {
        if (person.state !== 'invited')
          throw new Problem(
            409,
            'not_invited',
            'They have been in already, or were offboarded. Reset their factors, or invite them anew.',
          );
        await expectMayTouch(tx, by.caller, person.roles);
        await expectApproved(tx, 'person.invite_again', person, by);
        // Whoever used the earlier one may be somebody else: what they began must not be finished.
        await forgetFactors(tx, id);
        await record(tx, by, 'person.invite_again', id);
        await endSessions(tx, platform, { person: id }, { actor: by.caller, reason: by.reason });
        return makeLink(tx, platform, id, { by: by.caller.name });
      });
    },

    async change(id: string, asked: PersonChange, by: AskedBy): Promise<void> {
      if (asked.accessEnds !== undefined) expectFuture(asked.accessEnds, clock.now());
      await changing(id, async (tx, person) => {
        if (person.state === 'offboarded') throw offboarded();
        const roles = asked.roles ?? person.roles;
        await expectMayTouch(tx, by.caller, person.roles, asked.roles ?? []);
        expectMayGive(by.caller, asked.roles ?? []);
        const accessEnds = asked.accessEnds === undefined ? person.accessEnds : asked.accessEnds;
        if (!roles.includes('owner') || accessEnds !== null) await expectAnotherOwner(tx, person);
        const could = mayApprove(person.roles) && (person.accessEnds ?? Infinity) > clock.now();
        if (!could) await expectApproved(tx, 'person.change', { ...person, roles, accessEnds }, by);
        await update(tx, id, { roles: [...roles], access_ends: dateOf(accessEnds) });
        await record(tx, by, 'person.change', id, detailOf({ roles, accessEnds }));
        await tell(tx, id, 'rights', by);
      });
    },

    /** Ends all that they have here, at once: sessions, links, factors, and what listens for it. */
    async offboard(id: string, by: AskedBy): Promise<void> {
      await changing(id, async (tx, person) => {
        if (person.state === 'offboarded') return;
        if (by.caller.id === id)
          throw new Problem(409, 'yourself', 'You can’t offboard yourself. Ask another administrator.');
        await expectMayTouch(tx, by.caller, person.roles);
        await expectAnotherOwner(tx, person);
        await update(tx, id, { state: 'offboarded' });
        await forgetFactors(tx, id);
        await tx.withTables<IdentityTables>().deleteFrom('invitation').where('person', '=', id).execute();
        await record(tx, by, 'person.offboard', id);
        await endSessions(tx, platform, { person: id }, { actor: by.caller, reason: by.reason });
        await tell(tx, id, 'rights', by);
      });
    },

    /** For who lost what they sign in with: all of it ends, sessions and tokens too, and a link lets them enrol anew. */
    async resetFactors(id: string, by: AskedBy): Promise<Link> {
      return changing(id, async (tx, person) => {
        if (person.state === 'offboarded') throw offboarded();
        if (by.caller.id === id)
          throw new Problem(409, 'yourself', 'Change your own factors in your profile.');
        await expectMayTouch(tx, by.caller, person.roles);
        await expectApproved(tx, 'person.reset_factors', person, by);
        await forgetFactors(tx, id);
        await record(tx, by, 'person.reset_factors', id);
        await endSessions(tx, platform, { person: id }, { actor: by.caller, reason: by.reason });
        await tell(tx, id, 'factors', by);
        return makeLink(tx, platform, id, { by: null });
      });
    },

    /** As `recoveryLink`, for the command on this machine. */
    async recover(asked: { email: string; name: string }, by: AskedBy): Promise<Link> {
      return db.transaction().execute(async (tx) => {
        await holdPeople(tx);
        const { person, link } = await recoveryLink(tx, platform, asked, {
          actor: by.caller,
          reason: by.reason,
        });
        await tell(tx, person, 'factors', by);
        return link;
      });
    },

    async endSessions(id: string, by: AskedBy): Promise<number> {
      return changing(id, async (tx, person) => {
        await expectMayTouch(tx, by.caller, person.roles);
        return endSessions(tx, platform, { person: id }, { actor: by.caller, reason: by.reason });
      });
    },
  };

  /** Somebody must be left who may make owners. */
  async function expectAnotherOwner(tx: Tx, person: Person): Promise<void> {
    if (!person.roles.includes('owner')) return;
    const others = (await activePeople(tx, clock.now())).filter(
      ({ id, roles, accessEnds }) => id !== person.id && roles.includes('owner') && accessEnds === null,
    );
    if (others.length > 0 || person.state === 'invited') return;
    throw new Problem(
      409,
      'last_owner',
      'They are the last owner whose access does not end. Make somebody else an owner first.',
    );
  }
}

const mayApprove = (roles: readonly Role[]): boolean => permissionsOf(roles).actions.has('approval.decide');

/** Nobody gives rights that they do not have. */
function expectMayGive({ actions }: Caller, given: readonly Role[]): void {
  if ([...permissionsOf(given).actions].every((action) => actions.has(action))) return;
  throw new Problem(
    403,
    'not_permitted',
    'A role can be given by who may do all that it permits. Ask an administrator.',
  );
}

function expectFuture(at: number | null, now: number): void {
  if (at !== null && at <= now)
    throw invalid('accessEnds', 'lies in the past; to end access now, offboard the person');
}

const dateOf = (at: number | null): Date | null => (at === null ? null : new Date(at));

const detailOf = ({ roles, accessEnds }: { roles: readonly Role[]; accessEnds: number | null }) => ({
  roles: [...roles],
  ...(accessEnds === null ? {} : { accessEnds: new Date(accessEnds).toISOString() }),
});

const offboarded = (): Problem =>
  new Problem(409, 'offboarded', 'They were offboarded. Invite them anew to let them in.');
