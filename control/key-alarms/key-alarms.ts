import { z } from '@hono/zod-openapi';
import { type Selectable, sql } from 'kysely';
import {
  type Actor,
  type By,
  decodeCursor,
  newId,
  notFound,
  type Platform,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { KeyAlarmView } from './schemas.ts';
import type { KeyAlarmKind, KeyAlarmTables } from './tables.ts';

type Row = Selectable<KeyAlarmTables['key_alarm']>;

/** What is known of one use of a key by somebody who is not us. Nothing in it is a secret. */
export interface KeyAlarm {
  kind: KeyAlarmKind;
  /** What was used: `{kind: 'connection', id}`, `{kind: 'canary', id}`. */
  about: { kind: string; id: string };
  vendor: string | null;
  /** One sentence for people: what happened, and what to do. */
  text: string;
  /** What it rests on, by name: times, addresses, counts. */
  evidence: Record<string, string | number | boolean | null>;
  /** When the key was used, as far as it is known. */
  at: Date;
  /** Alarms with the same text are counted as one for as long as nobody has acknowledged it. */
  same: string;
}

const watcher: Actor = { id: 'system:key-alarms', name: 'The watch over keys' };

/**
 * Raises an alarm in the caller's transaction, or counts up the open one. What is not later than the last use that is
 * known of `same` is nothing new, acknowledged or not. Returns the id of an alarm that was not there before, else null;
 * the caller publishes `alarms` once it has committed.
 */
export async function raiseKeyAlarm(tx: Tx, platform: Platform, alarm: KeyAlarm): Promise<string | null> {
  const rows = tx.withTables<KeyAlarmTables>();
  // Two that raise at once: the second one sees the row of the first.
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`key alarm ${alarm.same}`}, 0))`.execute(tx);
  const last = await rows
    .selectFrom('key_alarm')
    .select(['id', 'last_at', 'times', 'acknowledged_at'])
    .where('same', '=', alarm.same)
    .orderBy('last_at', 'desc')
    .executeTakeFirst();
  if (last !== undefined && last.last_at.getTime() >= alarm.at.getTime()) return null;
  const evidence = JSON.stringify(alarm.evidence);
  if (last !== undefined && last.acknowledged_at === null) {
    await rows
      .updateTable('key_alarm')
      .set({ last_at: alarm.at, times: last.times + 1, said: alarm.text, evidence })
      .where('id', '=', last.id)
      .execute();
    return null;
  }
  const id = newId(platform.clock, platform.random);
  await rows
    .insertInto('key_alarm')
    .values({
      id,
      same: alarm.same,
      kind: alarm.kind,
      about_kind: alarm.about.kind,
      about_id: alarm.about.id,
      vendor: alarm.vendor,
      said: alarm.text,
      evidence,
      raised_at: new Date(platform.clock.now()),
      first_at: alarm.at,
      last_at: alarm.at,
      times: 1,
      acknowledged_at: null,
      acknowledged_by: null,
      acknowledged_by_name: null,
      acknowledged_reason: null,
    })
    .execute();
  await recordChange(tx, platform, {
    actor: watcher,
    reason: alarm.text,
    act: 'key_alarm.raise',
    subject: { kind: 'key_alarm', id },
    detail: { kind: alarm.kind, about: alarm.about, at: alarm.at.toISOString(), ...alarm.evidence },
  });
  return id;
}

/** Alarms, newest first. */
export async function listKeyAlarms(
  platform: Pick<Platform, 'db'>,
  { cursor, limit, state }: { cursor?: string | undefined; limit: number; state: 'open' | 'all' },
): Promise<{ items: KeyAlarmView[]; next: string | null }> {
  let query = platform.db
    .withTables<KeyAlarmTables>()
    .selectFrom('key_alarm')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (state === 'open') query = query.where('acknowledged_at', 'is', null);
  if (cursor !== undefined) {
    const [after] = decodeCursor(cursor, z.tuple([z.string()]));
    query = query.where('id', '<', after);
  }
  return page(await query.execute(), limit, (row) => [row.id], viewOf);
}

/**
 * Writes down that a person has looked at an alarm and what came of it: it is not warned of any more, and stays. What was
 * acknowledged before is left as it was. Throws Problem 404.
 */
export async function acknowledgeKeyAlarm(platform: Platform, id: string, by: By): Promise<KeyAlarmView> {
  const row = await platform.db.transaction().execute(async (tx) => {
    const rows = tx.withTables<KeyAlarmTables>();
    const updated = await rows
      .updateTable('key_alarm')
      .set({
        acknowledged_at: new Date(platform.clock.now()),
        acknowledged_by: by.actor.id,
        acknowledged_by_name: by.actor.name,
        acknowledged_reason: by.reason,
      })
      .where('id', '=', id)
      .where('acknowledged_at', 'is', null)
      .executeTakeFirst();
    const there = await rows.selectFrom('key_alarm').selectAll().where('id', '=', id).executeTakeFirst();
    if (there === undefined) throw notFound('key alarm');
    if (updated.numUpdatedRows === 1n) {
      await recordChange(tx, platform, {
        ...by,
        act: 'key_alarm.acknowledge',
        subject: { kind: 'key_alarm', id },
        detail: {
          kind: there.kind,
          about: { kind: there.about_kind, id: there.about_id },
          times: there.times,
        },
      });
    }
    return there;
  });
  platform.events.publish('alarms');
  return viewOf(row);
}

function viewOf(row: Row): KeyAlarmView {
  const { acknowledged_at: at, acknowledged_by_name: by, acknowledged_reason: reason } = row;
  return {
    id: row.id,
    kind: row.kind,
    about: { kind: row.about_kind, id: row.about_id },
    vendor: row.vendor,
    text: row.said,
    evidence: row.evidence,
    raisedAt: row.raised_at.toISOString(),
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    times: row.times,
    acknowledged: at === null || by === null || reason === null ? null : { at: at.toISOString(), by, reason },
  };
}
