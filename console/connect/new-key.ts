import type { NewVirtualKey } from '../api/types.ts';

/**
 * Keys that were just made, by connection, in this page's memory alone: a reload forgets them, as it should.
 */
const keys = new Map<string, NewVirtualKey>();

export function rememberNewKey(connection: string, key: NewVirtualKey): void {
  keys.set(connection, key);
}

export function newKeyOf(connection: string): NewVirtualKey | undefined {
  return keys.get(connection);
}
