import type { Platform } from '../platform/index.ts';
import type { DiscoveryTables } from './tables.ts';

/** That an app of a vendor's was let into accounts of ours, as evidence of grants says. */
export interface Grant {
  id: string;
  app: string;
  scopes: string[];
  file: string;
  firstAt: Date | null;
  lastAt: Date | null;
}

const MOST = 200;

/** Those that the latest evidence still showed. */
export async function grantsOf({ db }: Pick<Platform, 'db'>, vendor: string): Promise<Grant[]> {
  const rows = await db
    .withTables<DiscoveryTables>()
    .selectFrom('sighting')
    .select(['id', 'value', 'detail', 'file', 'first_at', 'last_at'])
    .where('kind', '=', 'oauth_app')
    .where('vendor', '=', vendor)
    .where('gone_run', 'is', null)
    .orderBy('last_at', 'desc')
    .orderBy('id')
    .limit(MOST)
    .execute();
  return rows.map((row) => ({
    id: String(row.id),
    app: row.value,
    scopes: (row.detail.scopes ?? '').split(' ').filter((scope) => scope !== ''),
    file: row.file,
    firstAt: row.first_at,
    lastAt: row.last_at,
  }));
}
