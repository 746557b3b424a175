import type pg from 'pg';
import { type About, subjectText } from '../crossings/index.ts';
import { plainArray } from '../platform/index.ts';
import type { Slot, Subject } from './facts.ts';
import type { Scope } from './people.ts';

/** The SQL of the exposure projection. All of it runs in the projector's transaction, which is the only writer. */

export async function readSlots(client: pg.PoolClient): Promise<(Slot & { id: number })[]> {
  const found = await client.query<Slot & { id: number }>(
    'SELECT id, vendor, connection, app, class, treatment FROM exposure_slot',
  );
  return found.rows;
}

export async function addSlots(
  client: pg.PoolClient,
  slots: readonly (Slot & { id: number })[],
): Promise<void> {
  if (slots.length === 0) return;
  await client.query(
    `INSERT INTO exposure_slot (id, vendor, connection, app, class, treatment)
      SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])`,
    [
      slots.map((slot) => slot.id),
      slots.map((slot) => slot.vendor),
      slots.map((slot) => slot.connection),
      slots.map((slot) => slot.app),
      slots.map((slot) => slot.class),
      slots.map((slot) => slot.treatment),
    ],
  );
}

export interface StoredSubject {
  id: number;
  kind: string | null;
  person: number;
  personPseudonym: string;
}

/** By `subjectText`. Those that are not stored are not in it. */
export async function readSubjects(
  client: pg.PoolClient,
  subjects: readonly Subject[],
): Promise<Map<string, StoredSubject>> {
  const found = await client.query<{
    about: About;
    pseudonym: string;
    id: number;
    kind: string | null;
    person: number;
    person_pseudonym: string;
  }>({
    name: 'exposure-read-subjects',
    text: `SELECT s.about, s.pseudonym, s.id, s.kind, s.person, p.pseudonym AS person_pseudonym
      FROM unnest($1::text[], $2::text[]) AS wanted (about, pseudonym)
      JOIN subject s ON s.pseudonym = wanted.pseudonym AND s.about = wanted.about
      JOIN subject p ON p.id = s.person`,
    values: [subjects.map((subject) => subject.about), subjects.map((subject) => subject.pseudonym)],
  });
  return new Map(
    found.rows.map((row) => [
      subjectText(row),
      { id: row.id, kind: row.kind, person: row.person, personPseudonym: row.person_pseudonym },
    ]),
  );
}

export async function highestSubject(client: pg.PoolClient): Promise<number> {
  const found = await client.query<{ id: number }>('SELECT coalesce(max(id), 0) AS id FROM subject');
  return found.rows[0]?.id ?? 0;
}

export interface NewSubject {
  id: number;
  about: About;
  pseudonym: string;
  kind: string | null;
  person: number;
}

export async function addSubjects(client: pg.PoolClient, subjects: readonly NewSubject[]): Promise<void> {
  if (subjects.length === 0) return;
  await client.query({
    name: 'exposure-add-subjects',
    text: `INSERT INTO subject (id, about, pseudonym, kind, person)
      SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[])`,
    values: [
      plainArray(subjects.map((subject) => subject.id)),
      subjects.map((subject) => subject.about),
      subjects.map((subject) => subject.pseudonym),
      subjects.map((subject) => subject.kind),
      plainArray(subjects.map((subject) => subject.person)),
    ],
  });
}

export async function setKinds(
  client: pg.PoolClient,
  subjects: readonly { id: number; kind: string | null }[],
): Promise<void> {
  if (subjects.length === 0) return;
  await client.query(
    `UPDATE subject SET kind = better.kind FROM unnest($1::bigint[], $2::text[]) AS better (id, kind)
      WHERE subject.id = better.id`,
    [plainArray(subjects.map((subject) => subject.id)), subjects.map((subject) => subject.kind)],
  );
}

export async function joinSubjects(
  client: pg.PoolClient,
  joined: readonly (readonly [number, number])[],
): Promise<void> {
  if (joined.length === 0) return;
  await client.query(
    `UPDATE subject SET person = joined.whole FROM unnest($1::bigint[], $2::bigint[]) AS joined (part, whole)
      WHERE subject.person = joined.part`,
    [plainArray(joined.map(([part]) => part)), plainArray(joined.map(([, whole]) => whole))],
  );
}

