import type pg from 'pg';
import type { Projection } from '../crossings/index.ts';
import { type About, betterKind, type Facts, factsOf, type Slot } from './facts.ts';
import { joinPersons, type Person, scopesOf, sentClassesOf, Tally } from './people.ts';
import * as store from './projection-store.ts';

/**
 * The exposure ledger. One writer at a time, so it reads what stands, works out what changes, and writes that.
 * Everything it adds up is the same in any order: sums, firsts and lasts, sets, and unions of linked subjects.
 */
export const exposureProjection: Projection = {
  name: 'exposure',
  tables: [
    'subject',
    'exposure_slot',
    'exposure',
    'person_slots',
    'person_day',
    'people_count',
    'people_day',
  ],
  topic: 'exposure',
  async apply(client, entries) {
    const facts = factsOf(entries);
    if (facts.subjects.size === 0) return;
    const slots = await slotIds(client, facts);
    const subjects = await subjectIds(client, facts);
    await store.addExposures(
      client,
      [...facts.sightings.values()].map((sighting) => ({
        ...sighting,
        slot: slots.id(sighting.slot),
        subject: subjects.of(sighting.subject).id,
      })),
    );
    await countPeople(client, facts, slots, subjects);
  },
};

interface Slots {
  id(key: string): number;
  byId: ReadonlyMap<number, Slot>;
}

async function slotIds(client: pg.PoolClient, facts: Facts): Promise<Slots> {
  const stored = await store.readSlots(client);
  const ids = new Map(stored.map((slot) => [store.slotText(slot), slot.id]));
  const fresh: (Slot & { id: number })[] = [];
  const byKey = new Map<string, number>();
  let next = stored.reduce((highest, slot) => Math.max(highest, slot.id), 0) + 1;
  for (const [key, slot] of facts.slots) {
    const known = ids.get(store.slotText(slot));
    if (known === undefined) fresh.push({ ...slot, id: next });
    byKey.set(key, known ?? next++);
  }
  await store.addSlots(client, fresh);
  return {
    id: (key) => present(byKey.get(key), 'slot'),
    byId: new Map([...stored, ...fresh].map((slot) => [slot.id, slot])),
  };
}

interface KnownSubject {
  id: number;
  about: About;
  /** Before this batch's links. */
  person: number;
}
interface Subjects {
  of(key: string): KnownSubject;
  /** Where persons went that are no longer their own. */
  joined: ReadonlyMap<number, number>;
}

/** The ids of the batch's subjects and the persons that they are, after the batch's links. New ones are added. */
async function subjectIds(client: pg.PoolClient, facts: Facts): Promise<Subjects> {
  const stored = await store.readSubjects(client, [...facts.subjects.values()]);
  const known = new Map<string, KnownSubject>();
  const persons = new Map<number, Person>();
  const better: { id: number; kind: string | null }[] = [];
  const fresh: store.NewSubject[] = [];
  let next = (await store.highestSubject(client)) + 1;
  for (const [key, subject] of facts.subjects) {
    const there = stored.get(key);
    const id = there?.id ?? next++;
    const person = there?.person ?? id;
    known.set(key, { id, about: subject.about, person });
    persons.set(person, { id: person, pseudonym: there?.personPseudonym ?? subject.pseudonym });
    if (there === undefined) {
      fresh.push({ id, about: subject.about, pseudonym: subject.pseudonym, kind: subject.kind, person });
    } else if (betterKind(there.kind, subject.kind) !== there.kind) better.push({ id, kind: subject.kind });
  }
  const of = (key: string) => present(known.get(key), 'subject');
  const joined = joinPersons(
    persons,
    facts.links.map(([a, b]) => [of(a).person, of(b).person]),
  );
  await store.addSubjects(
    client,
    fresh.map((subject) => ({ ...subject, person: joined.get(subject.person) ?? subject.person })),
  );
  await store.setKinds(client, better);
  const isFresh = new Set(fresh.map((subject) => subject.id));
  await store.joinSubjects(
    client,
    [...joined].filter(([from]) => !isFresh.has(from)),
  );
  return { of, joined };
}

