import type { Clock } from '@drawbridge/clocks';
import { z } from '@hono/zod-openapi';
import type { IncidentBook, IncidentHead } from '../incidents/index.ts';
import { type Caller, decodeCursor, encodeCursor, Problem } from '../platform/index.ts';
import { isLive, type Reckoned } from './reckoning.ts';

/** The wall: clocks of all incidents beside each other. */

export interface WallItem {
  incident: { id: string; number: number; title: string; drill: boolean };
  clock: Clock;
}

const Cursor = z.tuple([z.number(), z.uuid(), z.string().max(61)]);
type Key = z.infer<typeof Cursor>;

/** When something has to be done: the strict time, or at once, where there is no number. Milliseconds since 1970. */
export const dueOf = ({ due, start }: Clock): number => Date.parse(due?.at ?? start?.at ?? '');

/** Clocks that run, the soonest first. */
export function wallOf(
  reckoned: readonly Reckoned[],
  query: { limit: number; cursor?: string | undefined },
): { items: WallItem[]; next: string | null } {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, Cursor);
  const all = reckoned
    .flatMap(({ head, result }) =>
      result.clocks.filter(isLive).map((clock) => ({
        key: [dueOf(clock), head.id, clock.rule] satisfies Key,
        item: { incident: headOf(head), clock },
      })),
    )
    .filter(({ key }) => after === null || inOrder(after, key) < 0)
    .sort((a, b) => inOrder(a.key, b.key));
  const kept = all.slice(0, query.limit);
  const last = kept.at(-1);
  return {
    items: kept.map(({ item }) => item),
    next: all.length > kept.length && last !== undefined ? encodeCursor(last.key) : null,
  };
}

const headOf = ({ id, number, title, drill }: IncidentHead): WallItem['incident'] => ({
  id,
  number,
  title,
  drill,
});

function inOrder(a: Key, b: Key): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1;
  return a[2] === b[2] ? 0 : a[2] < b[2] ? -1 : 1;
}

/** Without what somebody may not know of: restricted incidents of which they are no member. */
export async function visibleTo<T extends { head: Pick<IncidentHead, 'id' | 'restricted'> }>(
  book: Pick<IncidentBook, 'expectVisible'>,
  reckoned: readonly T[],
  who: Pick<Caller, 'id' | 'kind'>,
): Promise<T[]> {
  const seen = await Promise.all(
    reckoned.map(async (one) => {
      if (!one.head.restricted) return true;
      try {
        await book.expectVisible(one.head.id, who);
        return true;
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return false;
        throw error;
      }
    }),
  );
  return reckoned.filter((_, index) => seen[index] === true);
}
