import type { Population } from '../population/person.ts';

/** What a stranger could quote to a person to be believed: facts that only the person, their vendor and ours know. */
export const factKinds = [
  'name',
  'email',
  'phone',
  'user id',
  'IP address',
  'city',
  'country',
  'organisation id',
  'organisation name',
  'where they came from',
  'plan',
  'browser',
  'operating system',
  'pages seen',
  'time of last visit',
] as const;
export type FactKind = (typeof factKinds)[number];

/** Length of the pieces by which long values are looked up, and from which length on a value is long. */
const PROBE = 6;
const LONG = 8;

interface Indexed {
  value: string;
  kind: FactKind;
  /** Where in the value its probe stands. */
  offset: number;
}

/** The position of the piece that the fewest values have: addresses all begin alike. */
function rarestPiece(value: string, counts: ReadonlyMap<string, number>): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at + PROBE <= value.length; at++) {
    const held = counts.get(value.slice(at, at + PROBE)) ?? 0;
    if (held < least) [best, least] = [at, held];
  }
  return best;
}

/** Finds known values: long ones anywhere in a text, short ones only as a whole value. */
export class KnownValues {
  readonly #whole = new Map<string, FactKind>();
  readonly #byProbe = new Map<string, Indexed[]>();

  constructor(facts: Iterable<readonly [kind: FactKind, value: string]>) {
    const long = new Map<string, FactKind>();
    const counts = new Map<string, number>();
    for (const [kind, value] of facts) {
      if (value.length < LONG) {
        if (value !== '') this.#whole.set(value, kind);
        continue;
      }
      long.set(value, kind);
      for (let at = 0; at + PROBE <= value.length; at++) {
        const piece = value.slice(at, at + PROBE);
        counts.set(piece, (counts.get(piece) ?? 0) + 1);
      }
    }
    for (const [value, kind] of long) {
      const offset = rarestPiece(value, counts);
      const probe = value.slice(offset, offset + PROBE);
      const others = this.#byProbe.get(probe);
      if (others === undefined) this.#byProbe.set(probe, [{ value, kind, offset }]);
      else others.push({ value, kind, offset });
    }
  }

  /** Kinds of the known values in this text. */
  find(text: string): Set<FactKind> {
    const kinds = new Set<FactKind>();
    const whole = this.#whole.get(text);
    if (whole !== undefined) kinds.add(whole);
    for (let at = 0; at + PROBE <= text.length; at++) {
      for (const { value, kind, offset } of this.#byProbe.get(text.slice(at, at + PROBE)) ?? []) {
        if (at >= offset && text.startsWith(value, at - offset)) kinds.add(kind);
      }
    }
    return kinds;
  }
}

/** The digits of a phone number however it is written. */
function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}

/** Every fact about every person of a population, to be looked for in what a vendor holds. */
export function knownValuesOf(population: Population): KnownValues {
  const facts: [FactKind, string][] = [];
  for (const person of population.people) {
    facts.push(
      ['name', person.name],
      ['email', person.email],
      ['user id', person.userId],
      ['IP address', person.ip],
      ['city', person.city],
      ['country', person.country],
      ['plan', person.plan],
    );
    if (person.phone !== null) facts.push(['phone', person.phone], ['phone', digitsOf(person.phone)]);
    if (person.referrer.includes('?')) facts.push(['where they came from', person.referrer]);
  }
  for (const organisation of population.organisations) {
    facts.push(['organisation id', organisation.id], ['organisation name', organisation.name]);
  }
  return new KnownValues(facts);
}