/** Ids by the slots' ids, joined by commas. */
export async function readProfiles(
  client: pg.PoolClient,
  wanted: readonly (readonly number[])[],
): Promise<Map<string, number>> {
  if (wanted.length === 0) return new Map();
  const found = await client.query<[number, string]>({
    name: 'exposure-read-profiles',
    text: `SELECT id, array_to_string(slots, ',') FROM exposure_profile
      WHERE slots IN (SELECT one::int[] FROM unnest($1::text[]) AS one)`,
    values: [listTexts(wanted)],
    rowMode: 'array',
  });
  return new Map(found.rows.map(([id, slots]) => [slots, id]));
}

export async function highestProfile(client: pg.PoolClient): Promise<number> {
  const found = await client.query<{ id: number }>('SELECT coalesce(max(id), 0) AS id FROM exposure_profile');
  return found.rows[0]?.id ?? 0;
}

export async function addProfiles(
  client: pg.PoolClient,
  profiles: readonly { id: number; slots: readonly number[] }[],
): Promise<void> {
  if (profiles.length === 0) return;
  await client.query(
    'INSERT INTO exposure_profile (id, slots) SELECT id, slots::int[] FROM unnest($1::int[], $2::text[]) AS p (id, slots)',
    [plainArray(profiles.map((profile) => profile.id)), listTexts(profiles.map((profile) => profile.slots))],
  );
}

export interface NewPart {
  profile: number;
  subject: number;
  /** Milliseconds since 1970. */
  first: number;
  last: number;
  crossings: number;
}

export async function addParts(client: pg.PoolClient, parts: NewPart[]): Promise<void> {
  if (parts.length === 0) return;
  // In the order of the key, so that neighbours in the index are written together.
  parts.sort((a, b) => a.profile - b.profile || a.subject - b.subject);
  await client.query({
    name: 'exposure-add-parts',
    text: `INSERT INTO exposure_part (profile, subject, first_seen_at, last_seen_at, crossings)
      SELECT profile, subject, to_timestamp(first / 1000.0), to_timestamp(last / 1000.0), crossings
      FROM unnest($1::int[], $2::bigint[], $3::float8[], $4::float8[], $5::bigint[])
        AS e (profile, subject, first, last, crossings)
      ON CONFLICT (profile, subject) DO UPDATE SET
        first_seen_at = least(exposure_part.first_seen_at, excluded.first_seen_at),
        last_seen_at = greatest(exposure_part.last_seen_at, excluded.last_seen_at),
        crossings = exposure_part.crossings + excluded.crossings`,
    values: [
      plainArray(parts.map((row) => row.profile)),
      plainArray(parts.map((row) => row.subject)),
      plainArray(parts.map((row) => row.first)),
      plainArray(parts.map((row) => row.last)),
      plainArray(parts.map((row) => row.crossings)),
    ],
  });
}

export interface PersonSlots {
  person: number;
  slots: readonly number[];
}

export async function readPersonSlots(
  client: pg.PoolClient,
  persons: readonly number[],
): Promise<Map<number, number[]>> {
  if (persons.length === 0) return new Map();
  const found = await client.query<[number, string]>({
    name: 'exposure-read-person-slots',
    text: `SELECT person, array_to_string(slots, ',') FROM person_slots
      WHERE person IN (SELECT unnest($1::bigint[]))`,
    values: [plainArray([...new Set(persons)])],
    rowMode: 'array',
  });
  return new Map(found.rows.map(([person, slots]) => [person, numbers(slots)]));
}

/** A list of numbers as text, which the driver hands over much faster than an array. */
function numbers(text: string): number[] {
  return text === '' ? [] : text.split(',').map(Number);
}

/** The other way: one text per list, lists side by side, since an array of arrays must be of even lengths. */
const listTexts = (lists: readonly (readonly number[])[]): string[] =>
  lists.map((list) => `{${list.join(',')}}`);

export async function replacePersonSlots(
  client: pg.PoolClient,
  gone: readonly number[],
  changed: readonly PersonSlots[],
): Promise<void> {
  if (gone.length > 0) {
    await client.query('DELETE FROM person_slots WHERE person = ANY($1::bigint[])', [plainArray(gone)]);
  }
  if (changed.length === 0) return;
  await client.query({
    name: 'exposure-replace-person-slots',
    text: `INSERT INTO person_slots (person, slots)
      SELECT person, slots::int[] FROM unnest($1::bigint[], $2::text[]) AS c (person, slots)
      ON CONFLICT (person) DO UPDATE SET slots = excluded.slots`,
    values: [plainArray(changed.map((row) => row.person)), listTexts(changed.map((row) => row.slots))],
  });
}

