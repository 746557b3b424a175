import type pg from 'pg';

/**
 * Deletes the accounts of these people, by their pseudonyms in the ledger, in the tables of the current schema. Returns how
 * many there were. An export that names them again brings them back.
 */
export async function eraseAccounts(client: pg.PoolClient, pseudonyms: readonly string[]): Promise<number> {
  const { rowCount } = await client.query('DELETE FROM account WHERE subject = ANY($1)', [pseudonyms]);
  return rowCount ?? 0;
}