async function countPeople(
  client: pg.PoolClient,
  facts: Facts,
  slots: Slots,
  subjects: Subjects,
): Promise<void> {
  const moved = [...subjects.joined];
  const personAfter = (person: number): number => subjects.joined.get(person) ?? person;
  const reached = new Map<number, { about: About; slots: Set<number> }>();
  const reach = (person: number, about: About): Set<number> => {
    const there = reached.get(person) ?? { about, slots: new Set<number>() };
    reached.set(person, there);
    return there.slots;
  };
  for (const sighting of facts.sightings.values()) {
    const { about, person } = subjects.of(sighting.subject);
    if (about !== 'nobody') reach(personAfter(person), about).add(slots.id(sighting.slot));
  }
  for (const [, to] of moved) reach(to, 'person');
  const slotOf = (id: number): Slot => present(slots.byId.get(id), 'slot');

  const before = await store.readPersonSlots(client, [...reached.keys(), ...subjects.joined.keys()]);
  const counts = new Tally<store.CountedScope>();
  const count = (about: About, ids: Iterable<number>, change: number) => {
    for (const [key, scope] of scopesOf([...ids].map(slotOf))) {
      counts.add(`${about} ${key}`, { ...scope, about }, change);
    }
  };
  for (const [from, to] of moved) {
    const had = before.get(from) ?? [];
    for (const id of had) reach(to, 'person').add(id);
    count('person', had, -1);
  }
  const changed: store.PersonSlots[] = [];
  for (const [person, { about, slots: now }] of reached) {
    const had = before.get(person) ?? [];
    const all = new Set([...had, ...now]);
    if (all.size === had.length) continue;
    count(about, had, -1);
    count(about, all, 1);
    changed.push({ person, slots: [...all] });
  }
  await store.replacePersonSlots(client, [...subjects.joined.keys()], changed);
  await store.addToCounts(client, counts.changes());
  await countDays(client, facts, slots, subjects, personAfter);
}

async function countDays(
  client: pg.PoolClient,
  facts: Facts,
  slots: Slots,
  subjects: Subjects,
  personAfter: (person: number) => number,
): Promise<void> {
  const slotOf = (id: number): Slot => present(slots.byId.get(id), 'slot');
  const now = new Map<string, { person: number; day: string; slots: Set<number> }>();
  const reach = (person: number, day: string): Set<number> => {
    const key = `${person} ${day}`;
    const there = now.get(key) ?? { person, day, slots: new Set<number>() };
    now.set(key, there);
    return there.slots;
  };
  for (const { subject, day, slots: sent } of facts.days.values()) {
    const into = reach(personAfter(subjects.of(subject).person), day);
    for (const key of sent) into.add(slots.id(key));
  }
  const counts = new Tally<{ vendor: string; class: string; day: string }>();
  const count = (day: string, ids: Iterable<number>, change: number) => {
    for (const [key, one] of sentClassesOf([...ids].map(slotOf))) {
      counts.add(`${day} ${key}`, { ...one, day }, change);
    }
  };
  const absorbed = await store.readDaysOf(client, [...subjects.joined.keys()]);
  for (const { person, day, slots: had } of absorbed) {
    const into = reach(personAfter(person), day);
    for (const id of had) into.add(id);
    count(day, had, -1);
  }
  const before = await store.readDays(client, [...now.values()]);
  const changed: { person: number; day: string; slots: number[] }[] = [];
  for (const [key, { person, day, slots: reached }] of now) {
    const had = before.get(key) ?? [];
    const all = new Set([...had, ...reached]);
    if (all.size === had.length) continue;
    count(day, had, -1);
    count(day, all, 1);
    changed.push({ person, day, slots: [...all] });
  }
  await store.replaceDays(client, [...subjects.joined.keys()], changed);
  await store.addToDayCounts(client, counts.changes());
}

/** For what the code above has put into a map itself. */
function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a ${what} of this batch was not given an id`);
  return value;
}
