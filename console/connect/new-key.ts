/**
 * Keys that were just made, by connection, in this page's memory alone: a reload forgets them, as it should.
 */
const keys = new Map<string, string>();

export function rememberNewKey(connection: string, key: string): void {
  keys.set(connection, key);
}

export function newKeyOf(connection: string): string | undefined {
  return keys.get(connection);
}
