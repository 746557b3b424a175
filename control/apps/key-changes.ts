import { isDeepStrictEqual } from 'node:util';
import { formVirtualKey } from '@drawbridge/protocol';
import {
  type By,
  invalid,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { checkedBudget, checkedNetworks, checkPublishable, type Reach, unique } from './key-rules.ts';
import { checkedExpiry, expiryOfNext } from './lifetime.ts';
import type { KeyBounds, KeyCapsChange, KeyLifetime } from './schemas.ts';
import { type KeyRow, selectKeys } from './store.ts';
import type { AppTables } from './tables.ts';

const RANDOM_BYTES_OF_A_KEY = 42;
const HOUR_MS = 3600_000;

/** A key that was just made: its row, and its text, which is nowhere else. */
export interface MadeKey {
  row: KeyRow;
  key: string;
}

/** Puts a new key into its table, in the caller's transaction. */
export async function insertKey(
  tx: Tx,
  platform: Platform,
  of: Omit<KeyRow, 'id' | 'created_at' | 'created_by' | 'revoked_at' | 'replaced_by'>,
  by: By,
): Promise<MadeKey> {
  const formed = formVirtualKey(platform.random.bytes(RANDOM_BYTES_OF_A_KEY));
  const row: KeyRow = {
    ...of,
    id: formed.id,
    created_at: new Date(platform.clock.now()),
    created_by: by.actor.name,
    revoked_at: null,
    replaced_by: null,
  };
  const { app_name: _app, replaced_by: _replaced, ...columns } = row;
  await tx
    .withTables<AppTables>()
    .insertInto('virtual_key')
    .values({ ...columns, hash: formed.hash, revoked_by: null })
    .execute();
  return { row, key: formed.key };
}

/** The key's row, locked until the transaction ends. Throws Problem 404, or 409 where it is revoked or expired. */
async function lockLiving(tx: Tx, platform: Platform, id: string): Promise<KeyRow> {
  await tx
    .withTables<AppTables>()
    .selectFrom('virtual_key')
    .select('id')
    .where('id', '=', id)
    .forUpdate()
    .execute();
  const row = await selectKeys(tx).where('virtual_key.id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('key');
  const expired = row.expires_at !== null && row.expires_at.getTime() <= platform.clock.now();
  if (row.revoked_at === null && !expired) return row;
  throw new Problem(
    409,
    'key_dead',
    `This key was ${expired ? 'valid until a time that is over' : 'revoked'}: nothing can use it. Make a new one.`,
  );
}

function checkPublishableReach(row: KeyRow, connections: string[], reach: readonly Reach[]): void {
  if (row.kind !== 'publishable') return;
  const { kind, origins, per_minute } = row;
  checkPublishable({ kind, connections, origins, perMinute: per_minute ?? undefined }, origins, reach);
}

/** Binds a key to these connections and no others. The same again changes nothing. Throws Problem 404, 409 or 422. */
export async function bindKey(
  platform: Platform,
  id: string,
  reach: readonly Reach[],
  by: By,
): Promise<KeyRow> {
  return platform.db.transaction().execute(async (tx) => {
    const row = await lockLiving(tx, platform, id);
    const connections = [...new Set(reach.map(({ connection }) => connection.id))];
    if (isDeepStrictEqual([...connections].sort(), [...row.connections].sort())) return row;
    checkedBudget(row.per_day, reach);
    // What holds for a new key holds for one that is bound anew: of publishable keys, the services and the origins.
    checkPublishableReach(row, connections, reach);
    await tx
      .withTables<AppTables>()
      .updateTable('virtual_key')
      .set({ connections })
      .where('id', '=', id)
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'key.bind',
      subject: { kind: 'key', id },
      detail: {
        added: connections.filter((one) => !row.connections.includes(one)),
        removed: row.connections.filter((one) => !connections.includes(one)),
      },
    });
    return { ...row, connections };
  });
}

/**
 * Changes what a key may use in a time. `reach`: the connections that it is bound to, where a budget is given. What is
 * left out stays as it is. Throws Problem 404, 409 where it is dead or was bound anew meanwhile, or 422.
 */
export async function changeCaps(
  platform: Platform,
  id: string,
  given: KeyCapsChange,
  reach: readonly Reach[],
  by: By,
): Promise<KeyRow> {
  return platform.db.transaction().execute(async (tx) => {
    const row = await lockLiving(tx, platform, id);
    if (
      given.perDay != null &&
      reach.map(({ connection }) => connection.id).join() !== row.connections.join()
    ) {
      throw new Problem(
        409,
        'key_changed',
        'This key was bound to other connections meanwhile. Look at it again, and repeat.',
      );
    }
    const caps = {
      per_minute: given.perMinute === undefined ? row.per_minute : given.perMinute,
      per_day: given.perDay === undefined ? row.per_day : checkedBudget(given.perDay, reach),
    };
    if (row.kind === 'publishable' && caps.per_minute === null) {
      throw invalid('perMinute', 'a publishable key needs a cap: anyone who opens the page can use it');
    }
    const before = { per_minute: row.per_minute, per_day: row.per_day };
    if (isDeepStrictEqual(caps, before)) return row;
    await tx.withTables<AppTables>().updateTable('virtual_key').set(caps).where('id', '=', id).execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'key.caps',
      subject: { kind: 'key', id },
      detail: {
        before: { perMinute: before.per_minute, perDay: before.per_day },
        after: { perMinute: caps.per_minute, perDay: caps.per_day },
      },
    });
    return { ...row, ...caps };
  });
}

