import { createHash } from 'node:crypto';
import { type Actor, type By, type Platform, recordChange, type Tx } from '../platform/index.ts';
import type { AccessTables } from './tables.ts';

const MINUTE = 60_000;
export const LINK_MINUTES = 30;
const IDLE_MINUTES = 8 * 60;
const ABSOLUTE_MINUTES = 7 * 24 * 60;

/** Until people have accounts of their own there is one administrator: whoever can read this machine's terminal. */
export const localAdministrator: Actor = { id: 'local-administrator', name: 'Local administrator' };

/** How many people may approve what another one asked for, that one among them. */
export async function countPeople(): Promise<number> {
  return [localAdministrator].length;
}

/** Sessions have no id of their own: what they are known by is a secret. */
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

/** Uses up a link token and opens a session. Null when the token is unknown, used or too old: no telling which. */
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
    return used === undefined
      ? null
      : openSession(tx, platform, { actor: localAdministrator, reason: 'Signed in with a link' });
  });
}

/** Opens a session and returns its secret, which only the cookie holds. */
async function openSession(tx: Tx, platform: Platform, by: By): Promise<string> {
  const secret = platform.random.bytes(32).toString('base64url');
  const now = platform.clock.now();
  await tx
    .withTables<AccessTables>()
    .insertInto('session')
    .values({
      hash: hashOf(secret),
      actor_id: by.actor.id,
      actor_name: by.actor.name,
      created_at: new Date(now),
      last_seen_at: new Date(now),
      expires_at: new Date(now + ABSOLUTE_MINUTES * MINUTE),
    })
    .execute();
  await recordChange(tx, platform, { ...by, act: 'session.open', subject: deploymentOf(platform) });
  return secret;
}

/** Who the session speaks for; null when it is unknown, idle for over 8 hours, or over 7 days old. */
export async function findSession(platform: Platform, secret: string): Promise<Actor | null> {
  const now = platform.clock.now();
  const db = platform.db.withTables<AccessTables>();
  const row = await db
    .selectFrom('session')
    .select(['actor_id', 'actor_name', 'last_seen_at'])
    .where('hash', '=', hashOf(secret))
    .where('expires_at', '>', new Date(now))
    .where('last_seen_at', '>', new Date(now - IDLE_MINUTES * MINUTE))
    .executeTakeFirst();
  if (row === undefined) return null;
  if (now - row.last_seen_at.getTime() > MINUTE) {
    await db
      .updateTable('session')
      .set({ last_seen_at: new Date(now) })
      .where('hash', '=', hashOf(secret))
      .execute();
  }
  return { id: row.actor_id, name: row.actor_name };
}

export async function closeSession(platform: Platform, secret: string): Promise<void> {
  await platform.db.transaction().execute(async (tx) => {
    const closed = await tx
      .withTables<AccessTables>()
      .deleteFrom('session')
      .where('hash', '=', hashOf(secret))
      .returning(['actor_id', 'actor_name'])
      .executeTakeFirst();
    if (closed === undefined) return;
    await recordChange(tx, platform, {
      actor: { id: closed.actor_id, name: closed.actor_name },
      reason: 'Signed out',
      act: 'session.close',
      subject: deploymentOf(platform),
    });
  });
}

/** Ends sessions past their time, and forgets links that were used or came too late. */
export async function forgetOldSessions(platform: Platform): Promise<void> {
  const now = new Date(platform.clock.now());
  const db = platform.db.withTables<AccessTables>();
  await db.deleteFrom('session').where('expires_at', '<', now).execute();
  await db.deleteFrom('sign_in_link').where('expires_at', '<', now).execute();
}
