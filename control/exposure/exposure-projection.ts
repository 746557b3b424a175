import type pg from 'pg';
import { type About, type Projection, subjectText } from '../crossings/index.ts';
import { betterKind, type Facts, factsOf, isSent, type Slot, slotKey } from './facts.ts';
import { joinPersons, Membership, type Person, scopesOf, sentClassOf } from './people.ts';
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
    'exposure_profile',
    'exposure_part',
    'person_slots',
    'person_day',
    'people_count',
    'people_day',
  ],
  topic: 'exposure',
  async apply(client, entries) {
    const facts = factsOf(entries);
    if (facts.subjects.length === 0) return false;
    const slots = await slotIds(client, facts);
    const profiles = await profileIds(client, facts, slots);
    const subjects = await subjectIds(client, facts);
    await store.addParts(
      client,
      facts.sightings.map((sighting) => ({
        ...sighting,
        profile: profiles.at(sighting.profile).id,
        subject: subjects.at(sighting.subject).id,
      })),
    );
    await countPeople(client, facts, { slots, profiles, subjects });
    await countDays(client, facts, { slots, profiles, subjects });
    return true;
  },
};

interface Slots {
  /** Of the batch's slot at a place. */
  id(place: number): number;
  byId(id: number): Slot;
}

async function slotIds(client: pg.PoolClient, facts: Facts): Promise<Slots> {
  const stored = await store.readSlots(client);
  const known = new Map(stored.map((slot) => [slotKey(slot), slot.id]));
  const fresh: (Slot & { id: number })[] = [];
  let next = stored.reduce((highest, slot) => Math.max(highest, slot.id), 0) + 1;
  const ids = facts.slots.map((slot) => {
    const id = known.get(slotKey(slot));
    if (id !== undefined) return id;
    fresh.push({ ...slot, id: next });
    return next++;
  });
  await store.addSlots(client, fresh);
  const byId = new Map([...stored, ...fresh].map((slot) => [slot.id, slot]));
  return { id: (place) => present(ids[place]), byId: (id) => present(byId.get(id)) };
}

interface Profiles {
  /** The batch's profile at a place: its id, and those of its slots. */
  at(place: number): { id: number; slots: readonly number[] };
}

async function profileIds(client: pg.PoolClient, facts: Facts, slots: Slots): Promise<Profiles> {
  const wanted = facts.profiles.map((places) => places.map(slots.id).sort((a, b) => a - b));
  const known = await store.readProfiles(client, wanted);
  const fresh: { id: number; slots: readonly number[] }[] = [];
  let next = (await store.highestProfile(client)) + 1;
  const profiles = wanted.map((list) => {
    const id = known.get(list.join());
    if (id !== undefined) return { id, slots: list };
    fresh.push({ id: next, slots: list });
    return { id: next++, slots: list };
  });
  await store.addProfiles(client, fresh);
  return { at: (place) => present(profiles[place]) };
}

interface Ids {
  slots: Slots;
  profiles: Profiles;
  subjects: Subjects;
}

interface KnownSubject {
  id: number;
  about: About;
  /** After this batch's links. */
  person: number;
}
interface Subjects {
  /** The batch's subject at a place. */
  at(place: number): KnownSubject;
  /** Where persons went that are no longer their own. */
  joined: ReadonlyMap<number, number>;
}

/** The ids of the batch's subjects and the persons that they are, after the batch's links. New ones are added. */
async function subjectIds(client: pg.PoolClient, facts: Facts): Promise<Subjects> {
  const stored = await store.readSubjects(client, facts.subjects);
  const persons = new Map<number, Person>();
  const better: { id: number; kind: string | null }[] = [];
  const fresh: store.NewSubject[] = [];
  let next = (await store.highestSubject(client)) + 1;
  const before = facts.subjects.map((subject) => {
    const there = stored.get(subjectText(subject));
    const id = there?.id ?? next++;
    const person = there?.person ?? id;
    persons.set(person, { id: person, pseudonym: there?.personPseudonym ?? subject.pseudonym });
    if (there === undefined) fresh.push({ ...subject, id, person });
    else if (betterKind(there.kind, subject.kind) !== there.kind) better.push({ id, kind: subject.kind });
    return { id, about: subject.about, person };
  });
  const joined = joinPersons(
    persons,
    facts.links.map(([a, b]) => [present(before[a]).person, present(before[b]).person]),
  );
  const personAfter = (person: number): number => joined.get(person) ?? person;
  await store.addSubjects(
    client,
    fresh.map((subject) => ({ ...subject, person: personAfter(subject.person) })),
  );
  await store.setKinds(client, better);
  const isFresh = new Set(fresh.map((subject) => subject.id));
  await store.joinSubjects(
    client,
    [...joined].filter(([from]) => !isFresh.has(from)),
  );
  const after = before.map((subject) => ({ ...subject, person: personAfter(subject.person) }));
  return { at: (place) => present(after[place]), joined };
}

