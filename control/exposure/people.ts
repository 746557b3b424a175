import { isSent, type Slot } from './facts.ts';

/** The subjects that are known to be one person, under the smallest pseudonym among them. */
export interface Person {
  id: number;
  pseudonym: string;
}

/**
 * Joins persons by links. Returns, for every person that is no longer its own, the id of the one it belongs to: the
 * one with the smallest pseudonym, whatever the order of the links. `persons`: all that occur in `links`, by id.
 */
export function joinPersons(
  persons: ReadonlyMap<number, Person>,
  links: readonly (readonly [number, number])[],
): Map<number, number> {
  const above = new Map<number, number>();
  const top = (id: number): number => {
    let at = id;
    for (let next = above.get(at); next !== undefined; next = above.get(at)) at = next;
    for (let next = above.get(id); next !== undefined && next !== at; next = above.get(id)) {
      above.set(id, at);
      id = next;
    }
    return at;
  };
  const pseudonym = (id: number): string => persons.get(id)?.pseudonym ?? '';
  for (const [a, b] of links) {
    const [x, y] = [top(a), top(b)];
    if (x === y) continue;
    if (pseudonym(x) < pseudonym(y)) above.set(y, x);
    else above.set(x, y);
  }
  return new Map([...above.keys()].map((id) => [id, top(id)]));
}

/** What a person counts for: empty parts mean that the scope is wider. */
export interface Scope {
  vendor: string;
  connection: string;
  class: string;
  treatment: string;
}
const scopeKey = (scope: Scope): string => JSON.stringify(Object.values(scope));

/** The scopes in which somebody who was seen in these slots is counted, each once. */
export function scopesOf(slots: Iterable<Slot>): Map<string, Scope> {
  const scopes = new Map<string, Scope>();
  const add = (scope: Scope) => scopes.set(scopeKey(scope), scope);
  for (const { vendor, connection, class: fieldClass, treatment } of slots) {
    add({ vendor, connection: '', class: fieldClass, treatment });
    add({ vendor, connection, class: fieldClass, treatment });
    if (!isSent(treatment)) continue;
    add({ vendor: '', connection: '', class: '', treatment: '' });
    add({ vendor, connection: '', class: '', treatment: '' });
    add({ vendor, connection, class: '', treatment: '' });
  }
  return scopes;
}

/** Vendor and field class pairs of which something was sent in these slots, each once. */
export function sentClassesOf(slots: Iterable<Slot>): Map<string, { vendor: string; class: string }> {
  const classes = new Map<string, { vendor: string; class: string }>();
  for (const slot of slots) {
    if (!isSent(slot.treatment)) continue;
    const one = { vendor: slot.vendor, class: slot.class };
    classes.set(JSON.stringify([one.vendor, one.class]), one);
  }
  return classes;
}

/** Adds up who came into a scope and who left it. */
export class Tally<T> {
  readonly #changes = new Map<string, { of: T; change: number }>();

  add(key: string, of: T, change: number): void {
    const there = this.#changes.get(key);
    if (there === undefined) this.#changes.set(key, { of, change });
    else there.change += change;
  }

  /** Only what changed. */
  changes(): { of: T; change: number }[] {
    return [...this.#changes.values()].filter((one) => one.change !== 0);
  }
}
