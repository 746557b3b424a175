import type pg from 'pg';
import {
  type About,
  aboutOf,
  crossingsOfSubjects,
  readEntriesAt,
  type SubjectName,
  subjectText,
} from '../crossings/index.ts';
import { plainArray } from '../platform/index.ts';
import { exposureProjection } from './exposure-projection.ts';
import { type Slot, sendingTreatments } from './facts.ts';
import { Membership, scopesOf, sentClassOf } from './people.ts';
import * as store from './projection-store.ts';

/** Taking subjects out of the exposure ledger. All of it runs where no projector writes. */

/** A subject as the ledger has it. */
export interface LedgerSubject extends SubjectName {
  id: number;
  kind: string | null;
  person: number;
}

/** The given subjects that the ledger knows, and all that are linked with them. */
export async function linkedSubjects(
  client: pg.PoolClient,
  subjects: readonly SubjectName[],
): Promise<LedgerSubject[]> {
  const found = await client.query<LedgerSubject>(
    `SELECT id, about, pseudonym, kind, person FROM subject WHERE person IN (
        SELECT s.person FROM unnest($1::text[], $2::text[]) AS wanted (about, pseudonym)
          JOIN subject s ON s.pseudonym = wanted.pseudonym AND s.about = wanted.about)
      ORDER BY pseudonym, about`,
    [subjects.map((subject) => subject.about), subjects.map((subject) => subject.pseudonym)],
  );
  return found.rows;
}

/** What a vendor was sent of subjects, as the ledger has it. Times are Dates. */
export interface VendorGot {
  vendor: string;
  connection: string;
  class: string;
  treatment: string;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** Crossings in which it was, of each subject. */
  crossings: number;
}

/** What vendors were sent of the given subjects of the ledger. */
export async function vendorsGot(
  client: pg.PoolClient,
  subjects: readonly LedgerSubject[],
): Promise<VendorGot[]> {
  const found = await client.query<VendorGot>(
    `SELECT slot.vendor, slot.connection, slot.class, slot.treatment, min(part.first_seen_at) AS "firstSeenAt",
        max(part.last_seen_at) AS "lastSeenAt", sum(part.crossings)::bigint AS crossings
      FROM exposure_profile profile
        JOIN exposure_part part ON part.profile = profile.id AND part.subject = ANY ($1::bigint[])
        CROSS JOIN LATERAL unnest(profile.slots) AS seen (slot)
        JOIN exposure_slot slot ON slot.id = seen.slot
      WHERE slot.treatment = ANY ($2)
      GROUP BY slot.vendor, slot.connection, slot.class, slot.treatment
      ORDER BY slot.vendor, slot.connection, slot.class, slot.treatment`,
    [plainArray(subjects.map((subject) => subject.id)), sendingTreatments],
  );
  return found.rows;
}

/**
 * Takes the given subjects, and all that were linked with them, out of the ledger, and puts back what the remaining
 * items of the journals say of them: the rows are then those of a rebuild. Comes after the items were erased, and the
 * crossings' projection with them.
 */
export async function recountSubjects(
  client: pg.PoolClient,
  subjects: readonly SubjectName[],
): Promise<void> {
  const linked = await linkedSubjects(client, subjects);
  await forget(client, linked);
  const concerned = new Set([...linked, ...subjects].map(subjectText));
  const pseudonyms = [...new Set([...linked, ...subjects].map((subject) => subject.pseudonym))];
  for await (const places of crossingsOfSubjects(client, pseudonyms)) {
    const entries = await readEntriesAt(client, places);
    const theirs = entries.map((entry) => ({
      ...entry,
      items: entry.items.filter((item) =>
        concerned.has(subjectText({ about: aboutOf(item), pseudonym: item.s ?? '' })),
      ),
    }));
    await exposureProjection.apply(client, theirs);
  }
  await forgetUnused(client);
}

/**
 * Takes subjects out of the ledger in the tables of the current `search_path` by its rows alone, where there are no
 * items to count from. What was linked with them stays linked, and keeps of its days what it still has a row for.
 * Returns whether all that was linked went: then the rows are those of a rebuild.
 */
export async function eraseLedgerRows(
  client: pg.PoolClient,
  subjects: readonly SubjectName[],
): Promise<boolean> {
  const linked = await linkedSubjects(client, subjects);
  const gone = new Set(subjects.map(subjectText));
  const left = Map.groupBy(
    linked.filter((subject) => !gone.has(subjectText(subject))),
    (subject) => subject.person,
  );
  const days = await store.readDaysOf(client, [...left.keys()]);
  const parts = await partsOf(client, [...left.values()].flat());
  await forget(client, linked);
  const counted = await ledgerCounts(client);
  for (const [before, group] of left) {
    // In the order of pseudonyms: the first one stands for all.
    const person = group[0]?.id ?? before;
    await store.addSubjects(
      client,
      group.map((subject) => ({ ...subject, person })),
    );
    const mine = parts.filter((part) => group.some((subject) => subject.id === part.subject));
    await addPartsBack(client, mine);
    const slots = [...new Set(mine.flatMap((part) => part.slots))];
    await store.replacePersonSlots(client, [], slots.length === 0 ? [] : [{ person, slots }]);
    const kept = days
      .filter((one) => one.person === before)
      .map((one) => ({ person, day: one.day, slots: one.slots.filter((slot) => slots.includes(slot)) }))
      .filter((one) => one.slots.length > 0);
    await store.replaceDays(client, [], kept);
    counted.people(group[0]?.about ?? 'person', slots, 1);
    for (const one of kept) counted.day(one.day, one.slots, 1);
  }
  await counted.write();
  await forgetUnused(client);
  return left.size === 0;
}

