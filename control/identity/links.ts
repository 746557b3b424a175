import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type By, newId, type Platform, recordChange, type Tx } from '../platform/index.ts';
import { forgetFactors } from './factors.ts';
import { activePeople, findPersonByEmail, mayEnrol, normalEmail, type Person, personOf } from './person.ts';
import { countRefused } from './refused.ts';
import { endSessions, type Method, type Place, startSession } from './sessions.ts';
import type { IdentityTables, RefusedReason } from './tables.ts';
import { holdPeople } from './touch.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The first administrator stands before the terminal; who is invited reads it in a message. */
const FIRST_LINK_MS = 30 * MINUTE;
const INVITATION_MS = 72 * HOUR;

/** Lets a person in once, to enrol. Shown once. */
export interface Link {
  token: string;
  /** When it ends, in ms. */
  expiresAt: number;
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * A new link for a person, in place of those that they had.
 *
 * @param by who invites them, as they are told; null: nobody did
 */
export async function makeLink(
  tx: Tx,
  { clock, random }: Platform,
  person: string,
  { lasts = INVITATION_MS, by }: { lasts?: number; by: string | null },
): Promise<Link> {
  const token = random.bytes(32).toString('base64url');
  const now = clock.now();
  const rows = tx.withTables<IdentityTables>();
  await rows.deleteFrom('invitation').where('person', '=', person).where('used_at', 'is', null).execute();
  await rows
    .insertInto('invitation')
    .values({
      hash: hashOf(token),
      person,
      created_at: new Date(now),
      expires_at: new Date(now + lasts),
      used_at: null,
      invited_by: by,
    })
    .execute();
  return { token, expiresAt: now + lasts };
}

/**
 * A link for the first administrator, while nobody can sign in: null once somebody can. It replaces an earlier one, and ends
 * what was begun with that: who began may be somebody else, who read it. Who runs this machine is trusted with it, as they
 * hold the keys; it is to be shown on the terminal only.
 */
export async function firstLink(platform: Platform, by: By): Promise<Link | null> {
  const now = platform.clock.now();
  return platform.db.transaction().execute(async (tx) => {
    await holdPeople(tx);
    if ((await activePeople(tx, now)).length > 0) return null;
    const id = (await startAnew(tx, platform, by)) ?? newId(platform.clock, platform.random);
    const rows = tx.withTables<IdentityTables>();
    const known = await rows.selectFrom('person').select('id').where('id', '=', id).executeTakeFirst();
    if (known === undefined) await addPerson(tx, platform, { id, name: '', email: null, roles: ['owner'] });
    const link = await makeLink(tx, platform, id, { lasts: FIRST_LINK_MS, by: null });
    await recordChange(tx, platform, {
      ...by,
      act: 'person.first_link',
      subject: { kind: 'person', id },
    });
    return link;
  });
}

/** Ends what was begun with earlier first links. Returns whom the next one is for; null: there is nobody yet. */
async function startAnew(tx: Tx, platform: Platform, by: By): Promise<string | null> {
  const rows = tx.withTables<IdentityTables>();
  const begun = await rows
    .selectFrom('person')
    .select('id')
    .where('state', '=', 'invited')
    .where(sql<boolean>`'owner' = ANY (roles)`)
    .where('last_seen_at', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('invitation')
            .select('hash')
            .whereRef('invitation.person', '=', 'person.id')
            .where('invited_by', 'is not', null),
        ),
      ),
    )
    .orderBy('id')
    .forUpdate()
    .execute();
  for (const { id } of begun) {
    await rows.deleteFrom('invitation').where('person', '=', id).where('used_at', 'is', null).execute();
    await forgetFactors(tx, id);
    await endSessions(tx, platform, { person: id }, by);
    // What they said of themselves is not what the next one says.
    await rows
      .updateTable('person')
      .set({ name: '', email: null, email_normal: null })
      .where('id', '=', id)
      .execute();
  }
  return begun[0]?.id ?? null;
}

/**
 * A link for a named person, asked for on this machine by who lost every other way in: their factors and sessions end, and
 * who is not known yet, or was offboarded, becomes an owner. It is written down as what it is.
 */
