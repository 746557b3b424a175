import { effectiveTreatment, type ProjectedEntry } from '../crossings/index.ts';

/** Where something was seen: everything of an exposure but the subject. */
export interface Slot {
  vendor: string;
  connection: string;
  app: string;
  class: string;
  treatment: string;
}

/** What data speaks of. `nobody`: an item that identifies no one. */
export type About = 'person' | 'organisation' | 'nobody';
export interface Subject {
  about: About;
  pseudonym: string;
}

/** One subject in one slot over a batch. Times in milliseconds since 1970. */
export interface Sighting {
  slot: string;
  subject: string;
  first: number;
  last: number;
  crossings: number;
}

/** What a batch of entries says about exposure. Keys are texts that `slots` and `subjects` explain. */
export interface Facts {
  slots: Map<string, Slot>;
  subjects: Map<string, Subject & { kind: string | null }>;
  sightings: Map<string, Sighting>;
  /** Subject keys that were found beside each other: the same person. */
  links: [string, string][];
  /** Subject and UTC day (YYYY-MM-DD) to the slots in which something was sent. */
  days: Map<string, { subject: string; day: string; slots: Set<string> }>;
}

/** The treatments after which the vendor has something: the value, or what it was made into. */
export const sendingTreatments: readonly string[] = ['pass', 'generalise', 'pseudonymise', 'tokenise'];
export const isSent = (treatment: string): boolean => sendingTreatments.includes(treatment);

/** No text of a journal entry holds it: ingest refuses those that do. */
const separator = '\u0000';
const slotKey = (slot: Slot): string =>
  [slot.vendor, slot.connection, slot.app, slot.class, slot.treatment].join(separator);
export const subjectKey = (subject: Subject): string => `${subject.about} ${subject.pseudonym}`;

/** Better kinds first: where one pseudonym was seen as several, the best one is shown. */
const kindOrder = ['user', 'email', 'device', 'group'];
export function betterKind(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return kindOrder.indexOf(a) <= kindOrder.indexOf(b) ? a : b;
}

/**
 * Reads the facts off a batch. Links count where the crossing was forwarded and between people's identifiers only: a
 * group is no one's second name.
 */
export function factsOf(entries: readonly ProjectedEntry[]): Facts {
  const facts: Facts = {
    slots: new Map(),
    subjects: new Map(),
    sightings: new Map(),
    links: [],
    days: new Map(),
  };
  for (const { entry: leaf, items } of entries) {
    if (leaf.type !== 'crossing') continue;
    const day = new Date(leaf.at).toISOString().slice(0, 10);
    const seen = new Set<string>();
    for (const item of items) {
      const subject: Subject & { kind: string | null } = {
        about: item.s === null ? 'nobody' : item.k === 'group' ? 'organisation' : 'person',
        pseudonym: item.s ?? '',
        kind: item.s === null ? null : item.k,
      };
      const who = addSubject(facts, subject);
      if (subject.about === 'person' && leaf.decision === 'forwarded') {
        for (const pseudonym of item.l) {
          facts.links.push([who, addSubject(facts, { about: 'person', pseudonym, kind: null })]);
        }
      }
      for (const [, fieldClass, treatment] of item.f) {
        const slot: Slot = {
          vendor: leaf.vendor,
          connection: leaf.connection,
          app: leaf.app,
          class: fieldClass,
          treatment: effectiveTreatment(leaf.decision, treatment),
        };
        const where = slotKey(slot);
        const key = `${where}${separator}${who}`;
        if (seen.has(key)) continue;
        seen.add(key);
        if (!facts.slots.has(where)) facts.slots.set(where, slot);
        addSighting(facts, key, where, who, leaf.at);
        if (subject.about === 'person' && isSent(slot.treatment)) addDay(facts, who, day, where);
      }
    }
  }
  return facts;
}

function addSubject(facts: Facts, subject: Subject & { kind: string | null }): string {
  const key = subjectKey(subject);
  const there = facts.subjects.get(key);
  if (there === undefined) facts.subjects.set(key, { ...subject });
  else there.kind = betterKind(there.kind, subject.kind);
  return key;
}

function addSighting(facts: Facts, key: string, slot: string, subject: string, at: number): void {
  const there = facts.sightings.get(key);
  if (there === undefined) {
    facts.sightings.set(key, { slot, subject, first: at, last: at, crossings: 1 });
    return;
  }
  there.first = Math.min(there.first, at);
  there.last = Math.max(there.last, at);
  there.crossings += 1;
}

function addDay(facts: Facts, subject: string, day: string, slot: string): void {
  const key = `${day} ${subject}`;
  const there = facts.days.get(key);
  if (there === undefined) facts.days.set(key, { subject, day, slots: new Set([slot]) });
  else there.slots.add(slot);
}
