import { z } from 'zod';
import { recordExpiredApprovals } from '../approvals/index.ts';
import { recordExpired } from '../connections/index.ts';
import { forgetOldVersions } from '../fleet/index.ts';
import { forgetWhatIsOver, recordRefused } from '../identity/index.ts';
import {
  type AnyJobKind,
  defineJob,
  enqueue,
  type JobKind,
  type Platform,
  runJobs,
} from '../platform/index.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3600_000;
const JOBS_KEPT = '30 days';

/**
 * Forgets what is past its time (sessions, links, old configurations, jobs that were done a month ago), and logs which
 * break-glass and which wait for a second person is over.
 */
export const housekeeping = defineJob({
  kind: 'housekeeping',
  input: z.strictObject({}),
  maxAttempts: 5,
  leaseMs: 5 * 60_000,
  async run(_input, { platform }) {
    await forgetWhatIsOver(platform);
    const versions = await forgetOldVersions(platform);
    await recordExpired(platform);
    await recordExpiredApprovals(platform);
    const forgotten = await platform.pool.query(
      `DELETE FROM job WHERE state IN ('done', 'failed') AND finished_at < $1::timestamptz - interval '${JOBS_KEPT}'`,
      [new Date(platform.clock.now())],
    );
    return { jobs: forgotten.rowCount ?? 0, versions };
  },
});

/** A job that is done once an hour, with nothing to tell it. */
export type HourlyJob = JobKind<Record<string, never>> & AnyJobKind;

/**
 * Does the housekeeping and more once an hour, whichever control process comes first: the hour is the job's key. Sign-ins
 * and acts that were refused are written down once a minute.
 */
export function keepHouse(platform: Platform, more: readonly HourlyJob[]): { stop(): Promise<void> } {
  const kinds = [housekeeping, ...more];
  const putDown = (): void => {
    const hour = new Date(Math.floor(platform.clock.now() / HOUR_MS) * HOUR_MS).toISOString();
    for (const kind of kinds)
      enqueue(platform.db, platform, kind, {}, { idempotencyKey: hour }).catch((error: unknown) =>
        platform.log.warn(
          { err: error, kind: kind.kind },
          'an hourly job could not be put down; it is tried again in an hour',
        ),
      );
  };
  putDown();
  const timer = setInterval(putDown, HOUR_MS);
  let recording = Promise.resolve();
  const record = (): void => {
    recording = recordRefused(platform).catch((error: unknown) =>
      platform.log.warn(
        { err: error },
        'refused sign-ins and acts could not be written down; it is tried again in a minute',
      ),
    );
  };
  record();
  const minute = setInterval(record, MINUTE_MS);
  const runner = runJobs(platform, kinds);
  return {
    async stop() {
      clearInterval(timer);
      clearInterval(minute);
      await recording;
      await runner.stop();
    },
  };
}
