import type { Platform } from '../platform/index.ts';
import type { AppTables } from './tables.ts';

/** What apps are called and who owns them; one that is not in the answer is none. */
export async function appOwners(
  { db }: Pick<Platform, 'db'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { name: string; owner: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .withTables<AppTables>()
    .selectFrom('app')
    .select(['id', 'name', 'owner'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, name, owner }) => [id, { name, owner }]));
}
