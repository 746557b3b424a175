import { type Db, Problem, type Tx } from '../platform/index.ts';
import type { Person } from './person.ts';
import type { IdentityTables } from './tables.ts';

/** What a person has to prove who they are. */
export interface Factors {
  passkeys: number;
  hasPassword: boolean;
  /** When the authenticator app came into force, in ms; null: there is none. */
  totpSince: number | null;
  recoveryCodes: number;
}

export type Missing = 'profile' | 'factor' | 'recovery_codes';

/** A passkey is two factors in one: what somebody has, and what they know or are. */
export const isTwoFactor = ({ passkeys, hasPassword, totpSince }: Factors): boolean =>
  passkeys > 0 || (hasPassword && totpSince !== null);

/** What a person must still do before anything else opens, in this order. */
export function missingOf({ name, email }: Pick<Person, 'name' | 'email'>, factors: Factors): Missing[] {
  const missing: Missing[] = [];
  if (name === '' || email === null) missing.push('profile');
  if (!isTwoFactor(factors)) missing.push('factor');
  if (factors.recoveryCodes === 0) missing.push('recovery_codes');
  return missing;
}

/** What may complete a sign-in, or a step-up, of this person. */
export function usable({ passkeys, totpSince, recoveryCodes }: Factors): ('passkey' | 'totp' | 'recovery')[] {
  return [
    ...(passkeys > 0 ? (['passkey'] as const) : []),
    ...(totpSince === null ? [] : (['totp'] as const)),
    ...(recoveryCodes > 0 ? (['recovery'] as const) : []),
  ];
}

export async function factorsOf(db: Db | Tx, person: string): Promise<Factors> {
  return (await factorsOfAll(db, [person])).get(person) ?? none;
}

/** Whether they have what completes a sign-in that proved one factor elsewhere: a passkey, or an app. */
export async function hasSecondFactor(db: Db | Tx, person: string): Promise<boolean> {
  const { passkeys, totpSince } = await factorsOf(db, person);
  return passkeys > 0 || totpSince !== null;
}

const none: Factors = { passkeys: 0, hasPassword: false, totpSince: null, recoveryCodes: 0 };

/** Of many people in one question. */
export async function factorsOfAll(
  db: Db | Tx,
  people: readonly string[],
): Promise<ReadonlyMap<string, Factors>> {
  if (people.length === 0) return new Map();
  const rows = await db
    .withTables<IdentityTables>()
    .selectFrom('person')
    .leftJoin('password', 'password.person', 'person.id')
    .leftJoin('totp', 'totp.person', 'person.id')
    .select(['person.id', 'password.changed_at', 'totp.since'])
    .select((is) => [
      is
        .selectFrom('passkey')
        .whereRef('passkey.person', '=', 'person.id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('passkeys'),
      is
        .selectFrom('recovery_code')
        .whereRef('recovery_code.person', '=', 'person.id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('codes'),
    ])
    .where('person.id', 'in', people)
    .execute();
  return new Map(
    rows.map(({ id, changed_at, since, passkeys, codes }) => [
      id,
      {
        passkeys: passkeys ?? 0,
        hasPassword: changed_at !== null,
        totpSince: since?.getTime() ?? null,
        recoveryCodes: codes ?? 0,
      },
    ]),
  );
}

/** Takes all of a person's factors away. */
export async function forgetFactors(tx: Tx, person: string): Promise<void> {
  const rows = tx.withTables<IdentityTables>();
  for (const table of ['password', 'totp', 'passkey', 'recovery_code'] as const)
    await rows.deleteFrom(table).where('person', '=', person).execute();
}

/** Throws a Problem 409 `last_factor` where nothing would be left to sign in with. */
export function expectLeft(left: Factors): void {
  if (isTwoFactor(left)) return;
  throw new Problem(
    409,
    'last_factor',
    'This is what you sign in with. Add a passkey, or a password and an authenticator app, before you remove it.',
  );
}
