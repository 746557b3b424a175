import type { Platform } from '../platform/index.ts';
import type { AccountTables } from './tables.ts';

/** A mail is sent to more than these only in bulk. */
const MOST_ADDRESSES = 50;

/** Whether one of these addresses has an account at the vendor; null: no list of its accounts was brought in. */
export async function holdsAccount(
  { db }: Pick<Platform, 'db'>,
  pseudonymOf: (identifier: string) => Promise<string>,
  vendor: string,
  addresses: readonly string[],
): Promise<boolean | null> {
  const rows = db.withTables<AccountTables>().selectFrom('account').select('id').where('vendor', '=', vendor);
  const any = await rows.where('kind', '=', 'person').limit(1).executeTakeFirst();
  if (any === undefined) return null;
  if (addresses.length === 0) return false;
  const subjects = await Promise.all(addresses.slice(0, MOST_ADDRESSES).map(pseudonymOf));
  const held = await rows
    .where('subject', 'in', subjects)
    .where('state', '<>', 'gone')
    .limit(1)
    .executeTakeFirst();
  return held !== undefined;
}
