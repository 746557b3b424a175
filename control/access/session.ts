import { createHash } from 'node:crypto';
import {
  type Actor,
  allActions,
  type By,
  type Caller,
  launcher,
  type Platform,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { countRefused } from './refused.ts';
import type { AccessTables, RefusedReason } from './tables.ts';

const MINUTE = 60_000;
export const LINK_MINUTES = 30;
const IDLE_MINUTES = 8 * 60;
const ABSOLUTE_MINUTES = 7 * 24 * 60;

/** Until people have accounts of their own there is one administrator: whoever can read this machine's terminal. */
export const localAdministrator: Actor = { id: 'local-administrator', name: 'Local administrator' };

/** The administrator, whose session or command has every right. */
function administrator(kind: Caller['kind'], actor: Actor, now: number): Caller {
  return { ...actor, kind, level: 2, steppedUpAt: now, actions: new Set(allActions), ownActions: new Set() };
}

/** The command on this machine: who reads the file beside the keys has the keys. */
export const commandCaller = (now: number): Caller => administrator('command', localAdministrator, now);

/** How many people may approve what another one asked for, that one among them. */
export async function countPeople(): Promise<number> {
  return [localAdministrator].length;
}

/** Whether anyone could be let in from elsewhere. */
export async function hasAdministrator(_platform: Platform): Promise<boolean> {
  return (await countPeople()) > 0;
}

/** A link has no id of its own: what it is known by is a secret. */
const deploymentOf = ({ deployment }: Platform) => ({ kind: 'deployment', id: deployment.id });

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * Makes a link token that signs in once within 30 minutes. Returned once; only its hash is stored, with who asked for it
 * and why.
 */
export async function createSignInToken(platform: Platform, by: By): Promise<string> {
  const token = platform.random.bytes(32).toString('base64url');
  const now = platform.clock.now();
  await platform.db.transaction().execute(async (tx) => {
    await tx
      .withTables<AccessTables>()
      .insertInto('sign_in_link')
      .values({
        hash: hashOf(token),
        created_at: new Date(now),
        expires_at: new Date(now + LINK_MINUTES * MINUTE),
        used_at: null,
      })
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'session.make_link',
      subject: deploymentOf(platform),
    });
  });
  return token;
}

/**
 * Uses up a link token and opens a session. Null when the token is unknown, used or too old: no telling which, but it is
 * counted.
 */
export async function redeemSignInToken(platform: Platform, token: string): Promise<string | null> {
  const now = new Date(platform.clock.now());
  return platform.db.transaction().execute(async (tx) => {
    const used = await tx
      .withTables<AccessTables>()
      .updateTable('sign_in_link')
      .set({ used_at: now })
      .where('hash', '=', hashOf(token))
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .returning('hash')
      .executeTakeFirst();
    if (used !== undefined)
      return openSession(tx, platform, { actor: localAdministrator, reason: 'Signed in with a link' });
    await countRefused(tx, platform, await whyNot(tx, token));
    return null;
  });
}

async function whyNot(tx: Tx, token: string): Promise<RefusedReason> {
  const link = await tx
    .withTables<AccessTables>()
    .selectFrom('sign_in_link')
    .select('used_at')
    .where('hash', '=', hashOf(token))
    .executeTakeFirst();
  if (link === undefined) return 'link_unknown';
  return link.used_at === null ? 'link_expired' : 'link_used';
}

/** What a session is called where it is written about: tells nothing of its secret. */
const sessionId = (hash: Buffer): string => hash.subarray(0, 12).toString('base64url');

/** Opens a session, which is written down, and returns its secret, which only the cookie holds. */
async function openSession(tx: Tx, platform: Platform, by: By): Promise<string> {
  const secret = platform.random.bytes(32).toString('base64url');
  const hash = hashOf(secret);
  const now = platform.clock.now();
  await tx
    .withTables<AccessTables>()
    .insertInto('session')
    .values({
      hash,
      actor_id: by.actor.id,
      actor_name: by.actor.name,
      created_at: new Date(now),
      last_seen_at: new Date(now),
      expires_at: new Date(now + ABSOLUTE_MINUTES * MINUTE),
    })
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: 'session.open',
    subject: { kind: 'session', id: sessionId(hash) },
    detail: { person: by.actor.id },
  });
  return secret;
}

/** Who the session speaks for; null when it is unknown, idle for over 8 hours, or over 7 days old. */
export async function findSession(platform: Platform, secret: string): Promise<Caller | null> {
  const now = platform.clock.now();
  const row = await liveSession(platform, secret, now);
  if (row === undefined) return null;
  if (now - row.last_seen_at.getTime() > MINUTE) {
    await platform.db
      .withTables<AccessTables>()
      .updateTable('session')
      .set({ last_seen_at: new Date(now) })
      .where('hash', '=', hashOf(secret))
      .execute();
  }
  return administrator('person', { id: row.actor_id, name: row.actor_name }, now);
}

/** Whether `findSession` would find it. Asking is no use of the session: it does not keep it from ending. */
export async function sessionHolds(platform: Platform, secret: string): Promise<boolean> {
  return (await liveSession(platform, secret, platform.clock.now())) !== undefined;
}

function liveSession(platform: Platform, secret: string, now: number) {
  return platform.db
    .withTables<AccessTables>()
    .selectFrom('session')
    .select(['actor_id', 'actor_name', 'last_seen_at'])
    .where('hash', '=', hashOf(secret))
    .where('expires_at', '>', new Date(now))
    .where('last_seen_at', '>', new Date(now - IDLE_MINUTES * MINUTE))
    .executeTakeFirst();
}

export async function closeSession(platform: Platform, secret: string): Promise<void> {
  await platform.db.transaction().execute(async (tx) => {
    const ended = await tx
      .withTables<AccessTables>()
      .deleteFrom('session')
      .where('hash', '=', hashOf(secret))
      .returning(['hash', 'actor_id', 'actor_name'])
      .executeTakeFirst();
    if (ended === undefined) return;
    const actor = { id: ended.actor_id, name: ended.actor_name };
    await logEnd(tx, platform, { actor, reason: 'Signed out' }, ended);
  });
}

function logEnd(tx: Tx, platform: Platform, by: By, session: { hash: Buffer; actor_id: string }) {
  return recordChange(tx, platform, {
    ...by,
    act: 'session.end',
    subject: { kind: 'session', id: sessionId(session.hash) },
    detail: { person: session.actor_id },
  });
}

/** Ends sessions past their time, and forgets links that were used or came too late. */
export async function forgetOldSessions(platform: Platform): Promise<void> {
  const now = platform.clock.now();
  const idle = new Date(now - IDLE_MINUTES * MINUTE);
  await platform.db.transaction().execute(async (tx) => {
    const over = await tx
      .withTables<AccessTables>()
      .deleteFrom('session')
      .where((is) => is.or([is('expires_at', '<=', new Date(now)), is('last_seen_at', '<=', idle)]))
      .returning(['hash', 'actor_id'])
      .execute();
    const by = { actor: launcher, reason: 'Its time was over' };
    for (const session of over) await logEnd(tx, platform, by, session);
  });
  await platform.db
    .withTables<AccessTables>()
    .deleteFrom('sign_in_link')
    .where('expires_at', '<', new Date(now))
    .execute();
}
