import { type RawBuilder, sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import { sendingTreatments } from './facts.ts';

/** What vendors may have held in a window of time, of all that they were seen to get. */

/** A kind of data that a vendor got in one treatment. */
export interface Kind {
  vendor: string;
  class: string;
  treatment: string;
}

export interface HeldQuestion {
  vendors: readonly string[];
  /** The window, in ms: both ends belong to it. */
  from: number;
  to: number;
  /** Whether data of the class counts at all: left out, all does. */
  goes?(vendor: string, fieldClass: string): boolean;
  /** Up to when it is proven that the vendor deleted data of the class, in ms; null: nothing is proven. */
  deletedUntil(vendor: string, fieldClass: string): number | null;
  /** Since when the vendor still had data of the class at `from`, if it kept to what it declared, in ms; null: it declared nothing. */
  keptSince(vendor: string, fieldClass: string): number | null;
}

/** People, each once, however many names of theirs crossed. */
export interface Reached {
  /** That the vendor may have held: all that crossed up to the end of the window and is not proven deleted. */
  people: number;
  /** Of these, those that it still held if it kept to its declared retention; equal where it declared none. */
  peopleAsDeclared: number;
  /** Of these, those of whom something may have crossed in the window itself. */
  peopleInWindow: number;
  organisations: number;
}

export interface HeldKind extends Kind, Reached {}

/** People of whom the same kinds of data were held. */
export interface HeldGroup {
  kinds: readonly Kind[];
  people: number;
}

export interface Held extends Reached {
  kinds: readonly HeldKind[];
  /** The largest first. */
  groups: readonly HeldGroup[];
}

interface SlotRow extends Kind {
  id: number;
}
interface ProfileRow {
  id: number;
  slots: number[];
}

/** Kinds fit into whole numbers of 8 bytes, so many in each: the sign stays out of it. */
const BITS = 62;

/**
 * Counts exactly, from the rows of single subjects: a kind of data is held of a person if it crossed by the end of the window
 * and not only before its deletion was proven. What crossed both before the window and after it counts as crossing in it.
 */
export async function heldBy(platform: Pick<Platform, 'db'>, question: HeldQuestion): Promise<Held> {
  const all = await sentSlots(platform, question.vendors);
  const slots = all.filter((slot) => question.goes?.(slot.vendor, slot.class) ?? true);
  const kinds = [...new Map(slots.map((slot) => [kindText(slot), kindOf(slot)])).values()];
  if (kinds.length === 0) return { ...nobody, kinds: [], groups: [] };
  const placeOf = new Map(kinds.map((kind, place) => [kindText(kind), place]));
  const kindOfSlot = new Map(slots.map((slot) => [slot.id, placeOf.get(kindText(slot)) ?? 0]));
  const profiles = await profilesWith(platform, [...kindOfSlot.keys()]);
  const rows = profiles.flatMap((profile) => gatesOf(profile, kindOfSlot, kinds, question));
  const found = await countTogether(platform, rows, Math.ceil(kinds.length / BITS), question);
  return added(kinds, found);
}

/** A person of the ledger, with all names by which the ledger knows them. */
export interface HeldPerson {
  person: string;
  pseudonyms: string[];
}

/**
 * The people that `heldBy` counts, one after another in the order of their numbers: the next `limit` of them after a person, or
 * from the first on.
 */
export async function peopleHeld(
  platform: Pick<Platform, 'db'>,
  question: HeldQuestion,
  after: string | null,
  limit: number,
): Promise<HeldPerson[]> {
  const gates = await gatesOfPeople(platform, question);
  if (gates === null) return [];
  const found = await sql<HeldPerson>`
    WITH ${gates},
    held AS (
      SELECT s.person FROM subject s
      WHERE s.about = 'person' AND s.person > ${after ?? '-1'}::bigint AND EXISTS (
        SELECT FROM exposure_part part JOIN gate ON gate.profile = part.profile
        WHERE part.subject = s.id AND part.first_seen_at <= ${new Date(question.to)} AND part.last_seen_at > gate.after)
      GROUP BY s.person ORDER BY s.person LIMIT ${limit})
    SELECT held.person::text AS person, array_agg(s.pseudonym ORDER BY s.pseudonym) AS pseudonyms
    FROM held JOIN subject s ON s.person = held.person AND s.about = 'person'
    GROUP BY held.person ORDER BY held.person`.execute(platform.db);
  return found.rows;
}

/** People of whom the same is known beside what was held: of where they are, and what they read. Null: nobody says. */
export interface HeldPlace {
  country: string | null;
  language: string | null;
  people: number;
}

/**
 * The people that `heldBy` counts, by where they are and what they read: the most first.
 *
 * @param places a table of pseudonyms with country and language; where it says several of one person, the first by its code counts
 */
export async function heldPlaces(
  platform: Pick<Platform, 'db'>,
  question: HeldQuestion,
  places: RawBuilder<{ pseudonym: string; country: string | null; language: string | null }>,
): Promise<HeldPlace[]> {
  const gates = await gatesOfPeople(platform, question);
  if (gates === null) return [];
  const found = await sql<{ country: string | null; language: string | null; people: string }>`
    WITH ${gates}, held AS (
      -- By subject first: there are far fewer of them than of rows, which is what the join with people costs.
      SELECT s.person FROM (
        SELECT part.subject FROM exposure_part part JOIN gate ON gate.profile = part.profile
        WHERE part.first_seen_at <= ${new Date(question.to)} AND part.last_seen_at > gate.after
        GROUP BY part.subject) AS touched JOIN subject s ON s.id = touched.subject
      WHERE s.about = 'person' GROUP BY s.person),
    placed AS (
      SELECT s.person, min(place.country) AS country, min(place.language) AS language
      FROM (${places}) AS place JOIN subject s ON s.pseudonym = place.pseudonym AND s.about = 'person'
      GROUP BY s.person)
    SELECT placed.country, placed.language, count(*) AS people
    FROM held LEFT JOIN placed ON placed.person = held.person
    GROUP BY placed.country, placed.language
    ORDER BY people DESC, placed.country, placed.language`.execute(platform.db);
  return found.rows.map((row) => ({ ...row, people: Number(row.people) }));
}

/** When rows of a profile count, as the table `gate`; null: nothing of the question was ever sent. */
async function gatesOfPeople(
  platform: Pick<Platform, 'db'>,
  question: HeldQuestion,
): Promise<RawBuilder<unknown> | null> {
  const all = await sentSlots(platform, question.vendors);
  const slots = all.filter((slot) => question.goes?.(slot.vendor, slot.class) ?? true);
  if (slots.length === 0) return null;
  const kinds = [...new Map(slots.map((slot) => [kindText(slot), kindOf(slot)])).values()];
  const placeOf = new Map(kinds.map((kind, place) => [kindText(kind), place]));
  const kindOfSlot = new Map(slots.map((slot) => [slot.id, placeOf.get(kindText(slot)) ?? 0]));
  const profiles = await profilesWith(platform, [...kindOfSlot.keys()]);
  const gates = profiles.flatMap((profile) => gatesOf(profile, kindOfSlot, kinds, question));
  return sql`gate AS MATERIALIZED (
    SELECT profile, min(coalesce(after, '-infinity'::timestamptz)) AS after FROM unnest(
      ${gates.map(({ profile }) => profile)}::integer[],
      ${gates.map((gate) => (gate.after === null ? null : new Date(gate.after)))}::timestamptz[]
    ) AS gate (profile, after) GROUP BY profile)`;
}

const nobody: Reached = { people: 0, peopleAsDeclared: 0, peopleInWindow: 0, organisations: 0 };
const kindOf = ({ vendor, class: fieldClass, treatment }: Kind): Kind => ({
  vendor,
  class: fieldClass,
  treatment,
});
const kindText = (kind: Kind): string => JSON.stringify([kind.vendor, kind.class, kind.treatment]);

async function sentSlots({ db }: Pick<Platform, 'db'>, vendors: readonly string[]): Promise<SlotRow[]> {
  const found = await sql<SlotRow>`
    SELECT id, vendor, class, treatment FROM exposure_slot
    WHERE vendor = ANY (${[...vendors]}) AND treatment = ANY (${sendingTreatments})
    ORDER BY vendor, class, treatment, id`.execute(db);
  return found.rows;
}

async function profilesWith({ db }: Pick<Platform, 'db'>, slots: readonly number[]): Promise<ProfileRow[]> {
  const found = await sql<ProfileRow>`
    SELECT id, slots FROM exposure_profile WHERE slots && ${[...slots]}::integer[]`.execute(db);
  return found.rows;
}

/** What rows of a profile say, if their last crossing was later than `after`. */
interface Gate {
  profile: number;
  after: number | null;
  keptSince: number | null;
  kinds: readonly number[];
}

/** Kinds of a profile that stop to count at the same times go together. */
function gatesOf(
  { id, slots }: ProfileRow,
  kindOfSlot: ReadonlyMap<number, number>,
  kinds: readonly Kind[],
  question: HeldQuestion,
): Gate[] {
  const gates = new Map<string, { after: number | null; keptSince: number | null; kinds: number[] }>();
  for (const slot of slots) {
    const place = kindOfSlot.get(slot);
    const kind = place === undefined ? undefined : kinds[place];
    if (place === undefined || kind === undefined) continue;
    const after = question.deletedUntil(kind.vendor, kind.class);
    const keptSince = question.keptSince(kind.vendor, kind.class);
    const key = `${after} ${keptSince}`;
    const gate = gates.get(key) ?? { after, keptSince, kinds: [] };
    gate.kinds.push(place);
    gates.set(key, gate);
  }
  return [...gates.values()].map((gate) => ({ profile: id, ...gate }));
}

function maskOf(places: readonly number[], word: number): string {
  let mask = 0n;
  for (const place of places) if (Math.floor(place / BITS) === word) mask |= 1n << BigInt(place % BITS);
  return String(mask);
}

interface Together {
  about: 'person' | 'organisation' | 'nobody';
  people: number;
  /** Words of bits: held, held as declared, in the window. */
  held: string[];
  declared: string[];
  inside: string[];
}

/** People with the same kinds, counted in one pass over the rows of the profiles. */
async function countTogether(
  { db }: Pick<Platform, 'db'>,
  gates: readonly Gate[],
  words: number,
  { from, to }: HeldQuestion,
): Promise<Together[]> {
  const places = Array.from({ length: words }, (_, word) => word);
  const column = (name: string, word: number) => sql.ref(`${name}${word}`);
  const list = (make: (word: number) => RawBuilder<unknown>) => sql.join(places.map(make));
  const time = (at: number | null) => (at === null ? null : new Date(at));
  const found = await sql<Together>`
    WITH gate AS MATERIALIZED (
      SELECT * FROM unnest(
        ${gates.map(({ profile }) => profile)}::integer[],
        ${gates.map(({ after }) => time(after))}::timestamptz[],
        ${gates.map(({ keptSince }) => time(keptSince))}::timestamptz[],
        ${list((word) => sql`${gates.map(({ kinds }) => maskOf(kinds, word))}::bigint[]`)}
      ) AS gate (profile, after, since, ${list((word) => column('mask', word))})),
    -- By subject first: there are far fewer of them than of rows, which is what the join with people costs.
    named AS (
      SELECT subject,
        ${list((word) => sql`bit_or(${column('mask', word)}) AS ${column('held', word)}`)},
        ${list(
          (
            word,
          ) => sql`bit_or(CASE WHEN since IS NULL OR last_seen_at >= since THEN ${column('mask', word)} ELSE 0 END)
            AS ${column('declared', word)}`,
        )},
        ${list(
          (
            word,
          ) => sql`bit_or(CASE WHEN last_seen_at >= ${new Date(from)} THEN ${column('mask', word)} ELSE 0 END)
            AS ${column('inside', word)}`,
        )}
      FROM exposure_part part JOIN gate ON gate.profile = part.profile
      WHERE first_seen_at <= ${new Date(to)} AND (after IS NULL OR last_seen_at > after)
      GROUP BY subject),
    one AS (
      SELECT person, about, ${list((word) => sql.join(['held', 'declared', 'inside'].map((name) => sql`bit_or(${column(name, word)}) AS ${column(name, word)}`)))}
      FROM named JOIN subject s ON s.id = subject GROUP BY person, about)
    SELECT about, count(*) AS people,
      ARRAY[${list((word) => sql`${column('held', word)}`)}]::text[] AS held,
      ARRAY[${list((word) => sql`${column('declared', word)}`)}]::text[] AS declared,
      ARRAY[${list((word) => sql`${column('inside', word)}`)}]::text[] AS inside
    FROM one GROUP BY about, ${list((word) => column('held', word))},
      ${list((word) => column('declared', word))}, ${list((word) => column('inside', word))}`.execute(db);
  return found.rows;
}

function placesIn(words: readonly string[]): number[] {
  return words.flatMap((word, at) => {
    const places: number[] = [];
    let rest = BigInt(word);
    for (let bit = 0; rest !== 0n; bit += 1, rest >>= 1n)
      if ((rest & 1n) === 1n) places.push(at * BITS + bit);
    return places;
  });
}

function added(kinds: readonly Kind[], found: readonly Together[]): Held {
  const all = { ...nobody };
  const byKind = kinds.map((kind) => ({ ...kind, ...nobody }));
  const groups = new Map<string, HeldGroup>();
  for (const { about, people, held, declared, inside } of found) {
    const places = placesIn(held);
    if (about === 'nobody' || places.length === 0) continue;
    if (about === 'organisation') {
      all.organisations += people;
      for (const place of places) count(byKind[place], 'organisations', people);
      continue;
    }
    const [asDeclared, inWindow] = [placesIn(declared), placesIn(inside)];
    all.people += people;
    if (asDeclared.length > 0) all.peopleAsDeclared += people;
    if (inWindow.length > 0) all.peopleInWindow += people;
    for (const place of places) count(byKind[place], 'people', people);
    for (const place of asDeclared) count(byKind[place], 'peopleAsDeclared', people);
    for (const place of inWindow) count(byKind[place], 'peopleInWindow', people);
    const key = held.join();
    const group = groups.get(key);
    groups.set(key, {
      kinds: group?.kinds ?? places.flatMap((place) => kinds[place] ?? []),
      people: (group?.people ?? 0) + people,
    });
  }
  return { ...all, kinds: byKind, groups: [...groups.values()].sort((a, b) => b.people - a.people) };
}

function count(into: Reached | undefined, which: keyof Reached, people: number): void {
  if (into !== undefined) into[which] += people;
}
