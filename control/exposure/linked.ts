import { type RawBuilder, sql } from 'kysely';

/**
 * How many people and organisations a list of pseudonyms (`text[]`) stands for, as SQL: those that are linked count
 * once, and those that the ledger does not know, not at all.
 */
export function countLinkedOnce(pseudonyms: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`(SELECT count(DISTINCT (
      SELECT person FROM subject s WHERE s.pseudonym = listed AND s.about <> 'nobody'
      ORDER BY s.about DESC LIMIT 1))
    FROM unnest(${pseudonyms}) AS listed)`;
}