async function countPeople(
  client: pg.PoolClient,
  facts: Facts,
  { slots, profiles, subjects }: Ids,
): Promise<void> {
  const reached = new Map<number, { about: About; slots: Set<number> }>();
  const reach = (person: number, about: About): Set<number> => {
    const there = reached.get(person) ?? { about, slots: new Set<number>() };
    reached.set(person, there);
    return there.slots;
  };
  for (const sighting of facts.sightings) {
    const { about, person } = subjects.at(sighting.subject);
    if (about === 'nobody') continue;
    const into = reach(person, about);
    for (const slot of profiles.at(sighting.profile).slots) into.add(slot);
  }
  for (const to of subjects.joined.values()) reach(to, 'person');

  const before = await store.readPersonSlots(client, [...reached.keys(), ...subjects.joined.keys()]);
  const groupsOf = (about: About) => (slot: number) =>
    scopesOf(slots.byId(slot)).map((scope) => ({ ...scope, about }));
  const counts = {
    person: new Membership(groupsOf('person')),
    organisation: new Membership(groupsOf('organisation')),
  };
  for (const [from, to] of subjects.joined) {
    const had = before.get(from) ?? [];
    for (const slot of had) reach(to, 'person').add(slot);
    counts.person.count(had, -1);
  }
  const changed: store.PersonSlots[] = [];
  for (const [person, { about, slots: now }] of reached) {
    const had = before.get(person) ?? [];
    const all = new Set([...had, ...now]);
    if (all.size === had.length || about === 'nobody') continue;
    counts[about].count(had, -1);
    counts[about].count(all, 1);
    changed.push({ person, slots: [...all] });
  }
  await store.replacePersonSlots(client, [...subjects.joined.keys()], changed);
  await store.addToCounts(client, [...counts.person.changes(), ...counts.organisation.changes()]);
}

async function countDays(
  client: pg.PoolClient,
  facts: Facts,
  { slots, profiles, subjects }: Ids,
): Promise<void> {
  const isSentSlot = (slot: number): boolean => isSent(slots.byId(slot).treatment);
  const now = new Map<string, { person: number; day: number; slots: Set<number> }>();
  const reach = (person: number, day: number): Set<number> => {
    const key = store.personDayKey(person, day);
    const there = now.get(key) ?? { person, day, slots: new Set<number>() };
    now.set(key, there);
    return there.slots;
  };
  for (const { subject, day, profiles: seen } of facts.days) {
    const sent = [...seen].flatMap((place) => profiles.at(place).slots.filter(isSentSlot));
    if (sent.length === 0) continue;
    const into = reach(subjects.at(subject).person, day);
    for (const slot of sent) into.add(slot);
  }
  const counts = new Map<number, Membership<{ vendor: string; class: string }>>();
  const count = (day: number, ids: Iterable<number>, change: 1 | -1) => {
    const there = counts.get(day) ?? new Membership((slot: number) => sentClassOf(slots.byId(slot)));
    counts.set(day, there);
    there.count(ids, change);
  };
  for (const { person, day, slots: had } of await store.readDaysOf(client, [...subjects.joined.keys()])) {
    const into = reach(subjects.joined.get(person) ?? person, day);
    for (const id of had) into.add(id);
    count(day, had, -1);
  }
  const before = await store.readDays(client, [...now.values()]);
  const changed: store.PersonDay[] = [];
  for (const [key, { person, day, slots: reached }] of now) {
    const had = before.get(key) ?? [];
    const all = new Set([...had, ...reached]);
    if (all.size === had.length) continue;
    count(day, had, -1);
    count(day, all, 1);
    changed.push({ person, day, slots: [...all] });
  }
  await store.replaceDays(client, [...subjects.joined.keys()], changed);
  await store.addToDayCounts(
    client,
    [...counts].flatMap(([day, group]) =>
      group.changes().map(({ of, change }) => ({ of: { ...of, day }, change })),
    ),
  );
}

/** For what the code above has put there itself. */
function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('something of this batch was not given an id');
  return value;
}
