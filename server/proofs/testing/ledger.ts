import type { Call } from './connect.ts';

interface Page<T> {
  items: T[];
  next: string | null;
}

interface Crossing {
  id: string;
  decision: string;
  reason: string | null;
  bytes: { received: number; sent: number };
}

interface Exposure {
  subject: string;
  class: string;
  treatment: string;
  crossings: number;
  connection: { id: string };
}

/** All items of a list of the API, page by page. */
async function readAll<T>(call: Call, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null; ; ) {
    const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<T> = await call('GET', `${path}&limit=200${more}`);
    items.push(...page.items);
    cursor = page.next;
    if (cursor === null) return items;
  }
}

/** All crossings of a connection, as the control plane shows them. */
export const crossingsOf = (call: Call, connection: string): Promise<Crossing[]> =>
  readAll(call, `/crossings?connection=${connection}`);

/** Who was seen in a connection with a field of this class, and in how many crossings. */
export async function exposuresOf(
  call: Call,
  vendor: string,
  connection: string,
  fieldClass: string,
): Promise<Exposure[]> {
  const all = await readAll<Exposure>(call, `/vendors/${vendor}/exposures?class=${fieldClass}`);
  return all.filter((one) => one.connection.id === connection);
}

/** Members that occur more than once. */
export function repeated<T>(values: readonly T[]): T[] {
  const seen = new Set<T>();
  return values.filter((value) => seen.size === seen.add(value).size);
}