/**
 * Changes what a key may be used for and from where, in one act. `reach`: the connections that it shall be bound to. What
 * is left out stays as it is. Throws Problem 404, 409 where it is dead, or 422.
 */
export async function changeBounds(
  platform: Platform,
  id: string,
  given: KeyBounds,
  reach: readonly Reach[],
  lifetime: KeyLifetime,
  by: By,
): Promise<KeyRow> {
  return platform.db.transaction().execute(async (tx) => {
    const row = await lockLiving(tx, platform, id);
    const { kind, person } = row;
    if (kind === 'publishable' && given.classes?.some((name) => name !== 'ingest')) {
      throw invalid('classes', 'a publishable key calls ingest endpoints only; leave the field out');
    }
    if (kind === 'publishable' && given.networks != null) {
      throw invalid(
        'networks',
        'a publishable key is used from the networks of whoever opens the page; leave the field out',
      );
    }
    const connections = given.connections === undefined ? row.connections : (unique(given.connections) ?? []);
    if (given.connections !== undefined) {
      checkedBudget(row.per_day, reach);
      checkPublishableReach(row, connections, reach);
    }
    const bounds = {
      connections,
      classes: unique(given.classes) ?? row.classes,
      models: given.models === undefined ? row.models : unique(given.models),
      networks: given.networks === undefined ? row.networks : checkedNetworks(given.networks),
      expires_at:
        given.expiresAt === undefined
          ? row.expires_at
          : checkedExpiry(
              given.expiresAt,
              person === null ? lifetime.workload : lifetime.person,
              platform.clock.now(),
            ),
    };
    const before = boundsOf(row);
    if (isDeepStrictEqual(bounds, before)) return row;
    await tx.withTables<AppTables>().updateTable('virtual_key').set(bounds).where('id', '=', id).execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'key.limit',
      subject: { kind: 'key', id },
      detail: { before, after: bounds },
    });
    return { ...row, ...bounds };
  });
}

const boundsOf = ({ connections, classes, models, networks, expires_at }: KeyRow) => ({
  connections,
  classes,
  models,
  networks,
  expires_at,
});

/**
 * Makes a key with the same rights, and lets the one before live for `overlapHours` more, or as long as it would have
 * lived anyway. Throws Problem 404, or 409 where it is dead or was followed by another one before.
 */
export async function rollKey(
  platform: Platform,
  id: string,
  overlapHours: number,
  lifetime: KeyLifetime,
  by: By,
): Promise<MadeKey> {
  return platform.db.transaction().execute(async (tx) => {
    const row = await lockLiving(tx, platform, id);
    if (row.replaced_by !== null) {
      throw new Problem(
        409,
        'key_rolled',
        `Key ${row.replaced_by} was made to follow this one already. Roll that one, or revoke it first.`,
      );
    }
    const { id: _id, replaced_by: _next, ...rights } = row;
    const of = row.person === null ? lifetime.workload : lifetime.person;
    const expires_at = expiryOfNext(row, of, platform.clock.now());
    const made = await insertKey(tx, platform, { ...rights, expires_at, replaces: id }, by);
    const end = Math.min(
      platform.clock.now() + overlapHours * HOUR_MS,
      row.expires_at?.getTime() ?? Infinity,
    );
    await tx
      .withTables<AppTables>()
      .updateTable('virtual_key')
      .set({ expires_at: new Date(end) })
      .where('id', '=', id)
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'key.roll',
      subject: { kind: 'key', id },
      detail: { followedBy: made.row.id, expiresAt: new Date(end).toISOString() },
    });
    return made;
  });
}

/** Revokes all keys that are a person's own, in the caller's transaction. Returns their ids. */
export async function revokeKeysOfPerson(
  tx: Tx,
  platform: Platform,
  person: string,
  by: By,
): Promise<string[]> {
  const revoked = await tx
    .withTables<AppTables>()
    .updateTable('virtual_key')
    .set({ revoked_at: new Date(platform.clock.now()), revoked_by: by.actor.name })
    .where('person', '=', person)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute();
  for (const { id } of revoked) {
    await recordChange(tx, platform, { ...by, act: 'key.revoke', subject: { kind: 'key', id } });
  }
  return revoked.map(({ id }) => id);
}

/** Revokes those of these keys that are not, in the caller's transaction, who publishes `keys`. Returns their ids. */
export async function revokeKeysIn(
  tx: Tx,
  platform: Platform,
  ids: readonly string[],
  by: By,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const revoked = await tx
    .withTables<AppTables>()
    .updateTable('virtual_key')
    .set({ revoked_at: new Date(platform.clock.now()), revoked_by: by.actor.name })
    .where('id', 'in', ids)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute();
  for (const { id } of revoked) {
    await recordChange(tx, platform, { ...by, act: 'key.revoke', subject: { kind: 'key', id } });
  }
  return revoked.map(({ id }) => id);
}

/** Revokes a key; whether it was there to be revoked. Throws Problem 404 for one that never was. */
export async function revokeKey(platform: Platform, id: string, by: By): Promise<boolean> {
  const revoked = await platform.db.transaction().execute(async (tx) => {
    const changed = await tx
      .withTables<AppTables>()
      .updateTable('virtual_key')
      .set({ revoked_at: new Date(platform.clock.now()), revoked_by: by.actor.name })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return false;
    await recordChange(tx, platform, { ...by, act: 'key.revoke', subject: { kind: 'key', id } });
    return true;
  });
  if (revoked) return true;
  const known = await selectKeys(platform.db).where('virtual_key.id', '=', id).executeTakeFirst();
  if (known === undefined) throw notFound('key');
  return false;
}
