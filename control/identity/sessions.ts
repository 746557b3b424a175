import { createHash } from 'node:crypto';
import {
  type By,
  type Caller,
  launcher,
  newId,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { hasSecondFactor } from './factors.ts';
import { isActive, mayEnrol, type Person, personCaller } from './person.ts';
import { runningRefusals } from './refused.ts';
import type { IdentityTables, Stage } from './tables.ts';

const MINUTE = 60_000;

/**
 * How long a session lasts, in minutes, however it is used, and without being used. Signed in: NIST SP 800-63B-4 §2.2.3, a
 * day and an hour. Before that there is only as long as it takes.
 */
const LASTS: Readonly<Record<Stage, { most: number; idle: number }>> = {
  second_factor: { most: 10, idle: 10 },
  enrolling: { most: 60, idle: 60 },
  signed_in: { most: 24 * 60, idle: 60 },
};

/** How somebody proved who they are. Those of the first line are factors of ours, used at that moment. */
export type Method = LocalFactor | 'password' | 'link' | 'oidc';
type LocalFactor = 'passkey' | 'totp' | 'recovery';
const LOCAL: readonly string[] = ['passkey', 'totp', 'recovery'] satisfies LocalFactor[];

/** A session that holds, and whose it is. */
export interface Session {
  id: string;
  stage: Stage;
  methods: readonly string[];
  person: Person;
  /** When a factor was last used, in ms; null: never in it. */
  steppedUpAt: number | null;
  /** When it ends unless it is used, in ms. */
  idleEndsAt: number;
  /** Sign-ins to this account that were refused between the sign-in before it and it. */
  refusedBefore: number;
}

/** Where a session is opened from, as its owner recognises it in a list. */
export interface Place {
  address: string;
  browser: string;
}

interface NewSession extends Place {
  person: Person;
  stage: Stage;
  methods: readonly Method[];
  /** How it came about: goes on record. */
  reason: string;
  /** A factor was used just now, though none of ours. */
  isFresh?: boolean;
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
const newSecret = ({ random }: Platform): string => random.bytes(32).toString('base64url');

export function sessionCaller(session: Session): Caller {
  const level = session.stage === 'signed_in' ? 2 : 1;
  return personCaller(session.person, { level, steppedUpAt: session.steppedUpAt });
}

const steppedUp = (methods: readonly string[], now: number): Date | null =>
  methods.some((method) => LOCAL.includes(method)) ? new Date(now) : null;

/** Opens a session and returns its secret, which only the cookie holds. What lets anyone do anything is written down. */
export async function startSession(
  tx: Tx,
  platform: Platform,
  asked: NewSession,
): Promise<{ secret: string }> {
  const { person, stage, methods, reason } = asked;
  const now = platform.clock.now();
  const secret = newSecret(platform);
  const id = newId(platform.clock, platform.random);
  await tx
    .withTables<IdentityTables>()
    .insertInto('session')
    .values({
      id,
      hash: hashOf(secret),
      person: person.id,
      stage,
      methods: [...methods],
      created_at: new Date(now),
      last_seen_at: new Date(now),
      expires_at: new Date(now + LASTS[stage].most * MINUTE),
      stepped_up_at: asked.isFresh === true ? new Date(now) : steppedUp(methods, now),
      address: asked.address,
      browser: asked.browser,
    })
    .execute();
  if (stage !== 'second_factor') await logOpened(tx, platform, { id, person, stage, methods, reason });
  if (stage === 'signed_in') await noteSeen(tx, { person: person.id, session: id }, now);
  return { secret };
}

/**
 * Opens a session for who proved who they are elsewhere. At level 1 they show a second factor of ours next, or enrol one where
 * they have none.
 */
export async function openSession(
  tx: Tx,
  platform: Platform,
  {
    level,
    isFresh = false,
    ...asked
  }: Omit<NewSession, 'stage'> & {
    level: 1 | 2;
    /** The factors were used just now, and not for an earlier sign-in there. */
    isFresh?: boolean;
  },
): Promise<{ secret: string }> {
  const lacking: Stage = (await hasSecondFactor(tx, asked.person.id)) ? 'second_factor' : 'enrolling';
  const stage = level === 2 ? 'signed_in' : lacking;
  return startSession(tx, platform, { ...asked, stage, isFresh: isFresh && level === 2 });
}

function logOpened(
  tx: Tx,
  platform: Platform,
  { id, person, stage, methods, reason }: Omit<NewSession, keyof Place> & { id: string },
) {
  return recordChange(tx, platform, {
    actor: person,
    reason,
    act: stage === 'enrolling' ? 'session.enrol' : 'session.open',
    subject: { kind: 'session', id },
    detail: { person: person.id, methods: [...methods] },
  });
}

/** Notes that somebody came in, and how many were refused at their account since they last did: they are told. */
async function noteSeen(
  tx: Tx,
  { person, session }: { person: string; session: string },
  now: number,
): Promise<void> {
  const rows = tx.withTables<IdentityTables>();
  const before = await rows
    .selectFrom('person')
    .select('refused_since')
    .where('id', '=', person)
    .forUpdate()
    .executeTakeFirst();
  const running = await runningRefusals(tx, person);
  await rows
    .updateTable('person')
    // What is told now comes to the account once more when its minute is over.
    .set({ last_seen_at: new Date(now), refused_since: -running })
    .where('id', '=', person)
    .execute();
  await rows
    .updateTable('session')
    .set({ refused_before: Math.max(0, (before?.refused_since ?? 0) + running) })
    .where('id', '=', session)
    .execute();
}

/**
 * Makes a session that lacked something a signed-in one, under a new secret: who knew the old one has nothing of it. Throws
 * a Problem 401 `signed_out` where it ended, or was raised, meanwhile.
 */
export async function raiseSession(
  tx: Tx,
  platform: Platform,
  session: Session,
  asked: { methods: readonly Method[]; reason: string },
): Promise<{ secret: string }> {
  const now = platform.clock.now();
  const secret = newSecret(platform);
  const methods = [...new Set([...session.methods, ...asked.methods])] as Method[];
  const raised = await tx
    .withTables<IdentityTables>()
    .updateTable('session')
    .set({
      hash: hashOf(secret),
      stage: 'signed_in',
      methods,
      last_seen_at: new Date(now),
      expires_at: new Date(now + LASTS.signed_in.most * MINUTE),
      ...(asked.methods.length === 0 ? {} : { stepped_up_at: steppedUp(asked.methods, now) }),
    })
    .where('id', '=', session.id)
    .where('stage', '=', session.stage)
    .returning('id')
    .executeTakeFirst();
  if (raised === undefined) throw sessionOver();
  const { person } = session;
  await logOpened(tx, platform, { id: raised.id, person, stage: 'signed_in', methods, reason: asked.reason });
  await noteSeen(tx, { person: person.id, session: raised.id }, now);
  return { secret };
}

/** Notes that a factor was used just now, under a new secret. Throws a Problem 401 `signed_out` where it ended meanwhile. */
export async function stepUpSession(tx: Tx, platform: Platform, id: string): Promise<{ secret: string }> {
  const secret = newSecret(platform);
  const changed = await tx
    .withTables<IdentityTables>()
    .updateTable('session')
    .set({ hash: hashOf(secret), stepped_up_at: new Date(platform.clock.now()) })
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  if (changed === undefined) throw sessionOver();
  return { secret };
}

const sessionOver = (): Problem => new Problem(401, 'signed_out', 'This session is over. Sign in again.');

/** The session that a cookie holds, if it holds, which counts as a use of it. */
export async function findSession(platform: Platform, secret: string): Promise<Session | null> {
  const now = platform.clock.now();
  const found = await liveSession(platform, secret, now);
  if (found === null) return null;
  if (now - found.lastSeenAt > MINUTE) {
    await platform.db
      .withTables<IdentityTables>()
      .updateTable('session')
      .set({ last_seen_at: new Date(now) })
      .where('id', '=', found.session.id)
      .execute();
  }
  return found.session;
}

/** Who asks by a signed-in session that holds. Asking is no use of it: it does not keep it from ending. */
export async function callerBySession(platform: Platform, secret: string): Promise<Caller | null> {
  const found = await liveSession(platform, secret, platform.clock.now());
  return found?.session.stage === 'signed_in' ? sessionCaller(found.session) : null;
}

/** One question to the database, as it is asked at every request: the session and the person as they are now. */
async function liveSession(
  platform: Platform,
  secret: string,
  now: number,
): Promise<{ session: Session; lastSeenAt: number } | null> {
  const row = await platform.db
    .withTables<IdentityTables>()
    .selectFrom('session')
    .innerJoin('person', 'person.id', 'session.person')
    .select(['session.id', 'stage', 'methods', 'session.last_seen_at', 'expires_at', 'stepped_up_at'])
    .select('refused_before')
    .select(['person', 'name', 'email', 'roles', 'state', 'access_ends'])
    .where('hash', '=', hashOf(secret))
    .executeTakeFirst();
  if (row === undefined) return null;
  const lastSeenAt = row.last_seen_at.getTime();
  const idleEndsAt = Math.min(lastSeenAt + LASTS[row.stage].idle * MINUTE, row.expires_at.getTime());
  const { name, email, roles, state } = row;
  const person = {
    id: row.person,
    name,
    email,
    roles,
    state,
    accessEnds: row.access_ends?.getTime() ?? null,
  };
  const isLetIn = row.stage === 'enrolling' ? mayEnrol(person, now) : isActive(person, now);
  if (idleEndsAt <= now || !isLetIn) return null;
  const { id, stage, methods } = row;
  const steppedUpAt = row.stepped_up_at?.getTime() ?? null;
  const renewed = Math.min(now + LASTS[stage].idle * MINUTE, row.expires_at.getTime());
  const session = {
    ...{ id, stage, methods, person, steppedUpAt },
    idleEndsAt: renewed,
    refusedBefore: row.refused_before,
  };
  return { session, lastSeenAt };
}

interface Which {
  /** By their ids. */
  ids?: readonly string[];
  /** Of this person. */
  person?: string;
  /** But this one. */
  butNot?: string | undefined;
}

/** Ends sessions at once. Returns how many; each that let anyone do anything is written down. */
export async function endSessions(tx: Tx, platform: Platform, which: Which, by: By): Promise<number> {
  let statement = tx.withTables<IdentityTables>().deleteFrom('session');
  if (which.ids !== undefined) statement = statement.where('id', 'in', which.ids);
  if (which.person !== undefined) statement = statement.where('person', '=', which.person);
  if (which.butNot !== undefined) statement = statement.where('id', '!=', which.butNot);
  const ended = await statement.returning(['id', 'person', 'stage']).execute();
  for (const session of ended) await logEnd(tx, platform, by, session);
  return ended.length;
}

async function logEnd(
  tx: Tx,
  platform: Platform,
  by: By,
  { id, person, stage }: { id: string; person: string; stage: Stage },
): Promise<void> {
  if (stage === 'second_factor') return;
  await recordChange(tx, platform, {
    ...by,
    act: 'session.end',
    subject: { kind: 'session', id },
    detail: { person },
  });
}

/** Ends sessions whose time is over, or whose person may not be let in any more. */
export async function endOldSessions(platform: Platform): Promise<void> {
  const now = platform.clock.now();
  await platform.db.transaction().execute(async (tx) => {
    const rows = await tx
      .withTables<IdentityTables>()
      .selectFrom('session')
      .innerJoin('person', 'person.id', 'session.person')
      .select(['session.id', 'stage', 'session.last_seen_at', 'expires_at', 'access_ends'])
      .forUpdate('session')
      .skipLocked()
      .execute();
    const over = rows.filter(({ stage, last_seen_at, expires_at, access_ends }) => {
      const idleEnds = last_seen_at.getTime() + LASTS[stage].idle * MINUTE;
      return Math.min(idleEnds, expires_at.getTime(), access_ends?.getTime() ?? idleEnds) <= now;
    });
    if (over.length === 0) return;
    await endSessions(
      tx,
      platform,
      { ids: over.map(({ id }) => id) },
      { actor: launcher, reason: 'Its time was over' },
    );
  });
}
