import type { StoredPerson } from '@drawbridge/standins';
import { type FactKind, factKinds, type KnownValues } from './known.ts';
import { stringsOf } from './strings.ts';

/** A person as a thief of the vendor's whole store finds them. */
export interface HeldFacts {
  /** Someone could write or call them: an e-mail address or a phone number lies anywhere in what is held. */
  reachable: boolean;
  /** Kinds of facts that could be quoted to them. */
  facts: Set<FactKind>;
}

const EMAIL = /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{2,63}){1,4}/;
const PHONE = /\+\d[\d ().-]{8,18}\d/;

const propertyFacts: readonly (readonly [string, FactKind])[] = [
  ['$browser', 'browser'],
  ['$os', 'operating system'],
  ['$current_url', 'pages seen'],
  ['$phone', 'phone'],
];

/**
 * What is held about one person, judged by what stands there: known values of the population anywhere, also encoded,
 * and anything that looks like an address or a number, whoever's it is.
 */
export function heldFacts(person: StoredPerson, known: KnownValues): HeldFacts {
  const facts = new Set<FactKind>();
  for (const text of stringsOf([person.ids, person.profile, person.events])) {
    for (const kind of known.find(text)) facts.add(kind);
    if (EMAIL.test(text)) facts.add('email');
    if (PHONE.test(text)) facts.add('phone');
  }
  for (const properties of [person.profile, ...person.events.map((event) => event.properties)]) {
    for (const [name, kind] of propertyFacts) {
      const value = properties[name];
      if (value !== undefined && value !== null && value !== '' && value !== 'other') facts.add(kind);
    }
  }
  if (person.events.length > 0) facts.add('time of last visit');
  return { reachable: facts.has('email') || facts.has('phone'), facts };
}

/** How many people each kind of fact is held about, in the order of `factKinds`. */
export function factCounts(people: readonly HeldFacts[]): { fact: FactKind; people: number }[] {
  return factKinds.map((fact) => ({
    fact,
    people: people.filter((person) => person.facts.has(fact)).length,
  }));
}
