import type { Platform } from '../platform/index.ts';
import type { RotationTables } from './tables.ts';

/** When each version of connections' credentials went to the vendor last, as crossings say. */
export async function credentialsLastUsed({
  db,
}: Pick<Platform, 'db'>): Promise<{ connection: string; version: number; lastAt: Date }[]> {
  const rows = await db
    .withTables<RotationTables>()
    .selectFrom('credential_use')
    .select(['connection', 'version', 'last_at'])
    .execute();
  return rows.map(({ connection, version, last_at }) => ({ connection, version, lastAt: last_at }));
}
