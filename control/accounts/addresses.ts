import type { Platform } from '../platform/index.ts';
import type { Directory } from './directory.ts';
import type { AccountTables } from './tables.ts';

/** Who has accounts at a vendor, as a message reaches them. */
export interface AccountAddress {
  account: string;
  /** The ledger's pseudonym; null: no identifier of theirs is known. */
  subject: string | null;
  email: string | null;
  name: string | null;
}

/** People with accounts at any of these vendors now, in the order of their accounts: the next `limit` after one, or from the first on. */
export async function accountAddresses(
  { db }: Pick<Platform, 'db'>,
  directory: Directory,
  vendors: readonly string[],
  after: string | null,
  limit: number,
): Promise<AccountAddress[]> {
  if (vendors.length === 0) return [];
  let asked = db
    .withTables<AccountTables>()
    .selectFrom('account')
    .select(['id', 'subject', 'sealed'])
    .where('vendor', 'in', vendors)
    .where('state', '<>', 'gone')
    .where('kind', '=', 'person')
    .orderBy('id')
    .limit(limit);
  if (after !== null) asked = asked.where('id', '>', after);
  return (await asked.execute()).map(({ id, subject, sealed }) => {
    const { email, name } = directory.open(id, sealed);
    return { account: id, subject, email, name };
  });
}
