import { type Db, type Platform, readSetting, type Tx } from '../platform/index.ts';
import { formatPosition, type Position, parsePosition } from './cursor.ts';
import { countBehind, endsOf } from './feed.ts';
import { pushTarget, type Target } from './target.ts';

type PushTables = {
  export_push: {
    only_one: boolean;
    cursor: string;
    delivered: number;
    last_delivered_at: Date | null;
    failing_since: Date | null;
    attempts: number;
    trouble: string | null;
    next_try_at: Date | null;
  };
};
export type PushState = PushTables['export_push'];

const untroubled = { failing_since: null, attempts: 0, trouble: null, next_try_at: null };

/** How far the push has got; undefined before anything was ever to be pushed. */
export function readState(db: Db | Tx): Promise<PushState | undefined> {
  return db.withTables<PushTables>().selectFrom('export_push').selectAll().executeTakeFirst();
}

/** Begins at a position, or anew there. */
export async function beginAt(tx: Tx, position: Position): Promise<void> {
  const row = { cursor: formatPosition(position), ...untroubled };
  await tx
    .withTables<PushTables>()
    .insertInto('export_push')
    .values({ only_one: true, delivered: 0, last_delivered_at: null, ...row })
    .onConflict((conflict) => conflict.column('only_one').doUpdateSet(row))
    .execute();
}

/** Tries again at once: something about the target was changed. */
export async function forgetTrouble(tx: Tx): Promise<void> {
  await tx.withTables<PushTables>().updateTable('export_push').set(untroubled).execute();
}

/** Moves on over what the receiver has. False when the cursor was set elsewhere meanwhile. */
export async function moveOn(platform: Platform, from: string, to: string, events: number): Promise<boolean> {
  const moved = await platform.db
    .withTables<PushTables>()
    .updateTable('export_push')
    .set((row) => ({
      cursor: to,
      delivered: row('delivered', '+', events),
      last_delivered_at: new Date(platform.clock.now()),
      ...untroubled,
    }))
    .where('cursor', '=', from)
    .executeTakeFirst();
  return moved.numUpdatedRows > 0n;
}

/** Writes down that it failed once more. */
export async function writeTrouble(
  platform: Platform,
  state: PushState,
  trouble: string,
  waitMs: number,
): Promise<void> {
  const now = platform.clock.now();
  await platform.db
    .withTables<PushTables>()
    .updateTable('export_push')
    .set({
      trouble,
      failing_since: state.failing_since ?? new Date(now),
      attempts: state.attempts + 1,
      next_try_at: new Date(now + waitMs),
    })
    .where('cursor', '=', state.cursor)
    .execute();
}

export interface PushStatus {
  target: Target | null;
  delivered: number;
  lastDeliveredAt: string | null;
  /** Journal entries and changes not yet delivered; null where nothing is pushed. */
  behind: number | null;
  trouble: { since: string; what: string; attempts: number; nextTryAt: string | null } | null;
}

export async function pushStatus(platform: Platform): Promise<PushStatus> {
  const [target, state] = await Promise.all([readSetting(platform.db, pushTarget), readState(platform.db)]);
  const iso = (date: Date | null | undefined) => date?.toISOString() ?? null;
  const behind =
    target === null || state === undefined
      ? null
      : countBehind(parsePosition(state.cursor, platform.deployment.id), await endsOf(platform));
  const { failing_since: since, trouble } = state ?? { failing_since: null, trouble: null };
  return {
    target,
    delivered: state?.delivered ?? 0,
    lastDeliveredAt: iso(state?.last_delivered_at),
    behind,
    trouble:
      target === null || since === null || trouble === null
        ? null
        : {
            since: since.toISOString(),
            what: trouble,
            attempts: state?.attempts ?? 0,
            nextTryAt: iso(state?.next_try_at),
          },
  };
}
