import type { VirtualKey } from '@drawbridge/protocol';
import type { Db, Tx } from '../platform/index.ts';
import type { AppTables } from './tables.ts';

/** A virtual key with its app's name. Without its hash: answers have no use for it. */
export type KeyRow = Omit<AppTables['virtual_key'], 'hash' | 'revoked_by'> & {
  app_name: string;
  /** The key that was made to follow it; one that is revoked follows nothing. */
  replaced_by: string | null;
};

export function selectKeys(db: Db | Tx) {
  return db
    .withTables<AppTables>()
    .selectFrom('virtual_key')
    .innerJoin('app', 'app.id', 'virtual_key.app')
    .select([
      'virtual_key.id',
      'virtual_key.app',
      'app.name as app_name',
      'virtual_key.kind',
      'virtual_key.connections',
      'virtual_key.classes',
      'virtual_key.origins',
      'virtual_key.per_minute',
      'virtual_key.per_day',
      'virtual_key.created_at',
      'virtual_key.created_by',
      'virtual_key.expires_at',
      'virtual_key.revoked_at',
      'virtual_key.replaces',
      'virtual_key.models',
      'virtual_key.networks',
      'virtual_key.person',
      (eb) =>
        eb
          .selectFrom('virtual_key as next')
          .select('next.id')
          .whereRef('next.replaces', '=', 'virtual_key.id')
          .where('next.revoked_at', 'is', null)
          .limit(1)
          .as('replaced_by'),
    ]);
}

/** Keys that were not revoked, as the snapshot has them, in order of their ids. */
export async function readKeysForSnapshot(tx: Tx): Promise<VirtualKey[]> {
  const rows = await tx
    .withTables<AppTables>()
    .selectFrom('virtual_key')
    .selectAll()
    .where('revoked_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    hash: row.hash.toString('base64url'),
    app: row.app,
    kind: row.kind,
    connections: row.connections,
    classes: row.classes,
    origins: row.origins,
    per_minute: row.per_minute,
    ...(row.per_day === null ? {} : { per_day: row.per_day }),
    expires_at: row.expires_at?.getTime() ?? null,
    // What binds nothing is left out: gateways that know of no such bounds read the rest.
    ...(row.models === null ? {} : { models: row.models }),
    ...(row.networks === null ? {} : { networks: row.networks }),
    ...(row.person === null ? {} : { person: row.person }),
  }));
}
