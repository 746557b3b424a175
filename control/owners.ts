import { findPersonByEmail, type OwnerOf } from './identity/index.ts';
import type { Platform } from './platform/index.ts';

/**
 * Who owns an app, and so its keys: the person whose e-mail address stands as the app's owner. A team's name is nobody's
 * address, and lets nobody do more than their roles say.
 */
export function ownersFrom({ db }: Pick<Platform, 'db'>): OwnerOf {
  const rows = db.withTables<{
    app: { id: string; owner: string };
    virtual_key: { id: string; app: string };
  }>();
  return async (kind, id) => {
    const apps = rows.selectFrom('app').select('app.owner');
    const found =
      kind === 'app'
        ? await apps.where('app.id', '=', id).executeTakeFirst()
        : await apps
            .innerJoin('virtual_key', 'virtual_key.app', 'app.id')
            .where('virtual_key.id', '=', id)
            .executeTakeFirst();
    return found === undefined ? null : ((await findPersonByEmail(db, found.owner))?.id ?? null);
  };
}
