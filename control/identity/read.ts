import type { z } from '@hono/zod-openapi';
import { type Db, notFound, type Platform } from '../platform/index.ts';
import { factorsOfAll } from './factors.ts';
import type { FactorsSchema, PersonView, SessionItemSchema } from './schemas.ts';
import type { IdentityTables } from './tables.ts';

/** More people than this have no account here yet; the list says it all at once. */
const MOST_PEOPLE = 5_000;

/** People as they are shown, by name. */
export async function listPeople(
  platform: Platform,
  { you, id }: { you: string; id?: string },
): Promise<PersonView[]> {
  let question = platform.db
    .withTables<IdentityTables>()
    .selectFrom('person')
    .selectAll()
    .select((is) =>
      is
        .selectFrom('session')
        .whereRef('session.person', '=', 'person.id')
        .where('session.expires_at', '>', new Date(platform.clock.now()))
        .where('session.stage', '=', 'signed_in')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('sessions'),
    );
  if (id !== undefined) question = question.where('id', '=', id);
  const rows = await question.orderBy('name').orderBy('id').limit(MOST_PEOPLE).execute();
  const factors = await factorsOfAll(
    platform.db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => {
    const has = factors.get(row.id);
    return {
      id: row.id,
      name: row.name,
      email: row.email,
      roles: row.roles,
      state: row.state,
      accessEnds: row.access_ends?.toISOString() ?? null,
      createdAt: row.created_at.toISOString(),
      lastSeenAt: row.last_seen_at?.toISOString() ?? null,
      factors: {
        passkeys: has?.passkeys ?? 0,
        totp: (has?.totpSince ?? null) !== null,
        recoveryCodesLeft: has?.recoveryCodes ?? 0,
      },
      sessions: row.sessions ?? 0,
      isYou: row.id === you,
    };
  });
}

/** Throws a Problem 404. */
export async function readPerson(
  platform: Platform,
  asked: { you: string; id: string },
): Promise<PersonView> {
  const [person] = await listPeople(platform, asked);
  if (person === undefined) throw notFound('person');
  return person;
}

/** The newest first. */
export async function listSessions(
  { db, clock }: Platform,
  person: string,
  current: string,
): Promise<z.infer<typeof SessionItemSchema>[]> {
  const rows = await db
    .withTables<IdentityTables>()
    .selectFrom('session')
    .selectAll()
    .where('person', '=', person)
    .where('stage', '!=', 'second_factor')
    .where('expires_at', '>', new Date(clock.now()))
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(({ id, created_at, last_seen_at, address, browser, methods }) => ({
    id,
    current: id === current,
    createdAt: created_at.toISOString(),
    lastSeenAt: last_seen_at.toISOString(),
    address,
    browser,
    methods,
  }));
}

export async function listPasskeys(
  db: Db,
  person: string,
): Promise<z.infer<typeof FactorsSchema>['passkeys']> {
  const rows = await db
    .withTables<IdentityTables>()
    .selectFrom('passkey')
    .select(['id', 'name', 'made_for', 'created_at', 'last_used_at'])
    .where('person', '=', person)
    .orderBy('created_at')
    .execute();
  return rows.map(({ id, name, made_for, created_at, last_used_at }) => ({
    id,
    name,
    madeFor: made_for,
    createdAt: created_at.toISOString(),
    lastUsedAt: last_used_at?.toISOString() ?? null,
  }));
}
