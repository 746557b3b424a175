import type pg from 'pg';

/**
 * Takes the addresses of these people, by their pseudonyms in the ledger, out of the lists of notices. That a recipient was there, what
 * became of the mail, and the hash of what lay there stay, so that what was recorded of a sending can be compared still. Who was not
 * written to yet is left out. Returns how many there were.
 */
export async function eraseRecipients(client: pg.PoolClient, pseudonyms: readonly string[]): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE notice_recipient SET erased = encode(sha256(sealed), 'hex'), sealed = ''::bytea, answer = NULL, subjects = '{}', country = NULL, language = NULL,
        key = 'erased:' || n, next_try_at = NULL,
        state = CASE state WHEN 'waiting' THEN 'left_out' ELSE state END,
        code = CASE state WHEN 'waiting' THEN 'erased' ELSE code END
      WHERE subjects && $1::text[] AND erased IS NULL`,
    [pseudonyms],
  );
  return rowCount ?? 0;
}
