import type { Names } from './crossings/index.ts';
import type { Platform } from './platform/index.ts';

/** Names of connections and apps by id, straight from their tables: one indexed look-up for a page of rows. */
export function namesFrom(platform: Platform): Names {
  const db = platform.db.withTables<{
    connection: { id: string; name: string };
    app: { id: string; name: string };
  }>();
  const read = async (table: 'connection' | 'app', ids: readonly string[]) => {
    if (ids.length === 0) return new Map<string, string>();
    const rows = await db.selectFrom(table).select(['id', 'name']).where('id', 'in', ids).execute();
    return new Map(rows.map((row) => [row.id, row.name]));
  };
  return {
    connections: (ids) => read('connection', ids),
    apps: (ids) => read('app', ids),
  };
}
