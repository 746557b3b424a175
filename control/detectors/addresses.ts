import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import type { Sealing } from './sealing.ts';

/** A person of a list, as a message reaches them. */
export interface KnownAddress {
  /** The ledger's pseudonyms of the person. */
  subjects: string[];
  email: string;
  name: string | null;
}

/** Of the people with these pseudonyms those whom a list has with a mail address. */
export async function knownAddresses(
  { db }: Pick<Platform, 'db'>,
  sealing: Pick<Sealing, 'open'>,
  pseudonyms: readonly string[],
): Promise<KnownAddress[]> {
  if (pseudonyms.length === 0) return [];
  const { rows } = await sql<{ id: string; subjects: string[]; sealed: Buffer }>`
    SELECT id, subjects, sealed FROM known_entry WHERE subjects && ${[...pseudonyms]}::text[] ORDER BY id`.execute(
    db,
  );
  return rows.flatMap(({ id, subjects, sealed }) => {
    const { kind, email, name, given, family } = sealing.open(id, sealed);
    if (kind !== 'person' || email === undefined) return [];
    const called = name ?? [given, family].filter((part) => part !== undefined).join(' ');
    return [{ subjects, email, name: called === '' ? null : called }];
  });
}
