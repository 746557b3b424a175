import type pg from 'pg';

/**
 * Deletes the entries of these people from all lists, by their pseudonyms in the ledger, in the tables of the current schema;
 * gateways forget them with the next snapshot. Returns how many there were. Reached are entries with an address or an id
 * that the subject is known by; an import that names them again brings them back.
 */
export async function eraseKnownEntries(
  client: pg.PoolClient,
  pseudonyms: readonly string[],
): Promise<number> {
  const { rows } = await client.query<{ erased: number }>(
    `WITH gone AS (
       DELETE FROM known_entry WHERE subjects && $1::text[] RETURNING list, length(forms) / 22 AS forms
     ), sums AS (
       SELECT list, count(*)::int AS entries, sum(forms)::int AS forms FROM gone GROUP BY list
     ), changed AS (
       UPDATE known_list SET revision = revision + 1, entries = known_list.entries - sums.entries,
         forms = known_list.forms - sums.forms
       FROM sums WHERE known_list.id = sums.list RETURNING sums.entries
     )
     SELECT coalesce(sum(entries), 0)::int AS erased FROM changed`,
    [pseudonyms],
  );
  return rows[0]?.erased ?? 0;
}
