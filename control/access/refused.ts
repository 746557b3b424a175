import { sql } from 'kysely';
import { type Db, launcher, type Platform, recordChange, type Tx } from '../platform/index.ts';
import type { AccessTables, RefusedReason } from './tables.ts';

const MINUTE = 60_000;

const texts: Readonly<Record<RefusedReason, string>> = {
  link_unknown: 'with a link that is none, or that is long over',
  link_used: 'with a link that had been used',
  link_expired: 'with a link whose time was over',
  command_token: 'with a token that is not the command’s',
};

/**
 * Counts a sign-in that was refused. Anyone who reaches the port can make these, as many as they like: one row a minute
 * and reason is all that comes of it, and nothing of who asked is kept.
 */
export async function countRefused(
  db: Db | Tx,
  { clock }: Pick<Platform, 'clock'>,
  reason: RefusedReason,
): Promise<void> {
  const minute = new Date(Math.floor(clock.now() / MINUTE) * MINUTE);
  await db
    .withTables<AccessTables>()
    .insertInto('refused_sign_in')
    .values({ minute, reason, count: 1 })
    .onConflict((conflict) =>
      conflict.columns(['minute', 'reason']).doUpdateSet({ count: sql`refused_sign_in.count + 1` }),
    )
    .execute();
}

/**
 * Writes down what was refused in minutes that are over, one change a minute and reason; each once, however many
 * processes do it. A minute that lies ahead, as the clock was set back, is over as well.
 */
export async function recordRefused(platform: Platform): Promise<void> {
  const minute = new Date(Math.floor(platform.clock.now() / MINUTE) * MINUTE);
  await platform.db.transaction().execute(async (tx) => {
    const over = await tx
      .withTables<AccessTables>()
      .deleteFrom('refused_sign_in')
      .where('minute', '!=', minute)
      .returning(['minute', 'reason', 'count'])
      .execute();
    over.sort((one, other) => one.minute.getTime() - other.minute.getTime());
    for (const { minute: since, reason, count } of over) {
      const sentence = `${count === 1 ? 'A sign-in was' : `${count} sign-ins were`} refused`;
      await recordChange(tx, platform, {
        actor: launcher,
        reason: `${sentence} ${texts[reason]}`,
        act: 'session.refuse',
        subject: { kind: 'deployment', id: platform.deployment.id },
        detail: { why: reason, count, since: since.toISOString() },
      });
    }
  });
}
