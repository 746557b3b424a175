import type { Platform } from '../platform/index.ts';
import type { ConnectionTables } from './tables.ts';

/** A credential that the vault holds, or held, for a connection of a vendor. */
export interface VaultKey {
  connection: string;
  /** The connection's name. */
  name: string;
  /** When it was replaced or taken out; null: it is in force. */
  endedAt: Date | null;
}

const MOST = 100;

/** The newest first; those that a later one replaced after `since` with them. */
export async function vaultKeysOf(
  { db }: Pick<Platform, 'db'>,
  vendor: string,
  since: Date,
): Promise<VaultKey[]> {
  return db
    .withTables<ConnectionTables>()
    .selectFrom('credential')
    .innerJoin('connection', 'connection.id', 'credential.connection')
    .select(['connection.id as connection', 'connection.name', 'credential.dropped_at as endedAt'])
    .where('connection.vendor', '=', vendor)
    .where('credential.role', '<>', 'next')
    .where((eb) => eb.or([eb('dropped_at', 'is', null), eb('dropped_at', '>=', since)]))
    .orderBy('credential.entered_at', 'desc')
    .limit(MOST)
    .execute();
}
