import { sql } from 'kysely';
import type { Accounts } from './accounts/index.ts';
import type { Detectors, KnownAddress } from './detectors/index.ts';
import { peopleHeld } from './exposure/index.ts';
import { type BlastRouteDeps, heldQuestionOf } from './incidents/index.ts';
import type { PersonToTell } from './notices/index.ts';

interface Parts {
  blast: BlastRouteDeps;
  detectors: Pick<Detectors, 'addresses'>;
  accounts: Pick<Accounts, 'addresses'>;
}

interface Breached {
  party: string | null;
  occurredFrom: Date | null;
  occurredTo: Date | null;
}

const BATCH = 500;

/** When an incident was, in ms: until now where nobody knows better, and since ever. */
export const windowOf = (
  { occurredFrom, occurredTo }: Breached,
  now: number,
): { from: number; to: number } => {
  const to = occurredTo?.getTime() ?? now;
  return { from: Math.min(occurredFrom?.getTime() ?? 0, to), to };
};

/**
 * The people whom the blast radius of an incident names, in batches: of whom the party may hold data that we sent, each once, with the
 * address that a list has of them; then those who have accounts behind which it stands. Without an address where none is known.
 */
export function peopleToTell({ blast, detectors, accounts }: Parts) {
  return async function* (incident: Breached): AsyncGenerator<PersonToTell[]> {
    const { party } = incident;
    if (party === null) return;
    const { platform } = blast;
    const { from, to } = windowOf(incident, platform.clock.now());
    const question = await heldQuestionOf(blast, party, from, to);
    for (let after: string | null = null; ; ) {
      const people = await peopleHeld(platform, question, after, BATCH);
      const last = people.at(-1);
      if (last === undefined) break;
      after = last.person;
      const found = await detectors.addresses(people.flatMap(({ pseudonyms }) => pseudonyms));
      const bySubject = new Map(
        found.flatMap((one) => one.subjects.map((subject) => [subject, one] as const)),
      );
      const placeOf = placesIn(found);
      yield people.map(({ person, pseudonyms }) => {
        const known = pseudonyms.map((one) => bySubject.get(one)).find((one) => one !== undefined);
        return {
          key: `person:${person}`,
          recipient: known === undefined ? null : { address: known.email, name: known.name },
          subjects: known?.subjects ?? [],
          ...placeOf(pseudonyms),
        };
      });
    }
    const vendors = (await blast.accountsHeld(party)).map(({ vendor }) => vendor);
    for (let after: string | null = null; ; ) {
      const held = await accounts.addresses([...new Set(vendors)], after, BATCH);
      const last = held.at(-1);
      if (last === undefined) break;
      after = last.account;
      const persons = await personsOf(
        blast,
        held.flatMap(({ subject }) => subject ?? []),
      );
      // The same of a person as their row of the ledger has: else two notices could both be for them.
      const names = held.flatMap(({ subject }) =>
        subject === null ? [] : (persons.get(subject)?.pseudonyms ?? [subject]),
      );
      const placeOf = placesIn(await detectors.addresses(names));
      yield held.map(({ account, subject, email, name }) => {
        const known = subject === null ? undefined : persons.get(subject);
        return {
          key:
            known === undefined
              ? subject === null
                ? `account:${account}`
                : `subject:${subject}`
              : `person:${known.person}`,
          recipient: email === null ? null : { address: email, name },
          subjects: subject === null ? [] : [subject],
          ...placeOf(known?.pseudonyms ?? (subject === null ? [] : [subject])),
        };
      });
    }
  };
}

/** Where somebody of these pseudonyms is, and what they read, by entries of lists. */
function placesIn(entries: readonly KnownAddress[]) {
  const entriesOf = new Map<string, KnownAddress[]>();
  for (const one of entries)
    for (const subject of one.subjects) entriesOf.set(subject, [...(entriesOf.get(subject) ?? []), one]);
  return (pseudonyms: readonly string[]): { country: string | null; language: string | null } => {
    const mine = pseudonyms.flatMap((one) => entriesOf.get(one) ?? []);
    return {
      country: firstOf(mine.map(({ country }) => country)),
      language: firstOf(mine.map(({ language }) => language)),
    };
  };
}

/** As `heldPlaces` counts people: the first by its code, of those that say it. */
const firstOf = (codes: readonly (string | null)[]): string | null =>
  codes.filter((code) => code !== null).toSorted()[0] ?? null;

/** Whose pseudonyms these are in the ledger, with all of theirs: who is told already is not told twice. */
async function personsOf(
  { platform }: Pick<BlastRouteDeps, 'platform'>,
  subjects: readonly string[],
): Promise<Map<string, { person: string; pseudonyms: string[] }>> {
  if (subjects.length === 0) return new Map();
  const { rows } = await sql<{ asked: string; person: string; pseudonyms: string[] }>`
    SELECT asked.pseudonym AS asked, asked.person::text AS person, array_agg(named.pseudonym) AS pseudonyms
    FROM subject asked JOIN subject named ON named.person = asked.person AND named.about = 'person'
    WHERE asked.pseudonym = ANY (${[...subjects]}::text[]) AND asked.about = 'person'
    GROUP BY asked.pseudonym, asked.person`.execute(platform.db);
  return new Map(rows.map(({ asked, ...one }) => [asked, one]));
}