/** Takes whole persons and organisations out of all tables and counts. */
async function forget(client: pg.PoolClient, subjects: readonly LedgerSubject[]): Promise<void> {
  if (subjects.length === 0) return;
  const abouts = new Map(subjects.map((subject) => [subject.person, subject.about]));
  const persons = [...abouts.keys()];
  const counted = await ledgerCounts(client);
  for (const [person, slots] of await store.readPersonSlots(client, persons)) {
    counted.people(abouts.get(person) ?? 'person', slots, -1);
  }
  for (const { day, slots } of await store.readDaysOf(client, persons)) counted.day(day, slots, -1);
  await counted.write();
  await store.replacePersonSlots(client, persons, []);
  await store.replaceDays(client, persons, []);
  const ids = plainArray(subjects.map((subject) => subject.id));
  await client.query(
    `DELETE FROM exposure_part part USING exposure_profile profile
      WHERE part.profile = profile.id AND part.subject = ANY ($1::bigint[])`,
    [ids],
  );
  await client.query('DELETE FROM subject WHERE id = ANY ($1::bigint[])', [ids]);
}

/** Counts of people, gathered and written at once. */
async function ledgerCounts(client: pg.PoolClient) {
  const slots = new Map((await store.readSlots(client)).map((slot) => [slot.id, slot]));
  const slotOf = (id: number): Slot => {
    const slot = slots.get(id);
    if (slot === undefined) throw new Error(`slot ${id} of the ledger is not there`);
    return slot;
  };
  const groups = new Map<About, Membership<store.CountedScope>>();
  const days = new Map<number, Membership<{ vendor: string; class: string }>>();
  return {
    people(about: About, ids: Iterable<number>, change: 1 | -1): void {
      const there =
        groups.get(about) ??
        new Membership((id: number) => scopesOf(slotOf(id)).map((scope) => ({ ...scope, about })));
      groups.set(about, there);
      there.count(ids, change);
    },
    day(day: number, ids: Iterable<number>, change: 1 | -1): void {
      const there = days.get(day) ?? new Membership((id: number) => sentClassOf(slotOf(id)));
      days.set(day, there);
      there.count(ids, change);
    },
    async write(): Promise<void> {
      await store.addToCounts(
        client,
        [...groups.values()].flatMap((group) => group.changes()),
      );
      await store.addToDayCounts(
        client,
        [...days].flatMap(([day, group]) =>
          group.changes().map(({ of, change }) => ({ of: { ...of, day }, change })),
        ),
      );
      await client.query('DELETE FROM people_count WHERE people = 0');
      await client.query('DELETE FROM people_day WHERE people = 0');
    },
  };
}

interface Part extends store.NewPart {
  slots: number[];
}

async function partsOf(client: pg.PoolClient, subjects: readonly LedgerSubject[]): Promise<Part[]> {
  const found = await client.query<Part>(
    `SELECT part.profile, part.subject, extract(epoch FROM part.first_seen_at)::float8 * 1000 AS first,
        extract(epoch FROM part.last_seen_at)::float8 * 1000 AS last, part.crossings, profile.slots
      FROM exposure_profile profile
        JOIN exposure_part part ON part.profile = profile.id AND part.subject = ANY ($1::bigint[])`,
    [plainArray(subjects.map((subject) => subject.id))],
  );
  return found.rows;
}

/** As they were. */
async function addPartsBack(client: pg.PoolClient, parts: readonly Part[]): Promise<void> {
  await store.addParts(
    client,
    parts.map((part) => ({ ...part, first: Math.round(part.first), last: Math.round(part.last) })),
  );
}

/** A rebuild makes no slot and no profile that nobody is in. */
async function forgetUnused(client: pg.PoolClient): Promise<void> {
  await client.query(
    `DELETE FROM exposure_profile profile
      WHERE NOT EXISTS (SELECT FROM exposure_part part WHERE part.profile = profile.id)`,
  );
  await client.query(
    `DELETE FROM exposure_slot slot
      WHERE NOT EXISTS (SELECT FROM exposure_profile profile WHERE profile.slots @> ARRAY[slot.id])`,
  );
}
