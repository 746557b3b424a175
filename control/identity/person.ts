import { type Action, allActions, type Caller, type Db, type Platform, type Tx } from '../platform/index.ts';
import { permissionsOf, type Role } from './roles.ts';
import type { IdentityTables, PersonState } from './tables.ts';

/** Someone who has an account here, or is asked in. */
export interface Person {
  id: string;
  /** Empty until they said it. */
  name: string;
  email: string | null;
  roles: readonly Role[];
  state: PersonState;
  /** When their access ends, in ms; null: not by date. */
  accessEnds: number | null;
}

/** As addresses are compared: who types theirs in capitals is the same person. */
export const normalEmail = (email: string): string => email.trim().normalize('NFKC').toLowerCase();

/** Whether they may be let in at this moment (ms): they finished enrolling, and their access is not over. */
export function isActive(person: Pick<Person, 'state' | 'accessEnds'>, now: number): boolean {
  return person.state === 'active' && !isOver(person, now);
}

const isOver = ({ accessEnds }: Pick<Person, 'accessEnds'>, now: number): boolean =>
  accessEnds !== null && accessEnds <= now;

/** Whether they may enrol: they were asked in, or asked anew, and their access is not over. */
export function mayEnrol(person: Pick<Person, 'state' | 'accessEnds'>, now: number): boolean {
  return person.state !== 'offboarded' && !isOver(person, now);
}

/** Who asks, as the gate sees them. */
export function personCaller(person: Person, session: { level: 1 | 2; steppedUpAt: number | null }): Caller {
  return {
    id: person.id,
    name: person.name,
    kind: 'person',
    roles: person.roles,
    ...session,
    ...permissionsOf(person.roles),
  };
}

/**
 * The command on this machine, and programs that started this deployment: who reads the file beside the keys has the keys,
 * so there is nothing that it could be kept from.
 */
export const commandCaller = (now: number): Caller => ({
  id: 'local-administrator',
  name: 'Local administrator',
  kind: 'command',
  roles: [],
  level: 2,
  steppedUpAt: now,
  actions: new Set(allActions),
  ownActions: new Set(),
});

const columns = ['id', 'name', 'email', 'roles', 'state', 'access_ends'] as const;
type Row = Pick<IdentityTables['person'], (typeof columns)[number]>;

export const personOf = ({ access_ends, ...row }: Row): Person => ({
  ...row,
  accessEnds: access_ends?.getTime() ?? null,
});

export async function findPerson(db: Db | Tx, id: string): Promise<Person | null> {
  const row = await select(db).where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : personOf(row);
}

export async function findPersonByEmail(db: Db | Tx, email: string): Promise<Person | null> {
  const row = await select(db).where('email_normal', '=', normalEmail(email)).executeTakeFirst();
  return row === undefined ? null : personOf(row);
}

/** The person's row, held until the transaction is over: what is decided about them holds until then. */
export async function lockPerson(tx: Tx, id: string): Promise<Person | null> {
  const row = await select(tx).where('id', '=', id).forUpdate().executeTakeFirst();
  return row === undefined ? null : personOf(row);
}

const select = (db: Db | Tx) => db.withTables<IdentityTables>().selectFrom('person').select(columns);

/** People who may sign in now, and do this. */
export async function activePeopleWith(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  action: Action,
): Promise<Person[]> {
  return (await activePeople(db, clock.now())).filter(({ roles }) =>
    permissionsOf(roles).actions.has(action),
  );
}

/** Whether this person may sign in now, and do this. */
export async function personMay(
  { clock }: Pick<Platform, 'clock'>,
  tx: Tx,
  id: string,
  action: Action,
): Promise<boolean> {
  const person = await findPerson(tx, id);
  return person !== null && isActive(person, clock.now()) && permissionsOf(person.roles).actions.has(action);
}

/** Whether somebody can sign in who may let others in. */
export async function hasAdministrator(platform: Pick<Platform, 'db' | 'clock'>): Promise<boolean> {
  return (await activePeopleWith(platform, 'person.invite')).length > 0;
}

/** People who may sign in at this moment (ms). */
export async function activePeople(db: Db | Tx, now: number): Promise<Person[]> {
  const rows = await select(db).where('state', '=', 'active').orderBy('id').execute();
  return rows.map(personOf).filter((person) => isActive(person, now));
}
