import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import type { Sealing } from './sealing.ts';

/** A person of a list, as a message reaches them. */
export interface KnownAddress {
  /** The ledger's pseudonyms of the person. */
  subjects: string[];
  email: string;
  name: string | null;
  /** As `known_entry` has them. */
  country: string | null;
  language: string | null;
}

/** Of the people with these pseudonyms those whom a list has with a mail address. */
export async function knownAddresses(
  { db }: Pick<Platform, 'db'>,
  sealing: Pick<Sealing, 'open'>,
  pseudonyms: readonly string[],
): Promise<KnownAddress[]> {
  if (pseudonyms.length === 0) return [];
  const { rows } = await sql<{
    id: string;
    subjects: string[];
    country: string | null;
    language: string | null;
    sealed: Buffer;
  }>`
    SELECT id, subjects, country, language, sealed FROM known_entry WHERE subjects && ${[...pseudonyms]}::text[] ORDER BY id`.execute(
    db,
  );
  return rows.flatMap(({ id, subjects, country, language, sealed }) => {
    const { kind, email, name, given, family } = sealing.open(id, sealed);
    if (kind !== 'person' || email === undefined) return [];
    const called = name ?? [given, family].filter((part) => part !== undefined).join(' ');
    return [{ subjects, email, name: called === '' ? null : called, country, language }];
  });
}

/** For counting people without opening what is known of them: the ledger's pseudonyms with country and language, once for each entry. */
export const placesOfPeople = sql<{ pseudonym: string; country: string | null; language: string | null }>`
  SELECT pseudonym, entry.country, entry.language
  FROM known_entry entry CROSS JOIN unnest(entry.subjects) AS named (pseudonym)
  WHERE entry.country IS NOT NULL OR entry.language IS NOT NULL`;

/** Whether any list says of anybody where they are or what they read. */
export async function havePlaces({ db }: Pick<Platform, 'db'>): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM known_entry WHERE country IS NOT NULL OR language IS NOT NULL LIMIT 1`.execute(db);
  return rows.length > 0;
}
