import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import type { WorkloadTables } from './tables.ts';

const MINUTE_MS = 60_000;
/** Per minute: attempts of an address (of IPv6: of its network), whatever comes of them, and keys of an entry. */
const MOST = { address: 60, workload: 120 } as const;

/**
 * Counts one more in the minute that runs. Null: it is heard; else how many seconds remain of that minute. Counts are kept
 * as hashes, and only for that minute.
 */
export async function countInMinute(
  platform: Pick<Platform, 'db' | 'clock'>,
  kind: keyof typeof MOST,
  of: string,
): Promise<number | null> {
  const now = platform.clock.now();
  const minute = new Date(Math.floor(now / MINUTE_MS) * MINUTE_MS);
  const key = createHash('sha256').update(`${kind}\n${of}`).digest();
  const { count } = await platform.db
    .withTables<WorkloadTables>()
    .insertInto('workload_throttle')
    .values({ key, minute, count: 1 })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        minute,
        count: sql`CASE WHEN workload_throttle.minute = ${minute} THEN workload_throttle.count + 1 ELSE 1 END`,
      }),
    )
    .returning('count')
    .executeTakeFirstOrThrow();
  return count > MOST[kind] ? Math.ceil((minute.getTime() + MINUTE_MS - now) / 1000) : null;
}
