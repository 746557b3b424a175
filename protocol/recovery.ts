import { z } from 'zod';

/** Recovery drills: a vendor is treated as lost for one app or a share of the traffic, for some minutes. */

const Id = z.string().min(1).max(60);

/** So many run at once at most, each for another app. */
export const MOST_DRILLS = 50;
/** The longest that one may run, by the clock of each gateway. */
const LONGEST_DRILL_MS = 4 * 3_600_000;

export const RecoveryDrillSchema = z
  .strictObject({
    id: Id,
    vendor: Id,
    /** Left out: all apps. */
    app: Id.optional(),
    /** Of these apps' requests to the vendor, in ten thousandths. */
    share: z.int().min(1).max(10_000),
    /** Milliseconds since 1970, by the gateway's clock: nothing but these ends it there. */
    from: z.int(),
    until: z.int(),
  })
  .refine(({ from, until }) => until > from && until - from <= LONGEST_DRILL_MS, {
    path: ['until'],
    message: 'is at most four hours after `from`',
  });
export type RecoveryDrill = z.infer<typeof RecoveryDrillSchema>;

/** What a leaf says of the drill that it was part of. `held`: its events were kept first, and this is their sending. */
export const LeafDrillSchema = z.strictObject({ id: Id, held: z.literal(true).optional() });
export type LeafDrill = z.infer<typeof LeafDrillSchema>;

/** Hexadecimal digits of an id (UUID version 7) that the lot is drawn by: all of them are random. */
const DRAWN = [-16, -8] as const;

/**
 * The drill that a request is part of; null: none. The same answer for the same id. Of many random ids a drill gets its
 * share. `crossing`: UUID version 7; `now`: milliseconds since 1970.
 */
export function drillOf<D extends RecoveryDrill>(
  drills: readonly D[],
  app: string,
  crossing: string,
  now: number,
): D | null {
  for (const drill of drills) {
    if (drill.app !== undefined && drill.app !== app) continue;
    if (now < drill.from || now >= drill.until) continue;
    const lot = Number.parseInt(crossing.slice(...DRAWN).replace('-', ''), 16) % 10_000;
    if (lot < drill.share) return drill;
  }
  return null;
}
