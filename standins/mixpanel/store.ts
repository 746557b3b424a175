import { funnelCounts } from './funnel.ts';
import { IdentityGraph, readIdentifiers, readMerge } from './identity.ts';
import { applyUpdate, type Properties } from './profile.ts';

/** One event as the vendor stores it: the token is gone, all else is as it came. */
export interface StoredEvent {
  event: string;
  properties: Properties;
  distinctId: string | null;
  /** Seconds since 1970: the event's own time if it has one, else that of arrival. */
  time: number;
  /** The address that the vendor geolocated this event by; null if it was told not to. */
  geolocatedFrom: string | null;
  /** Index of the request that brought it. */
  request: number;
}

/** All that the vendor holds about one person, under all ids it merged. */
export interface StoredPerson {
  id: string;
  ids: string[];
  profile: Properties;
  /** In the order of their times. */
  events: StoredEvent[];
}

export interface StoredGroup {
  key: string;
  id: string;
  profile: Properties;
}

/** Where an update or event came from. */
export interface Arrival {
  request: number;
  /** Milliseconds since 1970. */
  at: number;
  /** The address to geolocate by when nothing better is given; null if not asked for. */
  geolocateFrom: string | null;
}

const SECONDS_LIMIT = 100_000_000_000;

/** The vendor takes seconds or milliseconds. */
function eventTime(value: unknown, arrival: Arrival): number {
  const given = typeof value === 'string' ? Number(value) : value;
  if (typeof given !== 'number' || !Number.isFinite(given)) return arrival.at / 1000;
  return given > SECONDS_LIMIT ? given / 1000 : given;
}

/** What a stand-in for Mixpanel holds: events, profiles and groups, with identities merged as the vendor merges them. */
export class MixpanelStore {
  readonly events: StoredEvent[] = [];
  readonly groups = new Map<string, StoredGroup>();
  /** Updates of profiles and groups that were taken. */
  updates = 0;
  readonly #profiles = new Map<string, { properties: Properties; order: number }>();
  readonly #identity = new IdentityGraph();
  readonly #seen = new Set<string>();

  /** Stores an event; one with an `$insert_id` that was already there for this person, name and time is not stored twice. */
  track(name: string, given: Properties, arrival: Arrival): void {
    const { token: _token, ip, ...properties } = given;
    const identifiers = readIdentifiers(properties);
    const time = eventTime(properties.time, arrival);
    if (typeof properties.$insert_id === 'string') {
      const key = JSON.stringify([name, identifiers.distinct, time, properties.$insert_id]);
      if (this.#seen.has(key)) return;
      this.#seen.add(key);
    }
    if (identifiers.distinct !== null) this.#identity.add(identifiers.distinct);
    for (const [a, b] of [...identifiers.same, ...readMerge(name, properties)]) this.#identity.merge(a, b);
    this.events.push({
      event: name,
      properties,
      distinctId: identifiers.distinct,
      time,
      geolocatedFrom: typeof ip === 'string' && ip !== '' ? ip : arrival.geolocateFrom,
      request: arrival.request,
    });
  }

  /** Applies one profile update. Returns false when it names no person. */
  engage(update: Properties, arrival: Arrival): boolean {
    const identifiers = readIdentifiers(update);
    const id = identifiers.distinct;
    if (id === null) return false;
    this.#identity.add(id);
    this.updates += 1;
    for (const [a, b] of identifiers.same) this.#identity.merge(a, b);
    if ('$delete' in update) {
      this.#profiles.delete(id);
      return true;
    }
    const held = this.#profiles.get(id)?.properties ?? {};
    const from = typeof update.$ip === 'string' && update.$ip !== '0' ? update.$ip : arrival.geolocateFrom;
    const properties = applyUpdate(held, update);
    if (from !== null) properties.$geolocated_from = from;
    this.#profiles.set(id, { properties, order: arrival.request });
    return true;
  }

  /** Applies one group update. Returns false when it names no group. */
  group(update: Properties): boolean {
    const key = update.$group_key;
    const id = update.$group_id;
    if (typeof key !== 'string' || (typeof id !== 'string' && typeof id !== 'number')) return false;
    const place = JSON.stringify([key, id]);
    this.updates += 1;
    if ('$delete' in update) {
      this.groups.delete(place);
      return true;
    }
    const held = this.groups.get(place)?.profile ?? {};
    this.groups.set(place, { key, id: String(id), profile: applyUpdate(held, update) });
    return true;
  }

  /** Everyone the vendor knows of, in the order in which it first heard of them. */
  people(): StoredPerson[] {
    const people = new Map<string, StoredPerson>();
    const person = (id: string): StoredPerson => {
      const root = this.#identity.personOf(id);
      const known = people.get(root);
      if (known !== undefined) return known;
      const fresh: StoredPerson = { id: root, ids: [], profile: {}, events: [] };
      people.set(root, fresh);
      return fresh;
    };
    for (const id of this.#identity.ids()) person(id).ids.push(id);
    for (const event of this.events)
      if (event.distinctId !== null) person(event.distinctId).events.push(event);
    const profiles = [...this.#profiles].sort(([, a], [, b]) => a.order - b.order);
    for (const [id, { properties }] of profiles) Object.assign(person(id).profile, properties);
    for (const one of people.values()) one.events.sort((a, b) => a.time - b.time || a.request - b.request);
    return [...people.values()];
  }

  /** Rows of a full export: events, profiles of people, groups. */
  rows(): number {
    return this.events.length + this.#profiles.size + this.groups.size;
  }

  /** How many people came as far as each step, in order, by the names that the vendor holds. */
  funnel(steps: readonly string[]): number[] {
    return funnelCounts(this.people(), steps);
  }
}
