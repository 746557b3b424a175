import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** How many people of ours have accounts at each vendor now; `people`: each once, of those whom the ledger could know. */
export async function accountsByVendor(
  platform: Pick<Platform, 'db'>,
): Promise<{ vendor: string; accounts: number; people: number }[]> {
  const found = await sql<{ vendor: string; accounts: number; people: number }>`
    SELECT vendor, count(*) AS accounts, count(DISTINCT coalesce(subject, id::text)) AS people
      FROM account WHERE state <> 'gone' AND kind = 'person' GROUP BY vendor`.execute(platform.db);
  return found.rows;
}

/** Vendors at which people of ours have accounts now, as exports tell: when the first came and the last was seen. */
export async function vendorsWithAccounts(
  platform: Pick<Platform, 'db'>,
): Promise<{ vendor: string; firstAt: Date; lastAt: Date }[]> {
  const found = await sql<{ vendor: string; firstAt: Date; lastAt: Date }>`
    SELECT vendor, min(least(coalesce(added_at, as_of), as_of)) AS "firstAt", max(as_of) AS "lastAt"
      FROM account WHERE state <> 'gone' GROUP BY vendor`.execute(platform.db);
  return found.rows;
}
