import type { StoredPerson } from '@drawbridge/standins';

/** Share of rows that no other row equals: 0 when all are shared, 1 when each is alone. 0 for no rows. */
export function unicity(rows: readonly string[]): number {
  if (rows.length === 0) return 0;
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  return rows.filter((row) => counts.get(row) === 1).length / rows.length;
}

/** What says who, when or which record it is, rather than what the person is like. */
const identifiers = new Set([
  'distinct_id',
  'alias',
  'time',
  '$time',
  '$insert_id',
  '$device_id',
  '$user_id',
  '$anon_distinct_id',
  '$identified_id',
  '$had_persisted_distinct_id',
]);

const PSEUDONYM = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/g;
/** An attribute is the person's if it stays the same for at least this share of those who have it more than once. */
const STEADY = 0.95;

/** Values as text in which pseudonyms are blanked out. `isPseudonym` decides on text that has their form. */
function blanker(isPseudonym: (text: string) => boolean): (value: unknown) => string {
  const done = new Map<string, string>();
  return (value) => {
    const text = JSON.stringify(value);
    const known = done.get(text);
    if (known !== undefined) return known;
    const blank = text.replaceAll(PSEUDONYM, (run) => (isPseudonym(run) ? '' : run));
    done.set(text, blank);
    return blank;
  };
}

type Row = Map<string, Set<string>>;

function put(row: Row, name: string, value: string): void {
  const values = row.get(name);
  if (values === undefined) row.set(name, new Set([value]));
  else values.add(value);
}

/** Which event properties keep to one value within a person. */
function steadyProperties(people: readonly StoredPerson[], text: (value: unknown) => string): Set<string> {
  const seen = new Map<string, { repeated: number; steady: number }>();
  const names = new Set<string>();
  for (const person of people) {
    const values = new Map<string, { count: number; different: Set<string> }>();
    for (const { properties } of person.events) {
      for (const [name, value] of Object.entries(properties)) {
        names.add(name);
        const held = values.get(name) ?? { count: 0, different: new Set() };
        held.count += 1;
        held.different.add(text(value));
        values.set(name, held);
      }
    }
    for (const [name, { count, different }] of values) {
      if (count < 2) continue;
      const sum = seen.get(name) ?? { repeated: 0, steady: 0 };
      sum.repeated += 1;
      if (different.size === 1) sum.steady += 1;
      seen.set(name, sum);
    }
  }
  return new Set(
    [...names].filter((name) => {
      const sum = seen.get(name);
      return sum === undefined || sum.steady >= STEADY * sum.repeated;
    }),
  );
}

export interface Attributes {
  /** One row per person: equal rows can't be told apart by these attributes. */
  rows: string[];
  /** Names of the attributes that are in the rows. */
  names: string[];
}

/**
 * The person-level attributes: everything in profiles, and event properties that keep to one value within a person.
 * Identifiers and times are left out. `isPseudonym`: text of this form is blanked out wherever it stands; null counts
 * pseudonyms, ids and groups as attributes too.
 */
export function personAttributes(
  people: readonly StoredPerson[],
  isPseudonym: ((text: string) => boolean) | null,
): Attributes {
  const text = isPseudonym === null ? JSON.stringify : blanker(isPseudonym);
  const steady = steadyProperties(people, text);
  const names = new Set<string>();
  const rows = people.map((person) => {
    const row: Row = new Map();
    for (const [name, value] of Object.entries(person.profile)) {
      if (!identifiers.has(name)) put(row, `profile ${name}`, text(value));
    }
    for (const { properties, geolocatedFrom } of person.events) {
      for (const [name, value] of Object.entries(properties)) {
        if (steady.has(name) && !identifiers.has(name)) put(row, name, text(value));
      }
      if (geolocatedFrom !== null && geolocatedFrom !== '127.0.0.1') put(row, 'address', geolocatedFrom);
    }
    if (isPseudonym === null) for (const id of person.ids) put(row, 'ids', id);
    for (const name of row.keys()) names.add(name);
    const entries = [...row].map(([name, values]) => [name, [...values].sort()] as const);
    return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return { rows, names: [...names].sort() };
}

/** Whether text that has a pseudonym's form is one: it has 22 characters and never stood in what the app sent. */
export function pseudonymTest(sent: Iterable<string>): (text: string) => boolean {
  const raw = new Set<string>();
  for (const text of sent) for (const [run] of text.matchAll(PSEUDONYM)) raw.add(run);
  return (text) => !raw.has(text);
}
