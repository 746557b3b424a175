import { sql } from 'kysely';
import { type Caller, Problem, type Tx } from '../platform/index.ts';
import { findPerson } from './person.ts';
import type { Role } from './roles.ts';

const LOCK = 4_400_442_5;

/**
 * Until the transaction is over nobody else is added, nor changed in what they may do: two owners who remove each other at
 * once must not both succeed, and one address does not become two people.
 */
export async function holdPeople(tx: Tx): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(tx);
}

/** Owners are made and touched by owners, and by who has this machine. Throws a Problem 403 `owner_needed`. */
export async function expectMayTouch(
  tx: Tx,
  caller: Caller,
  ...held: readonly (readonly Role[])[]
): Promise<void> {
  if (caller.kind === 'command' || !held.flat().includes('owner')) return;
  const isOwner =
    caller.kind === 'person' && ((await findPerson(tx, caller.id))?.roles.includes('owner') ?? false);
  if (!isOwner)
    throw new Problem(
      403,
      'owner_needed',
      'Only an owner makes owners, and changes what they have. Ask one.',
    );
}

/** The same of what a person has: their tokens, whom issuers mean by them. */
export async function expectMayTouchPerson(tx: Tx, caller: Caller, person: string): Promise<void> {
  await expectMayTouch(tx, caller, (await findPerson(tx, person))?.roles ?? []);
}
