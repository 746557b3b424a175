import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type By, invalid, type Platform, recordChange } from '../platform/index.ts';
import { type RangeTable, RangeTableError, readRanges } from './range-table.ts';
import type { RangesView } from './schemas.ts';
import type { ResidencyTables } from './tables.ts';

/** Characters of a table: with 60,000 networks one has about a million. */
export const LONGEST_TABLE = 3_500_000;
const KEPT = 5;
/** Key of the advisory lock under which a table is brought in. */
const RANGES_LOCK = 4_400_441_41;

/** The table of providers' networks that is in use, and its coming in. */
export interface Ranges {
  /** Null: none was brought in. Read once per version. */
  table(): Promise<RangeTable | null>;
  list(): Promise<RangesView[]>;
  bring(text: string, by: By): Promise<RangesView>;
}

export function createRanges(platform: Platform): Ranges {
  const rows = () => platform.db.withTables<ResidencyTables>();
  let read: { version: number; table: RangeTable } | null = null;
  return {
    async table() {
      const latest = await rows()
        .selectFrom('residency_ranges')
        .select('version')
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (latest === undefined) return null;
      if (read?.version === latest.version) return read.table;
      const { body } = await rows()
        .selectFrom('residency_ranges')
        .select('body')
        .where('version', '=', latest.version)
        .executeTakeFirstOrThrow();
      read = { version: latest.version, table: readRanges(body) };
      return read.table;
    },
    async list() {
      const found = await rows()
        .selectFrom('residency_ranges')
        .select(['version', 'sha256', 'sources', 'ranges', 'brought_at', 'brought_by', 'reason'])
        .orderBy('version', 'desc')
        .limit(KEPT)
        .execute();
      return found.map(({ brought_at: at, brought_by: by, ...row }) => ({
        ...row,
        broughtAt: at.toISOString(),
        broughtBy: by,
      }));
    },
    async bring(text, by) {
      const table = parsed(text);
      const sha256 = createHash('sha256').update(text).digest('hex');
      const now = new Date(platform.clock.now());
      const row = await platform.db.transaction().execute(async (tx) => {
        // Two at once come one after the other, each with a version of its own.
        await sql`SELECT pg_advisory_xact_lock(${RANGES_LOCK})`.execute(tx);
        const known = tx.withTables<ResidencyTables>();
        const last = await known
          .selectFrom('residency_ranges')
          .select(({ fn }) => fn.max('version').as('version'))
          .executeTakeFirst();
        const version = Number(last?.version ?? 0) + 1;
        await known
          .insertInto('residency_ranges')
          .values({
            version,
            sha256,
            body: text,
            sources: JSON.stringify(table.sources),
            ranges: table.ranges,
            brought_at: now,
            brought_by: by.actor.name,
            reason: by.reason,
          })
          .execute();
        await known
          .deleteFrom('residency_ranges')
          .where('version', '<=', version - KEPT)
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'residency.ranges',
          subject: { kind: 'residency_ranges', id: String(version) },
          detail: { sha256, ranges: table.ranges, sources: table.sources },
        });
        return { version };
      });
      platform.events.publish('residency');
      return {
        ...row,
        sha256,
        sources: [...table.sources],
        ranges: table.ranges,
        broughtAt: now.toISOString(),
        broughtBy: by.actor.name,
        reason: by.reason,
      };
    },
  };
}

function parsed(text: string): RangeTable {
  try {
    return readRanges(text);
  } catch (error) {
    if (error instanceof RangeTableError) throw invalid('table', error.message);
    throw error;
  }
}
