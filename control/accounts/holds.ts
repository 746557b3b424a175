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

/** When one of these addresses' accounts at the vendor was last active, by the newest list that names one; null: none does. */
export async function lastActive(
  { db }: Pick<Platform, 'db'>,
  pseudonymOf: (identifier: string) => Promise<string>,
  vendor: string,
  addresses: readonly string[],
): Promise<{ activeAt: Date | null; asOf: Date } | null> {
  if (addresses.length === 0) return null;
  const subjects = await Promise.all(addresses.slice(0, MOST_ADDRESSES).map(pseudonymOf));
  const found = await db
    .withTables<AccountTables>()
    .selectFrom('account')
    .select((eb) => [eb.fn.max('last_active_at').as('activeAt'), eb.fn.max('as_of').as('asOf')])
    .where('vendor', '=', vendor)
    .where('subject', 'in', subjects)
    .executeTakeFirst();
  return found?.asOf == null ? null : { activeAt: found.activeAt, asOf: found.asOf };
}
