import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import { sendingTreatments } from './facts.ts';

/** What a vendor got, by kind of data. Empty `connection`: over all of them; empty `class`: over all kinds. */
export interface Exposed {
  vendor: string;
  connection: string;
  class: string;
  /** People, each once; of a kind that was treated in several ways, those of the way that reached most. */
  people: number;
}

/** What vendors got, by connection and kind: also kinds that spoke of nobody known, with nobody counted. */
export async function exposedBy(platform: Platform, vendors: readonly string[]): Promise<Exposed[]> {
  if (vendors.length === 0) return [];
  const only = [...new Set(vendors)];
  const found = await sql<Exposed>`
    SELECT vendor, connection, class, max(people)::int AS people FROM (
      SELECT vendor, connection, class, people FROM people_count
        WHERE about = 'person' AND vendor = ANY (${only}) AND (class = '' OR treatment = ANY (${sendingTreatments}))
      UNION ALL SELECT vendor, connection, class, 0 FROM exposure_slot WHERE vendor = ANY (${only}) AND treatment = ANY (${sendingTreatments})
      UNION ALL SELECT vendor, '', class, 0 FROM exposure_slot WHERE vendor = ANY (${only}) AND treatment = ANY (${sendingTreatments})
    ) AS one GROUP BY vendor, connection, class ORDER BY vendor, connection, class`.execute(platform.db);
  return found.rows;
}
