import { findPersonByEmail, type OwnerOf } from './identity/index.ts';
import type { OwnedKind, Platform } from './platform/index.ts';

/**
 * Who owns an app, and so its keys, and who owns a connection, and so decides about exceptions there: the person whose e-mail
 * address stands as the owner. A team's name is nobody's address, and lets nobody do more than their roles say.
 */
export function ownersFrom({ db }: Pick<Platform, 'db'>): OwnerOf {
  const rows = db.withTables<{
    app: { id: string; owner: string };
    virtual_key: { id: string; app: string };
    connection: { id: string; owner: string };
    access_request: { id: string; connection: string };
    policy_grant: { id: string; connection: string };
  }>();
  const find = (kind: OwnedKind, id: string) => {
    const apps = rows.selectFrom('app').select('app.owner');
    const connections = rows.selectFrom('connection').select('connection.owner');
    switch (kind) {
      case 'app':
        return apps.where('app.id', '=', id).executeTakeFirst();
      case 'key':
        return apps
          .innerJoin('virtual_key', 'virtual_key.app', 'app.id')
          .where('virtual_key.id', '=', id)
          .executeTakeFirst();
      case 'access_request':
        return connections
          .innerJoin('access_request', 'access_request.connection', 'connection.id')
          .where('access_request.id', '=', id)
          .executeTakeFirst();
      case 'grant':
        return connections
          .innerJoin('policy_grant', 'policy_grant.connection', 'connection.id')
          .where('policy_grant.id', '=', id)
          .executeTakeFirst();
    }
  };
  return async (kind, id) => {
    const found = await find(kind, id);
    return found === undefined ? null : ((await findPersonByEmail(db, found.owner))?.id ?? null);
  };
}
