import type { PersonRow } from '../api/identity-types.ts';
import { m } from '../messages/en.ts';

/** What somebody is now: access that ended by its date is told apart from access that was taken away. */
export function personState(person: PersonRow, now: number): 'invited' | 'active' | 'ended' | 'offboarded' {
  if (person.state === 'offboarded') return 'offboarded';
  if (person.accessEnds !== null && Date.parse(person.accessEnds) <= now) return 'ended';
  return person.state;
}

/** As they are called; by their address until they said their name. */
export function calledBy(person: PersonRow): string {
  return person.name === '' ? (person.email ?? m.people.noName) : person.name;
}

/** Every word typed is in the name or the address. */
export function fitsSearch(person: PersonRow, typed: string): boolean {
  const text = `${person.name} ${person.email ?? ''}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((part) => text.includes(part));
}

export function factorsText(person: PersonRow): string {
  return m.people.factorsOf(person.factors.passkeys, person.factors.totp);
}
