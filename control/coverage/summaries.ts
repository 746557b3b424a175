import type { z } from '@hono/zod-openapi';
import { z as zod } from 'zod';
import { decodeCursor, type Platform, page } from '../platform/index.ts';
import type { CoverageView, SummarySchema } from './schemas.ts';
import type { CoverageTables } from './tables.ts';

export type CoverageSummary = z.infer<typeof SummarySchema>;

/** A page of vendors of which reports were handed in: each is measured over the last 30 days. */
export async function summaries(
  platform: Platform,
  ofVendor: (vendor: string) => Promise<CoverageView>,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ items: CoverageSummary[]; next: string | null }> {
  let query = platform.db
    .withTables<CoverageTables>()
    .selectFrom('usage_import')
    .select('vendor')
    .distinct()
    .where('withdrawn_at', 'is', null)
    .orderBy('vendor')
    .limit(limit + 1);
  if (cursor !== undefined) {
    const [after] = decodeCursor(cursor, zod.tuple([zod.string()]));
    query = query.where('vendor', '>', after);
  }
  const rows = await query.execute();
  const paged = page(
    rows,
    limit,
    ({ vendor }) => [vendor],
    ({ vendor }) => vendor,
  );
  const items: CoverageSummary[] = [];
  for (const vendor of paged.items) {
    const { share, unit, wholeDays, findings } = await ofVendor(vendor);
    const open = findings.filter(({ state }) => state === 'open');
    const strong = open.filter(({ strength }) => strength === 'strong');
    items.push({ vendor, share, unit, wholeDays, open: open.length, strong: strong.length });
  }
  return { items, next: paged.next };
}