export async function recoveryLink(
  tx: Tx,
  platform: Platform,
  asked: { email: string; name: string },
  by: By,
): Promise<{ person: string; link: Link }> {
  const known = await findPersonByEmail(tx, asked.email);
  const id = known?.id ?? newId(platform.clock, platform.random);
  if (known === null) await addPerson(tx, platform, { ...asked, id, roles: ['owner'] });
  else if (!mayEnrol(known, platform.clock.now()))
    await tx
      .withTables<IdentityTables>()
      .updateTable('person')
      .set({ state: 'invited', roles: ['owner'], access_ends: null })
      .where('id', '=', id)
      .execute();
  await forgetFactors(tx, id);
  await endSessions(tx, platform, { person: id }, by);
  await recordChange(tx, platform, {
    ...by,
    act: 'person.recover',
    subject: { kind: 'person', id },
    detail: { by: 'access to this machine' },
  });
  return { person: id, link: await makeLink(tx, platform, id, { lasts: FIRST_LINK_MS, by: null }) };
}

/** Adds a person. Active at once is only who proved two factors elsewhere. */
export async function addPerson(
  tx: Tx,
  { clock }: Platform,
  {
    accessEnds = null,
    state = 'invited',
    ...person
  }: Pick<Person, 'id' | 'name' | 'email' | 'roles'> & {
    accessEnds?: number | null;
    state?: 'invited' | 'active';
  },
): Promise<void> {
  await tx
    .withTables<IdentityTables>()
    .insertInto('person')
    .values({
      ...person,
      roles: [...person.roles],
      email_normal: person.email === null ? null : normalEmail(person.email),
      state,
      access_ends: accessEnds === null ? null : new Date(accessEnds),
      created_at: new Date(clock.now()),
      last_seen_at: null,
    })
    .execute();
}

/**
 * Uses a link up and opens a session in which its person enrols; another one of theirs ends. Null where the link is
 * unknown, used or too old: no telling which, but it is counted.
 */
export async function redeemLink(
  platform: Platform,
  token: string,
  place: Place,
): Promise<{ secret: string } | null> {
  const now = platform.clock.now();
  return platform.db.transaction().execute(async (tx) => {
    const rows = tx.withTables<IdentityTables>();
    const used = await rows
      .updateTable('invitation')
      .set({ used_at: new Date(now) })
      .where('hash', '=', hashOf(token))
      .where('used_at', 'is', null)
      .where('expires_at', '>', new Date(now))
      .returning('person')
      .executeTakeFirst();
    const row =
      used === undefined
        ? undefined
        : await rows.selectFrom('person').selectAll().where('id', '=', used.person).executeTakeFirst();
    if (row === undefined || !mayEnrol(personOf(row), now)) {
      await countRefused(tx, platform, await whyNot(tx, token));
      return null;
    }
    const person = personOf(row);
    return beginEnrolment(tx, platform, {
      ...place,
      person,
      method: 'link',
      reason: 'Signed in with a link',
    });
  });
}

/** Opens a session in which a person enrols. What was begun before may be somebody else's, who had an earlier link. */
export async function beginEnrolment(
  tx: Tx,
  platform: Platform,
  { method, ...opening }: Place & { person: Person; method: Method; reason: string },
): Promise<{ secret: string }> {
  const { person, reason } = opening;
  if (person.state === 'invited') await forgetFactors(tx, person.id);
  await endSessions(tx, platform, { person: person.id }, { actor: person, reason });
  return startSession(tx, platform, { ...opening, stage: 'enrolling', methods: [method] });
}

/** Who invited the person whose link was used last; null: nobody did. */
export async function inviterOf({ db }: Platform, person: string): Promise<string | null> {
  const row = await db
    .withTables<IdentityTables>()
    .selectFrom('invitation')
    .select('invited_by')
    .where('person', '=', person)
    .where('used_at', 'is not', null)
    .orderBy('used_at', 'desc')
    .executeTakeFirst();
  return row?.invited_by ?? null;
}

async function whyNot(tx: Tx, token: string): Promise<RefusedReason> {
  const link = await tx
    .withTables<IdentityTables>()
    .selectFrom('invitation')
    .select('used_at')
    .where('hash', '=', hashOf(token))
    .executeTakeFirst();
  if (link === undefined) return 'link_unknown';
  return link.used_at === null ? 'link_expired' : 'link_used';
}
