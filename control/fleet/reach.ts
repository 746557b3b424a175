import type { Db, Platform, Tx } from '../platform/index.ts';
import type { FleetTables } from './tables.ts';

/** The revision of what snapshots are made of, as the caller's transaction leaves it. */
export async function configurationRevision(db: Db | Tx): Promise<number> {
  const row = await db
    .withTables<FleetTables>()
    .selectFrom('configuration')
    .select('revision')
    .executeTakeFirstOrThrow();
  return row.revision;
}

/** The version of the published configuration that has all up to a revision in it; null: none has yet. */
export async function publishedSince(
  platform: Pick<Platform, 'db'>,
  revision: number,
): Promise<number | null> {
  const row = await platform.db
    .withTables<FleetTables>()
    .selectFrom('published')
    .select(['version', 'revision'])
    .executeTakeFirst();
  return row !== undefined && row.revision >= revision ? row.version : null;
}

/** Gateways, whether they run on a version yet, and whether all of their journals was in when they last said so. */
export async function gatewaysAt(
  platform: Pick<Platform, 'db'>,
  version: number,
): Promise<{ id: string; isCurrent: boolean; isShipped: boolean }[]> {
  const rows = await platform.db
    .withTables<FleetTables>()
    .selectFrom('gateway')
    .select(['id', 'snapshot_version', 'journal_behind'])
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    isCurrent: (row.snapshot_version ?? 0) >= version,
    isShipped: (row.journal_behind ?? 0) === 0,
  }));
}
