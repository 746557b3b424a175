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

/** The scopes in which somebody who was seen in this slot is counted. */
export function scopesOf({ vendor, connection, class: fieldClass, treatment }: Slot): Scope[] {
  const scopes = [
    { vendor, connection: '', class: fieldClass, treatment },
    { vendor, connection, class: fieldClass, treatment },
  ];
  if (!isSent(treatment)) return scopes;
  return [
    ...scopes,
    { vendor: '', connection: '', class: '', treatment: '' },
    { vendor, connection: '', class: '', treatment: '' },
    { vendor, connection, class: '', treatment: '' },
  ];
}

/** The vendor and field class of a slot in which something was sent. */
export function sentClassOf({
  vendor,
  class: fieldClass,
  treatment,
}: Slot): { vendor: string; class: string }[] {
  return isSent(treatment) ? [{ vendor, class: fieldClass }] : [];
}

/**
 * Counts who came into a group and who left it, where membership follows from sets of slots: somebody is in a group
 * once, by however many slots. `groupsOf` says to which groups a slot leads; it is asked once per slot.
 */
export class Membership<Group> {
  readonly #groupsOf: (slot: number) => Group[];
  readonly #groups: Group[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #ofSlot = new Map<number, readonly number[]>();
  readonly #change: number[] = [];
  /** The counting in which a group was counted last. */
  readonly #counted: number[] = [];
  #countings = 0;
  constructor(groupsOf: (slot: number) => Group[]) {
    this.#groupsOf = groupsOf;
  }

  /** Somebody with these slots came (1) or left (-1). */
  count(slots: Iterable<number>, change: 1 | -1): void {
    this.#countings += 1;
    for (const slot of slots) {
      for (const group of this.#numbersOf(slot)) {
        if (this.#counted[group] === this.#countings) continue;
        this.#counted[group] = this.#countings;
        this.#change[group] = (this.#change[group] ?? 0) + change;
      }
    }
  }

  /** Only groups that changed. */
  changes(): { of: Group; change: number }[] {
    return this.#groups
      .map((of, n) => ({ of, change: this.#change[n] ?? 0 }))
      .filter((one) => one.change !== 0);
  }

  #numbersOf(slot: number): readonly number[] {
    const known = this.#ofSlot.get(slot);
    if (known !== undefined) return known;
    const numbers = this.#groupsOf(slot).map((group) => this.#number(group));
    this.#ofSlot.set(slot, numbers);
    return numbers;
  }

  #number(group: Group): number {
    const key = JSON.stringify(group);
    const number = this.#numbers.get(key) ?? this.#groups.push(group) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}
