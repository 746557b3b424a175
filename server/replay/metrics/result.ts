import type { MixpanelStore, OpenaiCall, StoredPerson } from '@drawbridge/standins';
import type { Person, Population } from '../population/person.ts';
import { factCounts, heldFacts } from './held.ts';
import { joinable, valuesOf } from './joinable.ts';
import { type FactKind, factKinds, type KnownValues } from './known.ts';
import { stringsOf } from './strings.ts';
import { type Trajectories, trajectories } from './trajectory.ts';
import { personAttributes, unicity } from './unicity.ts';

/** What a thief of both vendors' whole stores has after one pass. */
export interface PassResult {
  /** Rows of the analytics vendor's export: events, profiles, groups. */
  rows: number;
  /** People with an e-mail address or phone number anywhere in what the analytics vendor holds. */
  peopleReachable: number;
  /** Share of people unique on person-level attributes; pseudonyms, ids and event times excluded. */
  unicity: number;
  /** Mean number of kinds of facts per person that a stranger could quote. */
  quotableFactsPerPerson: number;
  /** People linked between the two vendors' stores by exact equality of a value. */
  joinable: number;
  people: number;
  unicityWithPseudonyms: number;
  trajectoryUnicity: Trajectories;
  /** The attributes that unicity was taken over. */
  attributes: string[];
  facts: { fact: FactKind; people: number }[];
  /** How many people have so many kinds of facts held about them, from 0 up; and how many of these are reachable. */
  factsPerPerson: { facts: number; people: number; reachable: number }[];
  ai: { calls: number; peopleReachable: number };
}

/** What a pass left with the vendors. */
export interface Stolen {
  mixpanel: MixpanelStore;
  openai: readonly OpenaiCall[];
}

/** The vendor's names of events could not be read off the first person's journey. */
export class NameTableError extends Error {
  readonly code = 'replay_names_unreadable';
  constructor(what: string) {
    super(`The vendor's event names can't be told from the first person's journey: ${what}.`);
    this.name = 'NameTableError';
  }
}

/**
 * The names that the vendor holds for the app's event names, as an analyst finds them who knows what one test user
 * did: the first person did everything once, in a known order, before anybody else. Throws NameTableError.
 */
export function nameTable(store: MixpanelStore, first: Person): Map<string, string> {
  const done = [
    ...first.visits.filter((visit) => visit.by === 'browser'),
    ...first.visits.filter((visit) => visit.by === 'server'),
  ];
  const held = store.events.filter((event) => !event.event.startsWith('$')).slice(0, done.length);
  if (held.length < done.length)
    throw new NameTableError(`${done.length} events went in, ${held.length} are held`);
  const table = new Map(done.map((visit, index) => [visit.name, held[index]?.event ?? '']));
  if (new Set(table.values()).size !== table.size) throw new NameTableError('two names became one');
  return table;
}

/** The funnel as the vendor counts it, asked by the names that it holds. */
export function vendorFunnel(store: MixpanelStore, first: Person, steps: readonly string[]): number[] {
  const table = nameTable(store, first);
  return store.funnel(
    steps.map((step) => {
      const name = table.get(step);
      if (name === undefined) throw new NameTableError(`the first person did not do "${step}"`);
      return name;
    }),
  );
}

function heldValues(person: StoredPerson): Set<string> {
  const events = person.events.map(({ event, properties, geolocatedFrom }) => [
    event,
    properties,
    geolocatedFrom,
  ]);
  return valuesOf([person.ids, person.profile, events]);
}

function reachableInCalls(calls: readonly OpenaiCall[], population: Population): number {
  const text = stringsOf(calls.map((call) => [call.body, call.caller]));
  const words = new Set([...text].flatMap((one) => one.split(/[^A-Za-z0-9.@_+-]+/)));
  return population.people.filter((person) => words.has(person.email) || text.has(person.phone ?? '\0'))
    .length;
}

/** Computes the figures of one pass. `isPseudonym` decides on text that has a pseudonym's form. */
export function passResult(
  stolen: Stolen,
  population: Population,
  known: KnownValues,
  isPseudonym: (text: string) => boolean,
): PassResult {
  const people = stolen.mixpanel.people();
  const held = people.map((person) => heldFacts(person, known));
  const attributes = personAttributes(people, isPseudonym);
  const factTotal = held.reduce((sum, one) => sum + one.facts.size, 0);
  return {
    rows: stolen.mixpanel.rows(),
    peopleReachable: held.filter((one) => one.reachable).length,
    unicity: unicity(attributes.rows),
    quotableFactsPerPerson: people.length === 0 ? 0 : factTotal / people.length,
    joinable: joinable(
      people.map(heldValues),
      stolen.openai.map((call) => valuesOf([call.body, call.caller])),
    ),
    people: people.length,
    unicityWithPseudonyms: unicity(personAttributes(people, null).rows),
    trajectoryUnicity: trajectories(people),
    // A property's name may itself hold an address: the report must not.
    attributes: [
      ...new Set(
        attributes.names.map((name) => (name.includes('@') ? '(a name with an address in it)' : name)),
      ),
    ],
    facts: factCounts(held),
    factsPerPerson: Array.from({ length: factKinds.length + 1 }, (_, facts) => {
      const these = held.filter((one) => one.facts.size === facts);
      return { facts, people: these.length, reachable: these.filter((one) => one.reachable).length };
    }).filter((row) => row.people > 0),
    ai: { calls: stolen.openai.length, peopleReachable: reachableInCalls(stolen.openai, population) },
  };
}
