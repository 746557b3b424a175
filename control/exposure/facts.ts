import {
  type About,
  aboutOf,
  effectiveTreatment,
  type ProjectedEntry,
  subjectText,
} from '../crossings/index.ts';

/** Where something was seen: everything of an exposure but the subject. */
export interface Slot {
  vendor: string;
  connection: string;
  app: string;
  class: string;
  treatment: string;
}

export interface Subject {
  about: About;
  pseudonym: string;
  /** The kind of identifier; null: none was said, it was only seen beside another one. */
  kind: string | null;
}

/** What one crossing says of one subject, over a batch. Numbers are places in the lists of Facts; times milliseconds. */
export interface Sighting {
  profile: number;
  subject: number;
  first: number;
  last: number;
  crossings: number;
}

/** What was seen of a person on a UTC day: days since 1970, and places in the list of profiles. */
export interface DaySighting {
  subject: number;
  day: number;
  profiles: Set<number>;
}

/** What a batch of entries says about exposure. */
export interface Facts {
  slots: readonly Slot[];
  /** Slots that were seen together, each list in rising order. */
  profiles: readonly (readonly number[])[];
  subjects: readonly Subject[];
  sightings: readonly Sighting[];
  /** Subjects that were found beside each other: the same person. */
  links: readonly (readonly [number, number])[];
  days: readonly DaySighting[];
}

/** The treatments after which the vendor has something: the value, or what it was made into. */
export const sendingTreatments: readonly string[] = ['pass', 'generalise', 'pseudonymise', 'tokenise'];
export const isSent = (treatment: string): boolean => sendingTreatments.includes(treatment);

/** No text of a journal entry holds it: ingest refuses those that do. */
const SEPARATOR = '\u0000';
export const slotKey = (slot: Slot): string =>
  [slot.vendor, slot.connection, slot.app, slot.class, slot.treatment].join(SEPARATOR);

/** Better kinds first: where one pseudonym was seen as several, the best one is shown. */
const kindOrder = ['user', 'email', 'device', 'group'];
export function betterKind(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return kindOrder.indexOf(a) <= kindOrder.indexOf(b) ? a : b;
}

const DAY_MS = 24 * 3600_000;
/** Two small whole numbers as one: a key without text, as there are many. */
const PAIR = 2 ** 26;
const pairKey = (a: number, b: number): number => a * PAIR + b;

/**
 * Reads the facts off a batch. Links count where the crossing was forwarded and between people's identifiers only: a
 * group is no one's second name.
 */
export function factsOf(entries: readonly ProjectedEntry[]): Facts {
  const slots = new Numbered<Slot>();
  const profiles = new Numbered<readonly number[]>();
  const subjects = new Numbered<Subject>();
  const sightings = new Map<number, Sighting>();
  const days = new Map<number, DaySighting>();
  const links: [number, number][] = [];

  const numberOf = (subject: Subject): number => {
    const number = subjects.number(subjectText(subject), subject);
    const there = subjects.list[number];
    if (there !== undefined) there.kind = betterKind(there.kind, subject.kind);
    return number;
  };
  for (const { entry: leaf, items } of entries) {
    if (leaf.type !== 'crossing') continue;
    const slotsOf = new Map<number, Set<number>>();
    for (const item of items) {
      const about = aboutOf(item);
      const subject = numberOf({ about, pseudonym: item.s ?? '', kind: item.s === null ? null : item.k });
      if (about === 'person' && leaf.decision === 'forwarded') {
        for (const pseudonym of item.l) links.push([subject, numberOf({ about, pseudonym, kind: null })]);
      }
      const seen = slotsOf.get(subject) ?? new Set<number>();
      slotsOf.set(subject, seen);
      for (const [, fieldClass, given] of item.f) {
        const treatment = effectiveTreatment(leaf.decision, given);
        const { vendor, connection, app } = leaf;
        const where = { vendor, connection, app, class: fieldClass, treatment };
        seen.add(slots.number(slotKey(where), where));
      }
    }
    const day = Math.floor(leaf.at / DAY_MS);
    for (const [subject, seen] of slotsOf) {
      if (seen.size === 0) continue;
      const together = Uint32Array.from(seen).sort();
      const profile = profiles.number(together.join(), [...together]);
      addSighting(sightings, { profile, subject, first: leaf.at, last: leaf.at, crossings: 1 });
      if (subjects.list[subject]?.about === 'person') addDay(days, subject, day, profile);
    }
  }
  return {
    slots: slots.list,
    profiles: profiles.list,
    subjects: subjects.list,
    sightings: [...sightings.values()],
    links,
    days: [...days.values()],
  };
}

/** Gives each new key the next place in a list. */
class Numbered<T> {
  readonly list: T[] = [];
  readonly #numbers = new Map<string, number>();

  number(key: string, value: T): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.list.length);
    return this.list.push(value) - 1;
  }
}

function addSighting(sightings: Map<number, Sighting>, seen: Sighting): void {
  const key = pairKey(seen.profile, seen.subject);
  const there = sightings.get(key);
  if (there === undefined) {
    sightings.set(key, seen);
    return;
  }
  there.first = Math.min(there.first, seen.first);
  there.last = Math.max(there.last, seen.last);
  there.crossings += 1;
}

function addDay(days: Map<number, DaySighting>, subject: number, day: number, profile: number): void {
  const key = pairKey(day, subject);
  const there = days.get(key);
  if (there === undefined) days.set(key, { subject, day, profiles: new Set([profile]) });
  else there.profiles.add(profile);
}
