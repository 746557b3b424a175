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

const PROBE = 6;

/** Finds known values: long ones anywhere in a text, short ones only as a whole value. */
export class KnownValues {
  readonly #whole = new Map<string, FactKind>();
  readonly #byProbe = new Map<string, { value: string; kind: FactKind }[]>();

  add(kind: FactKind, value: string): void {
    if (value === '') return;
    if (value.length < 8) {
      this.#whole.set(value, kind);
      return;
    }
    const probe = value.slice(0, PROBE);
    const others = this.#byProbe.get(probe);
    if (others === undefined) this.#byProbe.set(probe, [{ value, kind }]);
    else if (!others.some((one) => one.value === value)) others.push({ value, kind });
  }

  /** Kinds of the known values in this text. */
  find(text: string): Set<FactKind> {
    const kinds = new Set<FactKind>();
    const whole = this.#whole.get(text);
    if (whole !== undefined) kinds.add(whole);
    for (let at = 0; at + PROBE <= text.length; at++) {
      const candidates = this.#byProbe.get(text.slice(at, at + PROBE));
      if (candidates === undefined) continue;
      for (const { value, kind } of candidates) if (text.startsWith(value, at)) kinds.add(kind);
    }
    return kinds;
  }
}

/** The digits of a phone number however it is written. */
export function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}

/** Every fact about every person of a population, to be looked for in what a vendor holds. */
export function knownValuesOf(population: Population): KnownValues {
  const known = new KnownValues();
  for (const person of population.people) {
    known.add('name', person.name);
    known.add('email', person.email);
    known.add('user id', person.userId);
    known.add('IP address', person.ip);
    known.add('city', person.city);
    known.add('country', person.country);
    if (person.phone !== null) {
      known.add('phone', person.phone);
      known.add('phone', digitsOf(person.phone));
    }
    if (person.referrer.includes('?')) known.add('where they came from', person.referrer);
    known.add('plan', person.plan);
  }
  for (const organisation of population.organisations) {
    known.add('organisation id', organisation.id);
    known.add('organisation name', organisation.name);
  }
  return known;
}
