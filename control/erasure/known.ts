import type { Sealed } from '@drawbridge/protocol';
import type pg from 'pg';
import { type Erased, subjectText } from '../crossings/index.ts';
import { holdErasures } from './locks.ts';
import type { Sealing } from './sealing.ts';

/**
 * The erasures that are done, for shipments that come after them. Whom they are about is opened once, and known in this
 * process's memory only.
 */
export function knownErasures(sealing: Sealing): Erased {
  const erasedAt = new Map<string, number>();
  let place = 0;
  return {
    async asOf(client: pg.PoolClient) {
      await holdErasures(client);
      const fresh = await client.query<{ place: number; id: string; at: Date; sealed: Sealed }>(
        'SELECT place, id, at, sealed FROM erasure WHERE place > $1 ORDER BY place',
        [place],
      );
      for (const row of fresh.rows) {
        const { subjects } = await sealing.open(row.id, row.sealed);
        for (const subject of subjects) {
          const text = subjectText(subject);
          erasedAt.set(text, Math.max(erasedAt.get(text) ?? 0, row.at.getTime()));
        }
        place = Math.max(place, row.place);
      }
      if (erasedAt.size === 0) return null;
      return (subject, at) => at <= (erasedAt.get(subjectText(subject)) ?? Number.NEGATIVE_INFINITY);
    },
  };
}
