import { z } from 'zod';
import { verifiedSizes } from '../checkpoints/index.ts';
import { advanceHorizon, type HeldCrossings, type Projection, pruneReleased } from '../crossings/index.ts';
import { defineJob, inTransaction, type JobContext, type Platform } from '../platform/index.ts';
import { DAY_MS, readDays } from './policy.ts';

/** One run ends after so long, so that other jobs have their turn; the next goes on. */
const RUN_MS = 20 * 60_000;

/** Prunes what is past its time, in portions that each are whole. */
export function pruneJob(projections: readonly Projection[]) {
  return defineJob({
    kind: 'prune',
    input: z.strictObject({}),
    maxAttempts: 5,
    leaseMs: 5 * 60_000,
    run: (_input, { platform, stillAtIt }) => pruneAll(platform, projections, stillAtIt),
  });
}

/**
 * Notes what is verified by now, and moves the horizon of each log up to the first entry that has to be kept. Returns how
 * many entries were pruned.
 */
export async function pruneAll(
  platform: Platform,
  projections: readonly Projection[],
  stillAtIt: JobContext['stillAtIt'],
): Promise<{ pruned: number; released: number }> {
  const now = new Date(platform.clock.now());
  const days = await readDays(platform);
  const cutoff = new Date(now.getTime() - days * DAY_MS);
  await inTransaction(platform.pool, (client) => takeMarks(client, now));
  const held = heldAt(now);
  let [pruned, released] = [0, 0];
  for (const { log, from, to } of await pastTheirTime(platform, cutoff, days)) {
    released += await pruneReleased(platform, log, held);
    for (let at = from; at < to && platform.clock.now() < now.getTime() + RUN_MS; ) {
      const done = await advanceHorizon(platform, projections, { log, to }, held);
      // A rebuild reads what would be pruned, or the projections are behind: the next run goes on.
      if (done.kind === 'busy' || done.pruned <= at) break;
      pruned += done.pruned - at;
      at = done.pruned;
      await stillAtIt();
    }
  }
  return { pruned, released };
}

type Client = Parameters<HeldCrossings>[0];

/** One a day and log. */
export async function takeMarks(client: Client, now: Date): Promise<void> {
  const sizes = await verifiedSizes(client);
  await client.query(
    `INSERT INTO retention_mark (log, taken_on, taken_at, size)
      SELECT log, ($1::timestamptz AT TIME ZONE 'UTC')::date, $1, size
      FROM unnest($2::int[], $3::bigint[]) AS v (log, size) ON CONFLICT DO NOTHING`,
    [now, sizes.map(({ log }) => log), sizes.map(({ size }) => size)],
  );
}

interface Past {
  log: number;
  from: number;
  to: number;
}

/**
 * What of each log may go: what lay here under a verified checkpoint long enough ago, up to the first entry that is younger
 * by its gateway's clock. Long enough: by our own clock, and as many days were noted since. So neither a gateway's clock
 * that is wrong makes it go too early, nor ours set ahead: it skips the days between.
 */
async function pastTheirTime(platform: Platform, cutoff: Date, days: number): Promise<Past[]> {
  const found = await platform.pool.query<Past>(
    `SELECT log.id AS log, log.pruned AS from, coalesce(young.idx, mark.size) AS to
      FROM journal_log log
        CROSS JOIN LATERAL (SELECT greatest(log.pruned, max(size)) AS size FROM
          (SELECT taken_at, size, count(*) OVER (ORDER BY taken_on DESC) - 1 AS later FROM retention_mark
            WHERE retention_mark.log = log.id) AS noted
          WHERE taken_at <= $1 AND later >= $2) AS mark
        LEFT JOIN LATERAL (SELECT idx FROM journal_entry e WHERE e.log = log.id AND e.idx >= log.pruned
          AND e.idx < mark.size AND e.at > $1 ORDER BY idx LIMIT 1) AS young ON true
      ORDER BY log.id`,
    [cutoff, days],
  );
  // The newest of those that are old enough says all that the older ones say.
  await platform.pool.query(
    `DELETE FROM retention_mark m USING (
        SELECT log, max(taken_on) AS taken_on FROM
          (SELECT log, taken_on, taken_at, count(*) OVER (PARTITION BY log ORDER BY taken_on DESC) - 1 AS later
            FROM retention_mark) AS noted
        WHERE taken_at <= $1 AND later >= $2 GROUP BY log) AS enough
      WHERE m.log = enough.log AND m.taken_on < enough.taken_on`,
    [cutoff, days],
  );
  return found.rows;
}

/** Legal holds are kept by another capability, which says by `held_crossings` what they keep. */
function heldAt(now: Date): HeldCrossings {
  return async (client, log, from, to) => {
    const known = await client.query<{ known: boolean }>(
      `SELECT to_regprocedure('held_crossings(timestamp with time zone)') IS NOT NULL AS known`,
    );
    if (known.rows[0]?.known !== true) return [];
    const held = await client.query<{ idx: number }>(
      'SELECT idx FROM held_crossings($1) WHERE log = $2 AND idx >= $3 AND idx < $4',
      [now, log, from, to],
    );
    return held.rows.map(({ idx }) => idx);
  };
}