export interface PersonDay {
  person: number;
  /** Days since 1970, UTC. */
  day: number;
  slots: readonly number[];
}
export const personDayKey = (person: number, day: number): string => `${person} ${day}`;

/** All days of the given persons. */
export async function readDaysOf(client: pg.PoolClient, persons: readonly number[]): Promise<PersonDay[]> {
  if (persons.length === 0) return [];
  const found = await client.query<[number, number, string]>({
    text: `SELECT person, day - '1970-01-01'::date, array_to_string(slots, ',') FROM person_day
      WHERE person = ANY($1::bigint[])`,
    values: [plainArray(persons)],
    rowMode: 'array',
  });
  return found.rows.map(([person, day, slots]) => ({ person, day, slots: numbers(slots) }));
}

/** Slots by `personDayKey`. */
export async function readDays(
  client: pg.PoolClient,
  wanted: readonly { person: number; day: number }[],
): Promise<Map<string, number[]>> {
  if (wanted.length === 0) return new Map();
  const found = await client.query<[number, number, string]>({
    name: 'exposure-read-days',
    text: `SELECT d.person, wanted.day, array_to_string(d.slots, ',')
      FROM unnest($1::bigint[], $2::int[]) AS wanted (person, day)
      JOIN person_day d ON d.person = wanted.person AND d.day = '1970-01-01'::date + wanted.day`,
    values: [plainArray(wanted.map((row) => row.person)), plainArray(wanted.map((row) => row.day))],
    rowMode: 'array',
  });
  return new Map(found.rows.map(([person, day, slots]) => [personDayKey(person, day), numbers(slots)]));
}

export async function replaceDays(
  client: pg.PoolClient,
  gone: readonly number[],
  changed: readonly PersonDay[],
): Promise<void> {
  if (gone.length > 0) {
    await client.query('DELETE FROM person_day WHERE person = ANY($1::bigint[])', [plainArray(gone)]);
  }
  if (changed.length === 0) return;
  await client.query({
    name: 'exposure-replace-days',
    text: `INSERT INTO person_day (person, day, slots)
      SELECT person, '1970-01-01'::date + day, slots::int[] FROM unnest($1::bigint[], $2::int[], $3::text[]) AS c (person, day, slots)
      ON CONFLICT (person, day) DO UPDATE SET slots = excluded.slots`,
    values: [
      plainArray(changed.map((row) => row.person)),
      plainArray(changed.map((row) => row.day)),
      listTexts(changed.map((row) => row.slots)),
    ],
  });
}

export type CountedScope = Scope & { about: About };

export async function addToCounts(
  client: pg.PoolClient,
  changes: readonly { of: CountedScope; change: number }[],
): Promise<void> {
  if (changes.length === 0) return;
  await client.query(
    `INSERT INTO people_count (about, vendor, connection, class, treatment, people)
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
      ON CONFLICT (vendor, connection, class, treatment, about)
        DO UPDATE SET people = people_count.people + excluded.people`,
    [
      changes.map(({ of }) => of.about),
      changes.map(({ of }) => of.vendor),
      changes.map(({ of }) => of.connection),
      changes.map(({ of }) => of.class),
      changes.map(({ of }) => of.treatment),
      plainArray(changes.map(({ change }) => change)),
    ],
  );
}

export async function addToDayCounts(
  client: pg.PoolClient,
  changes: readonly { of: { vendor: string; class: string; day: number }; change: number }[],
): Promise<void> {
  if (changes.length === 0) return;
  await client.query(
    `INSERT INTO people_day (vendor, class, day, people)
      SELECT vendor, class, '1970-01-01'::date + day, people
      FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) AS c (vendor, class, day, people)
      ON CONFLICT (vendor, day, class) DO UPDATE SET people = people_day.people + excluded.people`,
    [
      changes.map(({ of }) => of.vendor),
      changes.map(({ of }) => of.class),
      plainArray(changes.map(({ of }) => of.day)),
      plainArray(changes.map(({ change }) => change)),
    ],
  );
}
