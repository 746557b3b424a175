import { m } from '../messages/en.ts';

const words = m.people;

/** What people call a role. One that this console does not know yet keeps its own name. */
export function roleName(role: string): string {
  return words.roleNames[role] ?? role;
}

export function roleNames(roles: readonly string[]): string {
  return roles.map(roleName).join(', ');
}

/** In the order in which they are offered. */
export const knownRoles = Object.keys(words.roleNames);

/** A day as a field of a form has it, to the end of that day in UTC; null for an empty field. */
export function endOf(day: string): string | null {
  return day === '' ? null : `${day}T23:59:59.999Z`;
}
